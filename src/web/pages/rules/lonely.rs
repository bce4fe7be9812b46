//! Rules that let something in where nobody listens.

use crate::firewall::{Action, Direction, Listener, Rule, Ruleset, Targets, check, listener::Transport};

/// Whether a rule lets something in to ports at which no program listens. Other rules don't wait for a listener.
pub(in crate::web::pages) fn is_lonely(rule: &Rule, ruleset: &Ruleset, listeners: &[Listener]) -> bool {
    if rule.action != Action::Allow || rule.direction != Direction::In {
        return false;
    }
    let to = Targets::resolve(&rule.to, |name| check::ports_of(ruleset, name).unwrap_or_default());
    let only_ports = to.icmp.is_empty() && to.icmpv6.is_empty() && to.protocols.is_empty();
    let has_ports = !to.tcp.is_empty() || !to.udp.is_empty();
    let heard = |listener: &Listener| {
        let ranges = if listener.transport == Transport::Tcp { &to.tcp } else { &to.udp };
        !listener.bind.is_loopback() && ranges.iter().any(|range| range.contains(listener.port))
    };
    only_ports && has_ports && !listeners.iter().any(heard)
}
