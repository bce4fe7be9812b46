//! `portreeve explain`: which line decides a packet, and on which way.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use clap::Args;
use serde::Serialize;

use super::{console::Console, rules};
use crate::{
    actions::HelperSocket,
    firewall::{
        Action, AddressRange, CheckedRuleset, Family, InterfaceName, Line, Target, bits, check, compile,
        simulate::{Connection, Effect, Outcome, Packet, Passage, Route, Simulator, Situation},
        untrusted, witness,
    },
};

/// The most that is printed of a note.
const LONGEST_NOTE: usize = 500;

/// Says which line of a ruleset decides a packet.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A ruleset in its text form; without it the helper is asked for the confirmed one.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// The sender.
    #[arg(long, value_name = "ADDRESS")]
    from: IpAddr,
    /// What it wants to reach: 443/tcp, icmp/8, icmpv6/128 or protocol/47.
    #[arg(long, value_name = "PORT/PROTOCOL")]
    to: Target,
    /// The address it names; without it one that only rules for every address match.
    #[arg(long, value_name = "ADDRESS")]
    at: Option<IpAddr>,
    /// The interface it comes in by, or goes out by with --out; without it the one that the routes tell.
    #[arg(long)]
    interface: Option<InterfaceName>,
    /// It goes from this host to `--at` instead of coming in.
    #[arg(long)]
    out: bool,
    /// It belongs to a connection that exists.
    #[arg(long)]
    established: bool,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
    #[command(flatten)]
    console: Console,
}

/// What decides on this host, or on paper.
struct Case {
    checked: CheckedRuleset,
    situation: Situation,
    /// The revision that the receipts name.
    revision: u64,
    /// Whose ruleset it is.
    heading: String,
}

#[derive(Serialize)]
struct Explanation<'a> {
    packet: &'a Packet,
    outcome: &'a Outcome,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let case = match &self.rules {
            Some(file) => self.on_paper(file)?,
            None => self.in_force()?,
        };
        let packet = self.packet(&case)?;
        let compiled = compile(&case.checked, case.revision);
        let outcome = Simulator::new(&compiled, &case.situation).judge(&packet);
        let words = words(&packet, &outcome, &case);
        self.console.print(&Explanation { packet: &packet, outcome: &outcome }, &words)
    }

    fn on_paper(&self, file: &Path) -> anyhow::Result<Case> {
        let checked = rules::read_checked(file, &self.networks)?;
        let situation = Situation { now: rules::now(), bans: Vec::new(), routes: Vec::new() };
        Ok(Case { checked, situation, revision: 0, heading: String::new() })
    }

    fn in_force(&self) -> anyhow::Result<Case> {
        let ruleset = self.console.ask(HelperSocket::read_confirmed)?;
        let ruleset = ruleset.context("no ruleset is confirmed: portreeve status, or name a file with --rules")?;
        let survey = self.console.ask(HelperSocket::read_survey)?;
        let bans = self.console.ask(HelperSocket::read_bans)?.into_iter().map(|ban| ban.addresses).collect();
        let state = self.console.ask(HelperSocket::read_state)?;
        let checked = check(ruleset, &rules::surroundings(Some(&survey), &self.networks));
        let checked = checked.map_err(|_| anyhow!("the confirmed ruleset has errors by the rules of this version"))?;
        let revision = state.confirmed.unwrap_or_default();
        let heading = if state.mode.is_of_revision() && state.pending.is_none() {
            format!("By revision {revision}:\n")
        } else {
            format!("By the confirmed revision {revision}, which isn't what is in force now (portreeve status):\n")
        };
        let situation = Situation { now: rules::now(), bans, routes: survey.routes };
        Ok(Case { checked, situation, revision, heading })
    }

    fn packet(&self, case: &Case) -> anyhow::Result<Packet> {
        let family = Family::of(self.from);
        let at = self.at.unwrap_or_else(|| family.address(0));
        let interface = match &self.interface {
            Some(interface) => interface.clone(),
            None => interface_towards(if self.out { at } else { self.from }, &case.situation.routes)?,
        };
        let passage = if self.out { Passage::Out { output: interface } } else { Passage::In { input: interface } };
        let content = witness::content(&self.to, case.checked.ruleset(), family)
            .with_context(|| format!("{} doesn't exist or not in the family of {}", self.to, self.from))?;
        let mut packet = Packet::first(self.from, at, content, passage)?;
        if self.established {
            packet.connection = Connection::Established;
        }
        Ok(packet)
    }
}

/// Where answers to an address leave; the narrowest route counts.
fn interface_towards(address: IpAddr, routes: &[Route]) -> anyhow::Result<InterfaceName> {
    let size = |route: &&Route| bits(route.network.last()) - bits(route.network.first());
    let route = routes.iter().filter(|route| route.network.contains(address)).min_by_key(size);
    Ok(route.map_or_else(|| InterfaceName::parse("eth0"), |route| Ok(route.interface.clone()))?)
}

fn words(packet: &Packet, outcome: &Outcome, case: &Case) -> String {
    let mut lines = vec![format!("{}{packet}", case.heading)];
    for step in &outcome.path {
        let effect = match &step.effect {
            Effect::Continue(chain) => format!("goes on in {chain}"),
            Effect::Log(receipt) => format!("writes the receipt {receipt}"),
            Effect::Limit(_) => "is held to a limit of its source".to_owned(),
            Effect::Decide(action) => format!("{}s", action.as_str()),
        };
        lines.push(format!("  {:<10} {:<16} {effect}", step.chain, step.line.to_string()));
    }
    lines.push(format!("{}.", sentence(outcome.verdict.action, outcome.verdict.line, &case.checked)));
    for verdict in &outcome.above {
        lines.push(format!("Above the limit: {}.", sentence(verdict.action, verdict.line, &case.checked)));
    }
    lines.join("\n") + "\n"
}

fn sentence(action: Action, line: Option<Line>, checked: &CheckedRuleset) -> String {
    let done = match action {
        Action::Allow => "allowed",
        Action::Drop => "dropped",
        Action::Reject => "rejected",
    };
    let Some(line) = line else { return done.to_owned() };
    let rule = checked.ruleset().parts().rules.iter().find(|rule| Line::Rule(rule.id) == line);
    match rule.filter(|rule| !rule.note.is_empty()) {
        Some(rule) => format!("{done} by {line} ({})", untrusted::tame(rule.note.as_str(), LONGEST_NOTE)),
        None => format!("{done} by {line}"),
    }
}
