//! What a ruleset means, written straight from `docs/policy.md` and as plainly as possible. It shares no code with
//! `compile` or `simulate`.

use std::net::IpAddr;

use portreeve::firewall::{
    Action, Automatic, CheckedRuleset, Direction, Family, Line, Peer, Rule, Target,
    listener::Transport,
    simulate::{Connection, Content, Packet, Passage, Situation, Verdict},
};

pub struct Expected {
    pub verdict: Verdict,
    pub above: Vec<Verdict>,
}

pub fn judge(checked: &CheckedRuleset, situation: &Situation, packet: &Packet) -> Expected {
    let mut above = Vec::new();
    let observes = checked.ruleset().parts().policy.observe;
    let early = |checked, situation, packet| early(checked, situation, packet).filter(|_| !observes);
    let verdict = match &packet.passage {
        Passage::Out { .. } => output(checked, situation, packet),
        Passage::In { .. } => {
            early(checked, situation, packet).unwrap_or_else(|| input(checked, situation, packet, &mut above))
        }
        Passage::Forward { .. } => {
            early(checked, situation, packet).unwrap_or_else(|| forward(checked, situation, packet, &mut above))
        }
    };
    let passed =
        |verdict: Verdict| Verdict { action: if observes { Action::Allow } else { verdict.action }, ..verdict };
    Expected { verdict: passed(verdict), above: above.into_iter().map(passed).collect() }
}

fn says(action: Action, line: Automatic) -> Verdict {
    Verdict { action, line: Some(Line::Automatic(line)) }
}

fn on_list(checked: &CheckedRuleset, situation: &Situation, name: &str, address: IpAddr) -> bool {
    let lists = &checked.ruleset().parts().lists;
    let entries = lists.iter().filter(|list| list.name.as_str() == name).flat_map(|list| &list.entries);
    entries
        .filter(|entry| entry.expires_at.is_none_or(|moment| moment > situation.now))
        .any(|entry| entry.addresses.contains(address))
}

fn is_neighbour(packet: &Packet) -> bool {
    packet.family() == Family::V6 && packet.hop_limit == 255 && matches!(packet.content, Content::Icmp(133..=136))
}

fn early(checked: &CheckedRuleset, situation: &Situation, packet: &Packet) -> Option<Verdict> {
    let policy = &checked.ruleset().parts().policy;
    let source = packet.source();
    if input_name(packet) == "lo" || is_neighbour(packet) {
        return None;
    }
    let allowed = on_list(checked, situation, "allow", source);
    if !allowed && situation.bans.iter().any(|ban| ban.contains(source)) {
        return Some(says(Action::Drop, Automatic::Ban));
    }
    if !allowed && on_list(checked, situation, "deny", source) {
        return Some(says(Action::Drop, Automatic::DenyList));
    }
    if let Content::Tcp { flags, .. } = packet.content
        && policy.tcp_flags
    {
        let (fin, syn, rst, ack) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0, flags & 16 != 0);
        if [fin, syn, rst].into_iter().filter(|set| *set).count() > 1 || !(syn || rst || ack) {
            return Some(says(Action::Drop, Automatic::TcpFlags));
        }
    }
    if policy.reverse_path && !comes_from_where_answers_go(situation, packet) {
        return Some(says(Action::Drop, Automatic::ReversePath));
    }
    None
}

fn comes_from_where_answers_go(situation: &Situation, packet: &Packet) -> bool {
    let length = |route: &&portreeve::firewall::simulate::Route| {
        route.network.to_prefix().map_or(0, |prefix| prefix.prefix_len())
    };
    let routes: Vec<_> = situation.routes.iter().filter(|route| route.network.contains(packet.source())).collect();
    let longest = routes.iter().copied().map(|route| length(&route)).max();
    situation.routes.is_empty()
        || routes.iter().any(|route| Some(length(route)) == longest && route.interface.as_str() == input_name(packet))
}

fn input_name(packet: &Packet) -> &str {
    match &packet.passage {
        Passage::In { input } | Passage::Forward { input, .. } => input.as_str(),
        Passage::Out { .. } => "",
    }
}

fn output_name(packet: &Packet) -> &str {
    match &packet.passage {
        Passage::Out { output } => output.as_str(),
        Passage::In { .. } | Passage::Forward { .. } => "",
    }
}

/// What passes wherever it goes: connections that exist and the errors that networks need.
fn passes(packet: &Packet) -> Option<Verdict> {
    if matches!(packet.connection, Connection::Established | Connection::Related) {
        return Some(says(Action::Allow, Automatic::Established));
    }
    let needed = match (packet.content, packet.family()) {
        (Content::Icmp(kind), Family::V4) => matches!(kind, 3 | 11 | 12),
        (Content::Icmp(kind), Family::V6) => matches!(kind, 1..=4),
        _ => false,
    };
    needed.then(|| says(Action::Allow, Automatic::NeededIcmp))
}

fn on_the_link(packet: &Packet) -> Option<Verdict> {
    if is_neighbour(packet) {
        return Some(says(Action::Allow, Automatic::Neighbours));
    }
    let listeners = packet.family() == Family::V6 && matches!(packet.content, Content::Icmp(130 | 131 | 132 | 143));
    (listeners && packet.hop_limit == 1).then(|| says(Action::Allow, Automatic::NeededIcmp))
}

fn input(checked: &CheckedRuleset, situation: &Situation, packet: &Packet, above: &mut Vec<Verdict>) -> Verdict {
    let policy = &checked.ruleset().parts().policy;
    if input_name(packet) == "lo" {
        return says(Action::Allow, Automatic::Loopback);
    }
    let echo = if packet.family() == Family::V4 { 8 } else { 128 };
    if policy.ping.is_some() && packet.content == Content::Icmp(echo) {
        above.push(says(Action::Drop, Automatic::PingLimit));
        return says(Action::Allow, Automatic::Ping);
    }
    if let Some(verdict) = passes(packet).or_else(|| on_the_link(packet)) {
        return verdict;
    }
    let link_local = matches!(packet.source(), IpAddr::V6(source) if source.is_unicast_link_local());
    if policy.dhcpv6
        && link_local
        && packet.is_tracked()
        && matches!(packet.content, Content::Udp { from: 547, .. })
        && named_port(packet) == Some(546)
    {
        return says(Action::Allow, Automatic::Dhcpv6);
    }
    if policy.invalid && packet.connection == Connection::Invalid {
        return says(Action::Drop, Automatic::Invalid);
    }
    incoming(checked, situation, packet, above)
}

fn forward(checked: &CheckedRuleset, situation: &Situation, packet: &Packet, above: &mut Vec<Verdict>) -> Verdict {
    let policy = &checked.ruleset().parts().policy;
    if let Some(verdict) = passes(packet) {
        return verdict;
    }
    if policy.invalid && packet.connection == Connection::Invalid {
        return says(Action::Drop, Automatic::Invalid);
    }
    if packet.original.is_some() {
        return incoming(checked, situation, packet, above);
    }
    rules(checked, situation, packet, Direction::Forward, above)
        .unwrap_or_else(|| says(policy.forwarded, Automatic::DefaultForward))
}

fn output(checked: &CheckedRuleset, situation: &Situation, packet: &Packet) -> Verdict {
    if output_name(packet) == "lo" {
        return says(Action::Allow, Automatic::Loopback);
    }
    passes(packet)
        .or_else(|| on_the_link(packet))
        .or_else(|| rules(checked, situation, packet, Direction::Out, &mut Vec::new()))
        .unwrap_or_else(|| says(checked.ruleset().parts().policy.outgoing, Automatic::DefaultOut))
}

fn incoming(checked: &CheckedRuleset, situation: &Situation, packet: &Packet, above: &mut Vec<Verdict>) -> Verdict {
    let policy = &checked.ruleset().parts().policy;
    if policy.syn_flood.is_some() && matches!(packet.content, Content::Tcp { flags, .. } if flags & 0x17 == 2) {
        above.push(says(Action::Drop, Automatic::SynFlood));
    }
    if policy.connections.is_some() {
        above.push(says(Action::Drop, Automatic::ConnectionFlood));
    }
    if on_list(checked, situation, "allow", packet.source()) {
        return says(Action::Allow, Automatic::AllowList);
    }
    rules(checked, situation, packet, Direction::In, above)
        .unwrap_or_else(|| says(policy.incoming, Automatic::DefaultIn))
}

fn rules(
    checked: &CheckedRuleset,
    situation: &Situation,
    packet: &Packet,
    direction: Direction,
    above: &mut Vec<Verdict>,
) -> Option<Verdict> {
    let rules = checked.ruleset().parts().rules.iter();
    let rule = rules
        .filter(|rule| rule.enabled && rule.direction == direction)
        .find(|rule| matches(checked, situation, packet, rule))?;
    let limits = usize::from(rule.new_connections.is_some()) + usize::from(rule.connections.is_some());
    let limited = Verdict { action: Action::Drop, line: Some(Line::Limit(rule.id)) };
    above.extend(std::iter::repeat_n(limited, limits));
    Some(Verdict { action: rule.action, line: Some(Line::Rule(rule.id)) })
}

/// The destination that the sender named; unknown without a connection.
fn named_destination(packet: &Packet) -> Option<IpAddr> {
    let named = packet.original.map_or(packet.destination(), |original| original.destination);
    packet.is_tracked().then_some(named)
}

fn named_port(packet: &Packet) -> Option<u16> {
    let (Content::Tcp { port, .. } | Content::Udp { port, .. }) = packet.content else { return None };
    packet.is_tracked().then(|| packet.original.map_or(port, |original| original.port))
}

fn matches(checked: &CheckedRuleset, situation: &Situation, packet: &Packet, rule: &Rule) -> bool {
    let outgoing = rule.direction == Direction::Out;
    let name = if outgoing { output_name(packet) } else { input_name(packet) };
    let (who, at) = if outgoing {
        (named_destination(packet), Some(packet.source()))
    } else {
        (Some(packet.source()), named_destination(packet))
    };
    let is = |peer: &Peer, address: IpAddr| match peer {
        Peer::Addresses(range) => range.contains(address),
        Peer::List(list) => on_list(checked, situation, list.as_str(), address),
        Peer::OwnNetworks => checked.networks().iter().any(|network| network.contains(address)),
    };
    let who = rule.who.is_empty() || who.is_some_and(|address| rule.who.iter().any(|peer| is(peer, address)));
    let at = rule.at.is_empty() || at.is_some_and(|address| rule.at.iter().any(|range| range.contains(address)));
    let through = rule.interfaces.is_empty() || rule.interfaces.iter().any(|interface| interface.as_str() == name);
    let started = rule.starts_at.is_none_or(|moment| situation.now >= moment);
    let living = started && rule.expires_at.is_none_or(|moment| situation.now < moment);
    let to = rule.to.is_empty() || rule.to.iter().any(|target| reaches(checked, packet, target));
    who && at && through && living && to
}

fn reaches(checked: &CheckedRuleset, packet: &Packet, target: &Target) -> bool {
    let ports = |ports: &portreeve::firewall::Ports| {
        let carried = match packet.content {
            Content::Tcp { .. } => ports.transport == Transport::Tcp,
            Content::Udp { .. } => ports.transport == Transport::Udp,
            Content::Icmp(_) | Content::Other(_) => false,
        };
        carried && named_port(packet).is_some_and(|port| ports.range.contains(port))
    };
    match target {
        Target::Ports(range) => ports(range),
        Target::Service(name) => checked.ports_of(name).iter().any(ports),
        Target::Icmp(kind) => packet.family() == Family::V4 && packet.content == Content::Icmp(*kind),
        Target::Icmpv6(kind) => packet.family() == Family::V6 && packet.content == Content::Icmp(*kind),
        Target::Protocol(number) => packet.protocol() == *number,
    }
}
