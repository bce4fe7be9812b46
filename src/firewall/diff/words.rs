//! The sentences of a difference.

use std::fmt;

use super::{Atom, Change, Through};
use crate::firewall::{
    Action, AddressRange, Direction, Family, Policy,
    addr::{bits, merge},
    listener::Transport,
};

/// How many ranges or ports a sentence lists before it counts the rest.
const LISTED: usize = 4;

impl fmt::Display for Atom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ports(ports) if ports.range.first() == 1 && ports.range.last() == u16::MAX => {
                write!(out, "all of {}", ports.transport.as_str())
            }
            Self::Ports(ports) => ports.fmt(out),
            Self::Icmp(8) | Self::Icmpv6(128) => out.write_str("ping"),
            Self::Icmp(kind) => write!(out, "icmp/{kind}"),
            Self::Icmpv6(kind) => write!(out, "icmpv6/{kind}"),
            Self::Protocol(number) => write!(out, "protocol/{number}"),
            Self::OtherProtocols => out.write_str("all other protocols"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, to) = (who(&self.who), to(&self.to));
        let may = match (self.before.action, self.after.action) {
            (_, Action::Allow) => "can now",
            (Action::Allow, Action::Drop | Action::Reject) => "can no longer",
            (_, Action::Drop) => "is dropped instead of rejected when trying to",
            (_, Action::Reject) => "is rejected instead of dropped when trying to",
        };
        match self.direction {
            Direction::In => write!(out, "{who} {may} reach {to}")?,
            Direction::Out => write!(out, "this host {may} reach {to} at {who}")?,
            Direction::Forward => write!(out, "{who} {may} pass through to {to}")?,
        }
        if let Some(at) = self.at {
            write!(out, " at {at}")?;
        }
        match &self.through {
            Through::Any => Ok(()),
            Through::Interface(name) => write!(out, " through {name}"),
            Through::Others => out.write_str(" through interfaces that no rule names"),
        }
    }
}

impl Change {
    /// Whether it is about all addresses of a family, or about all but a few.
    #[must_use]
    pub fn is_about_everybody(&self) -> bool {
        Family::BOTH.into_iter().any(|family| Share::of(&self.who, family).is_most())
    }
}

/// How much of a family some ranges are.
enum Share {
    None,
    Some,
    /// All but these.
    Most(Vec<AddressRange>),
}

impl Share {
    fn of(ranges: &[AddressRange], family: Family) -> Self {
        let ranges = merge(ranges, family);
        let others = others(&ranges, family);
        if ranges.is_empty() {
            Self::None
        } else if others.len() <= LISTED && extent(&others) < extent(&ranges) {
            Self::Most(others)
        } else {
            Self::Some
        }
    }

    const fn is_most(&self) -> bool {
        matches!(self, Self::Most(_))
    }
}

/// How many addresses the ranges have, less one for each range.
fn extent(ranges: &[AddressRange]) -> u128 {
    let sizes = ranges.iter().map(|range| bits(range.last()) - bits(range.first()));
    sizes.fold(0, u128::saturating_add)
}

/// What ranges that are in order and don't touch leave out.
fn others(ranges: &[AddressRange], family: Family) -> Vec<AddressRange> {
    let mut found = Vec::new();
    let mut next = Some(0);
    for range in ranges {
        if let (Some(first), Some(last)) = (next, bits(range.first()).checked_sub(1)) {
            found.extend(AddressRange::between(family.address(first), family.address(last)));
        }
        next = bits(range.last()).checked_add(1).filter(|next| *next <= family.last_bits());
    }
    found.extend(
        next.and_then(|first| AddressRange::between(family.address(first), family.address(family.last_bits()))),
    );
    found
}

fn who(ranges: &[AddressRange]) -> String {
    let but = |all: &str, others: &[AddressRange]| match others {
        [] => all.to_owned(),
        others => format!("{all} but {}", listed(others)),
    };
    match (Share::of(ranges, Family::V4), Share::of(ranges, Family::V6)) {
        (Share::Most(v4), Share::Most(v6)) => but("everybody", &[v4, v6].concat()),
        (Share::Most(v4), Share::None) => but("every IPv4 address", &v4),
        (Share::None, Share::Most(v6)) => but("every IPv6 address", &v6),
        _ => listed(ranges),
    }
}

fn to(atoms: &[Atom]) -> String {
    let all = |transport| {
        atoms.iter().any(|atom| match atom {
            Atom::Ports(ports) => {
                ports.transport == transport && ports.range.first() == 1 && ports.range.last() == u16::MAX
            }
            _ => false,
        })
    };
    if all(Transport::Tcp) && all(Transport::Udp) && atoms.contains(&Atom::OtherProtocols) {
        return "everything".to_owned();
    }
    listed(atoms)
}

fn listed<T: fmt::Display + PartialEq>(things: &[T]) -> String {
    let mut texts: Vec<String> = things.iter().map(ToString::to_string).collect();
    texts.dedup();
    match texts.len().checked_sub(LISTED) {
        Some(more @ 1..) => format!("{} and {more} more", texts[..LISTED].join(", ")),
        _ => texts.join(", "),
    }
}

/// What is switched or tuned besides the defaults.
pub(in crate::firewall) fn protections(old: &Policy, new: &Policy) -> Vec<String> {
    let switches = [
        ("packets of no connection", old.invalid, new.invalid),
        ("impossible TCP flags", old.tcp_flags, new.tcp_flags),
        ("forged sources", old.reverse_path, new.reverse_path),
    ];
    let mut found = Vec::new();
    if old.observe != new.observe {
        let clause = if new.observe { "nothing is turned away, only observed" } else { "the rules are enforced" };
        found.push(clause.to_owned());
    }
    for (what, _, after) in switches.into_iter().filter(|(_, before, after)| before != after) {
        found.push(format!("{what} are {} dropped", if after { "now" } else { "no longer" }));
    }
    if old.dhcpv6 != new.dhcpv6 {
        found.push(format!("answers of DHCPv6 servers are {} let in", if new.dhcpv6 { "now" } else { "no longer" }));
    }
    let limit = |what: &str, before: Option<String>, after: Option<String>| {
        let word = |limit: &Option<String>| limit.clone().unwrap_or_else(|| "off".to_owned());
        (before != after).then(|| format!("{what} of each source: {} instead of {}", word(&after), word(&before)))
    };
    let text = |rate: Option<crate::firewall::Rate>| rate.map(|rate| rate.to_string());
    found.extend(limit("new TCP connections", text(old.syn_flood), text(new.syn_flood)));
    let count = |most: Option<std::num::NonZeroU32>| most.map(|most| most.to_string());
    found.extend(limit("connections at once", count(old.connections), count(new.connections)));
    found.extend(limit("pings", text(old.ping), text(new.ping)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_said_by_what_is_left_out_where_that_is_shorter() {
        for (ranges, expected) in [
            (&["0.0.0.0/0", "::/0"][..], "everybody"),
            (&["::/0"], "every IPv6 address"),
            (&["0.0.0.0-192.0.1.255", "192.0.3.0-255.255.255.255", "::/0"], "everybody but 192.0.2.0/24"),
            (&["0.0.0.1-255.255.255.255"], "every IPv4 address but 0.0.0.0"),
            (&["0.0.0.0/0", "2001:db8::/32"], "0.0.0.0/0, 2001:db8::/32"),
            (&["10.0.0.0/8", "192.0.2.1"], "10.0.0.0/8, 192.0.2.1"),
            (&["0.0.0.0/2"], "0.0.0.0/2"),
        ] {
            let ranges: Vec<AddressRange> = ranges.iter().map(|text| AddressRange::parse(text).expect(text)).collect();
            assert_eq!(who(&ranges), expected);
        }
    }
}
