//! Taking ports out of a rule.

use crate::firewall::{Port, PortRange, Ports, Rule, ServiceName, Target, service};

/// The rule without some ports, if it names any of them. One that named nothing else is disabled instead: without targets
/// it would be about everything.
#[must_use]
pub fn take_out(rule: &Rule, ports: &[Ports], ports_of: impl Fn(&ServiceName) -> Vec<Ports>) -> Option<Rule> {
    let to: Vec<Target> = rule.to.iter().flat_map(|target| without(target, ports, &ports_of)).collect();
    match to {
        to if to == rule.to => None,
        to if to.is_empty() => Some(Rule { enabled: false, ..rule.clone() }),
        to => Some(Rule { to, ..rule.clone() }),
    }
}

/// A port as a rule names it best.
pub(super) fn target(ports: Ports) -> Target {
    service::named(ports).map_or(Target::Ports(ports), Target::Service)
}

fn without(from: &Target, ports: &[Ports], ports_of: impl Fn(&ServiceName) -> Vec<Ports>) -> Vec<Target> {
    let named = match from {
        Target::Service(name) => ports_of(name),
        Target::Ports(named) => vec![*named],
        Target::Icmp(_) | Target::Icmpv6(_) | Target::Protocol(_) => Vec::new(),
    };
    let rest: Vec<Ports> =
        ports.iter().fold(named.clone(), |rest, gone| rest.into_iter().flat_map(|ports| cut(ports, *gone)).collect());
    if rest == named { vec![from.clone()] } else { rest.into_iter().map(target).collect() }
}

/// What is left of ports; up to two pieces.
fn cut(ports: Ports, gone: Ports) -> Vec<Ports> {
    let (range, out) = (ports.range, gone.range);
    if ports.transport != gone.transport || out.last() < range.first() || range.last() < out.first() {
        return vec![ports];
    }
    let piece = |first: Option<u16>, last: Option<u16>| {
        let range = PortRange::between(Port::new(first?)?, Port::new(last?)?)?;
        Some(Ports { transport: ports.transport, range })
    };
    let below = piece(Some(range.first()), out.first().checked_sub(1));
    let above = piece(out.last().checked_add(1), Some(range.last()));
    below.into_iter().chain(above).collect()
}
