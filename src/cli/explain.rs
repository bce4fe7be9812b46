//! `portreeve explain`: which line decides a packet, and on which way.

use std::{io::Write, net::IpAddr, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::rules;
use crate::firewall::{
    Action, AddressRange, CheckedRuleset, Family, InterfaceName, Line, Target, compile,
    simulate::{Connection, Effect, Outcome, Packet, Passage, Simulator, Situation},
    witness,
};

/// Says which line of a ruleset decides a packet.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The ruleset in its text form.
    #[arg(long)]
    rules: PathBuf,
    /// The sender.
    #[arg(long, value_name = "ADDRESS")]
    from: IpAddr,
    /// What it wants to reach: 443/tcp, icmp/8, icmpv6/128 or protocol/47.
    #[arg(long, value_name = "PORT/PROTOCOL")]
    to: Target,
    /// The address it names; without it one that only rules for every address match.
    #[arg(long, value_name = "ADDRESS")]
    at: Option<IpAddr>,
    /// The interface it comes in by, or goes out by with --out.
    #[arg(long, default_value = "eth0")]
    interface: InterfaceName,
    /// It goes from this host to `--at` instead of coming in.
    #[arg(long)]
    out: bool,
    /// It belongs to a connection that exists.
    #[arg(long)]
    established: bool,
    /// A network this host has an address in; what `own-networks` means. Can be given more than once.
    #[arg(long = "network", value_name = "PREFIX")]
    networks: Vec<AddressRange>,
    /// Answers in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Explanation<'a> {
    packet: &'a Packet,
    outcome: &'a Outcome,
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let checked = rules::read_checked(&self.rules, &self.networks)?;
        let packet = packet(&self, &checked)?;
        let compiled = compile(&checked, 0);
        let situation = Situation { now: rules::now(), bans: Vec::new(), routes: Vec::new() };
        let outcome = Simulator::new(&compiled, &situation).judge(&packet);
        let mut out = std::io::stdout().lock();
        if self.json {
            let explanation = Explanation { packet: &packet, outcome: &outcome };
            return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&explanation)?)?);
        }
        Ok(print(&packet, &outcome, &checked, &mut out)?)
    }
}

fn packet(wanted: &Explain, checked: &CheckedRuleset) -> anyhow::Result<Packet> {
    let family = Family::of(wanted.from);
    let at = wanted.at.unwrap_or_else(|| family.address(0));
    let interface = wanted.interface.clone();
    let passage = if wanted.out { Passage::Out { output: interface } } else { Passage::In { input: interface } };
    let content = witness::content(&wanted.to, checked.ruleset(), family)
        .ok_or_else(|| anyhow::anyhow!("{} doesn't exist or not in the family of {}", wanted.to, wanted.from))?;
    let mut packet = Packet::first(wanted.from, at, content, passage)?;
    if wanted.established {
        packet.connection = Connection::Established;
    }
    Ok(packet)
}

fn print(packet: &Packet, outcome: &Outcome, checked: &CheckedRuleset, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{packet}")?;
    for step in &outcome.path {
        let effect = match &step.effect {
            Effect::Continue(chain) => format!("goes on in {chain}"),
            Effect::Log(receipt) => format!("writes the receipt {receipt}"),
            Effect::Limit(_) => "is held to a limit of its source".to_owned(),
            Effect::Decide(action) => format!("{}s", action.as_str()),
        };
        writeln!(out, "  {:<10} {:<16} {effect}", step.chain, step.line.to_string())?;
    }
    writeln!(out, "{}.", sentence(outcome.verdict.action, outcome.verdict.line, checked))?;
    for verdict in &outcome.above {
        writeln!(out, "Above the limit: {}.", sentence(verdict.action, verdict.line, checked))?;
    }
    Ok(())
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
        Some(rule) => format!("{done} by {line} ({})", rule.note),
        None => format!("{done} by {line}"),
    }
}
