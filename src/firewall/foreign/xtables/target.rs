//! What a rule does.

use std::net::IpAddr;

use super::{pieces::Choice, value};
use crate::firewall::foreign::{Statement, Translation, Verdict};

/// Extensions that have no say in who reaches what: they write down, count or change what nobody here asks about.
const NO_SAY: [&str; 20] = [
    "AUDIT",
    "CHECKSUM",
    "CLASSIFY",
    "CONNSECMARK",
    "DSCP",
    "ECN",
    "HL",
    "IDLETIMER",
    "LED",
    "LOG",
    "NFLOG",
    "RATEEST",
    "SECMARK",
    "SET",
    "TCPMSS",
    "TCPOPTSTRIP",
    "TEE",
    "TOS",
    "TRACE",
    "TTL",
];

/// A rule's target.
pub(super) struct Target<'a> {
    /// Whether it goes to a chain and not back.
    pub(super) is_goto: bool,
    /// A chain, or an extension.
    pub(super) name: &'a str,
    /// Its options.
    pub(super) choices: &'a [Choice],
    /// What was left that isn't one of its options.
    pub(super) rest: &'a [String],
}

impl Target<'_> {
    /// Whether it does nothing but keep something out.
    pub(super) fn is_refusal(&self) -> bool {
        !self.is_goto && ["DROP", "REJECT"].contains(&self.name)
    }

    /// Its statements. What isn't understood is among them as words.
    pub(super) fn read(&self, chains: &[&str]) -> Vec<Statement> {
        if chains.contains(&self.name) {
            let (name, is_goto) = (self.name.to_owned(), self.is_goto);
            return vec![Statement::Verdict(if is_goto { Verdict::GoTo(name) } else { Verdict::Jump(name) })];
        }
        let read = match self.name {
            _ if self.is_goto => None,
            name if NO_SAY.contains(&name) => return Vec::new(),
            "CT" | "NOTRACK" => return self.tracking(),
            "MARK" | "CONNMARK" => Some(self.mark()),
            "DNAT" | "REDIRECT" => self.translation().map(Statement::Translate),
            "SNAT" | "MASQUERADE" => Some(Statement::Translate(Translation::Source)),
            _ => self.verdict().map(Statement::Verdict),
        };
        vec![read.unwrap_or_else(|| Statement::UnknownAct(self.words()))]
    }

    fn verdict(&self) -> Option<Verdict> {
        Some(match self.name {
            "ACCEPT" => Verdict::Accept,
            "DROP" => Verdict::Drop,
            "REJECT" => Verdict::Reject,
            "RETURN" => Verdict::Return,
            "NFQUEUE" => Verdict::Queue,
            _ => return None,
        })
    }

    fn words(&self) -> String {
        let choices = self.choices.iter().map(Choice::words);
        [self.name.to_owned()].into_iter().chain(choices).chain(self.rest.iter().cloned()).collect::<Vec<_>>().join(" ")
    }

    fn chosen(&self, name: &str) -> Option<&str> {
        self.choices.iter().find(|choice| choice.name == name).map(Choice::value)
    }

    /// A helper, a zone or a timeout for the connection changes nothing of what is asked here.
    fn tracking(&self) -> Vec<Statement> {
        let is_notrack = |word: &String| word == "--notrack";
        let is_off = self.name == "NOTRACK" || self.chosen("--notrack").is_some() || self.rest.iter().any(is_notrack);
        is_off.then_some(Statement::NoTrack).into_iter().collect()
    }

    fn mark(&self) -> Statement {
        let is_connection = self.name == "CONNMARK";
        let is_whole = |name: &str| self.chosen(name).is_none_or(|mask| value::integer(mask) == Some(u32::MAX));
        match self.chosen("--set-xmark").map(value::masked) {
            Some(Some((value, mask))) if is_connection => Statement::SetConnectionMark { mask, value },
            Some(Some((value, mask))) => Statement::SetMark { mask, value },
            None if !is_connection || !is_whole("--nfmask") || !is_whole("--ctmask") => Statement::LoseMarks,
            None if self.chosen("--save-mark").is_some() => Statement::SaveMark,
            None if self.chosen("--restore-mark").is_some() => Statement::RestoreMark,
            _ => Statement::LoseMarks,
        }
    }

    fn translation(&self) -> Option<Translation> {
        if !self.rest.is_empty() {
            return None;
        }
        if self.name == "REDIRECT" {
            let port = self.chosen("--to-ports").map(first_port);
            return Some(Translation::Redirect { port: port.map_or(Some(None), |port| port.map(Some))? });
        }
        let (address, port) = destination(self.chosen("--to-destination")?)?;
        Some(Translation::Destination { address, port })
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `192.0.2.1:80-90`, `:80`, and for IPv6 the same with the address in brackets. Of several
/// addresses nobody knows which it will be.
fn destination(text: &str) -> Option<(Option<IpAddr>, Option<u16>)> {
    if let Ok(address) = text.parse() {
        return Some((Some(address), None));
    }
    let (address, port) = text.rsplit_once(':')?;
    let address = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let address = if address.is_empty() { None } else { Some(address.parse().ok()?) };
    Some((address, Some(first_port(port)?)))
}

/// The first of several; `first-last/base`, where each port has its own counterpart, isn't read.
fn first_port(text: &str) -> Option<u16> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    last.parse::<u16>().ok()?;
    first.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read() {
        for (text, expected) in [
            ("172.17.0.2:80", Some((Some("172.17.0.2"), Some(80)))),
            ("172.17.0.2", Some((Some("172.17.0.2"), None))),
            ("[fd00::2]:80-90", Some((Some("fd00::2"), Some(80)))),
            ("fd00::2", Some((Some("fd00::2"), None))),
            (":8080", Some((None, Some(8080)))),
            ("10.0.0.1-10.0.0.9:80", None),
            ("10.0.0.1:8000-8010/80", None),
            ("", None),
        ] {
            let expected = expected.map(|(address, port)| (address.map(|text| text.parse().unwrap()), port));
            assert_eq!(destination(text), expected, "{text}");
        }
    }
}
