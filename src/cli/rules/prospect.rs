//! What a ruleset in a file would change on this host.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::{Paper, errors, lifeline::Connection, now, paper::sentences, read_applicable, surroundings};
use crate::{
    actions::HelperSocket,
    boundary::limits,
    cli::console::Console,
    firewall::{
        Action, CheckedRuleset, Diff, Parts, Policy, Ruleset,
        changes::{RulesetChange, between},
        check, diff,
        enforcement::Enforcement,
        simulate::{Packet, Situation},
        untrusted, witness,
    },
};

/// The most that is printed of one line.
const LONGEST_LINE: usize = 1000;

/// The ruleset of a file, held against what is confirmed.
pub(super) struct Prospect {
    /// The ruleset of the file.
    pub(super) new: CheckedRuleset,
    /// What is enforced until now.
    pub(super) state: Enforcement,
    /// Who gains and who loses what.
    pub(super) diff: Diff,
    /// Why whoever types this would be shut out, if he would.
    pub(super) loss: Option<String>,
    changes: Vec<RulesetChange>,
}

impl Prospect {
    /// Reads the file and asks the helper for the rest.
    pub(super) fn of(paper: &Paper, console: &Console) -> anyhow::Result<Self> {
        let survey = console.ask(HelperSocket::read_survey)?;
        let surroundings = surroundings(Some(&survey), &paper.networks);
        let new = read_applicable(&paper.file, &surroundings)?;
        let state = console.ask(HelperSocket::read_state)?;
        let confirmed = console.ask(HelperSocket::read_confirmed)?;
        let is_off = confirmed.is_none();
        let old = check(confirmed.unwrap_or_else(nothing), &surroundings);
        let old = old.map_err(|problems| anyhow!("the confirmed ruleset has errors: {}", errors(&problems)))?;
        let written = if is_off { &Ruleset::default() } else { old.ruleset() };
        let changes = between(written, new.ruleset());
        let situation = Situation { now: now(), bans: Vec::new(), routes: survey.routes.clone() };
        let diff = diff(&old, &new, &situation);
        let connection = Connection::of_terminal();
        let loss = connection.and_then(|connection| connection.loss(&survey, (&old, &new), &situation));
        Ok(Self { new, state, diff, loss, changes })
    }

    /// What differs in the ruleset, a sentence each.
    pub(super) fn changes(&self) -> Vec<String> {
        self.changes.iter().map(ToString::to_string).collect()
    }

    /// All of it in words.
    pub(super) fn words(&self) -> String {
        let before = match self.state.confirmed {
            Some(revision) => format!("Compared with revision {revision}:"),
            None => "Compared with a host without Portreeve's rules:".to_owned(),
        };
        let waiting = self.state.pending.map(|pending| {
            format!("Warning: revision {} waits for a confirmation; this one would take its place", pending.revision)
        });
        let loss = self.loss.iter().map(|loss| format!("Warning: {loss}"));
        let warnings = self.new.warnings().iter().map(|warning| format!("Warning: {warning}"));
        let lines = [before]
            .into_iter()
            .chain(self.changes())
            .chain(sentences(&self.diff))
            .chain(waiting)
            .chain(warnings)
            .chain(loss);
        lines.map(|line| untrusted::tame(&line, LONGEST_LINE) + "\n").collect()
    }

    /// Packets to be sent in the rehearsal: one for everybody who gains or loses, and one that each rule is about.
    pub(super) fn probes(&self) -> Vec<Packet> {
        let ruleset = self.new.ruleset();
        let rules = ruleset.parts().rules.iter().filter(|rule| rule.enabled);
        let witnesses = self.diff.changes.iter().map(|change| change.witness.clone());
        let packets = witnesses.chain(rules.filter_map(|rule| witness::of(rule, ruleset)));
        let mut seen = BTreeSet::new();
        packets.filter(|packet| seen.insert(packet.clone())).take(limits::PROBES).collect()
    }
}

/// What a host does without any rules.
fn nothing() -> Ruleset {
    let policy = Policy {
        incoming: Action::Allow,
        outgoing: Action::Allow,
        forwarded: Action::Allow,
        invalid: false,
        tcp_flags: false,
        reverse_path: false,
        // Not a rule, but true of such a host.
        dhcpv6: true,
        syn_flood: None,
        connections: None,
        ping: None,
        observe: false,
    };
    Ruleset::try_from(Parts { policy, ..Parts::default() }).unwrap_or_default()
}
