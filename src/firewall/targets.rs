//! What a rule reaches, with service names resolved and in order.

use std::collections::BTreeSet;

use super::{Port, PortRange, Ports, ServiceName, Target, listener::Transport};

/// Everything a rule names in `to`, merged and without repetition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// TCP ports.
    pub tcp: Vec<PortRange>,
    /// UDP ports.
    pub udp: Vec<PortRange>,
    /// ICMP types.
    pub icmp: BTreeSet<u8>,
    /// `ICMPv6` types.
    pub icmpv6: BTreeSet<u8>,
    /// Whole protocols.
    pub protocols: BTreeSet<u8>,
}

impl Targets {
    /// Resolves targets with the ports of the services they name.
    #[must_use]
    pub fn resolve(targets: &[Target], ports_of: impl Fn(&ServiceName) -> Vec<Ports>) -> Self {
        let mut found = Self::default();
        let mut ports = Vec::new();
        for target in targets {
            match target {
                Target::Service(name) => ports.extend(ports_of(name)),
                Target::Ports(named) => ports.push(*named),
                Target::Icmp(kind) => drop(found.icmp.insert(*kind)),
                Target::Icmpv6(kind) => drop(found.icmpv6.insert(*kind)),
                Target::Protocol(number) => drop(found.protocols.insert(*number)),
            }
        }
        let of =
            |transport| ports.iter().filter(|ports| ports.transport == transport).map(|ports| ports.range).collect();
        (found.tcp, found.udp) = (merge(of(Transport::Tcp)), merge(of(Transport::Udp)));
        found
    }

    /// Whether everything that `other` reaches is reached.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        let whole = |number| self.protocols.contains(&number);
        (whole(6) || inside(&self.tcp, &other.tcp))
            && (whole(17) || inside(&self.udp, &other.udp))
            && (whole(1) || self.icmp.is_superset(&other.icmp))
            && (whole(58) || self.icmpv6.is_superset(&other.icmpv6))
            && self.protocols.is_superset(&other.protocols)
    }

    /// Whether something that `other` reaches is reached.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> bool {
        let protocol = |number, mine: bool, theirs: bool| {
            let whole = |targets: &Self| targets.protocols.contains(&number);
            (whole(self) && (theirs || whole(other))) || (whole(other) && mine)
        };
        meet(&self.tcp, &other.tcp)
            || meet(&self.udp, &other.udp)
            || !self.icmp.is_disjoint(&other.icmp)
            || !self.icmpv6.is_disjoint(&other.icmpv6)
            || !self.protocols.is_disjoint(&other.protocols)
            || protocol(6, !self.tcp.is_empty(), !other.tcp.is_empty())
            || protocol(17, !self.udp.is_empty(), !other.udp.is_empty())
            || protocol(1, !self.icmp.is_empty(), !other.icmp.is_empty())
            || protocol(58, !self.icmpv6.is_empty(), !other.icmpv6.is_empty())
    }
}

fn meet(one: &[PortRange], other: &[PortRange]) -> bool {
    one.iter().any(|one| other.iter().any(|other| one.first() <= other.last() && other.first() <= one.last()))
}

fn inside(wide: &[PortRange], narrow: &[PortRange]) -> bool {
    narrow.iter().all(|range| wide.iter().any(|wide| wide.contains(range.first()) && wide.contains(range.last())))
}

fn merge(mut ranges: Vec<PortRange>) -> Vec<PortRange> {
    ranges.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some((_, last)) if range.first() <= last.saturating_add(1) => *last = range.last().max(*last),
            _ => merged.push((range.first(), range.last())),
        }
    }
    let range = |(first, last)| PortRange::between(Port::new(first)?, Port::new(last)?);
    merged.into_iter().filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Targets {
        let targets: Vec<Target> = texts.iter().map(|text| Target::parse(text).expect("a target")).collect();
        Targets::resolve(&targets, |name| crate::firewall::service::built_in(name).unwrap_or_default())
    }

    #[test]
    fn ports_that_touch_become_one_range() {
        let merged = targets(&["80/tcp", "81-90/tcp", "85-100/tcp", "102/tcp", "65535/tcp", "http"]).tcp;
        let texts: Vec<String> = merged.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["80-100", "102", "65535"]);
    }

    #[test]
    fn overlapping_goes_both_ways() {
        for (one, other, expected) in [
            ("1-1023/tcp", "ssh", true),
            ("ssh", "22/udp", false),
            ("protocol/6", "ssh", true),
            ("icmp/8", "protocol/1", true),
            ("icmp/8", "icmpv6/8", false),
            ("protocol/47", "protocol/47", true),
            ("protocol/47", "ssh", false),
        ] {
            let (one, other) = (targets(&[one]), targets(&[other]));
            assert_eq!((one.overlap(&other), other.overlap(&one)), (expected, expected), "{one:?} {other:?}");
        }
    }

    #[test]
    fn covering_looks_at_each_kind() {
        let wide = targets(&["1-1023/tcp", "protocol/17", "icmp/8"]);
        assert!(wide.cover(&targets(&["ssh", "53/udp", "icmp/8"])));
        for beyond in ["1024/tcp", "icmp/0", "icmpv6/128", "protocol/47", "protocol/6"] {
            assert!(!wide.cover(&targets(&[beyond])), "{beyond}");
        }
    }
}
