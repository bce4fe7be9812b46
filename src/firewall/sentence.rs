//! A rule in plain English: "Allow list office to reach ssh (22/tcp), at most 6 new connections a minute from each source".

use std::fmt::Display;

use super::{Action, Direction, InterfaceName, Peer, Per, Rate, Rule, Ruleset, Target, check, instant};

/// How many things of a kind a sentence lists before it counts the rest.
const LISTED: usize = 4;

/// Says what a rule does, without a full stop. The ruleset knows the ports of services of one's own. Whether the rule is
/// enabled is left to the reader of the sentence: it is the same rule either way.
#[must_use]
pub fn of(rule: &Rule, ruleset: &Ruleset) -> String {
    let record = if rule.log && rule.action == Action::Allow { ", and record it" } else { "" };
    let until = rule.expires_at.map(|moment| format!(", until {}", instant::print(moment))).unwrap_or_default();
    let from = rule.starts_at.map(|moment| format!(", from {}", instant::print(moment))).unwrap_or_default();
    format!("{}{}{}{record}{from}{until}", act(rule, ruleset), by_interfaces(rule), limits(rule))
}

/// One of the things that a rule reaches: `ssh (22/tcp)`, `ping (IPv4)`.
#[must_use]
pub fn target(target: &Target, ruleset: &Ruleset) -> String {
    match target {
        Target::Service(name) => match check::ports_of(ruleset, name) {
            Some(ports) if !ports.is_empty() => format!("{name} ({})", listed(&ports, ", ")),
            _ => name.to_string(),
        },
        Target::Icmp(8) => "ping (IPv4)".to_owned(),
        Target::Icmpv6(128) => "ping (IPv6)".to_owned(),
        Target::Protocol(number) => match protocol(*number) {
            Some(name) => format!("protocol {number} ({name})"),
            None => format!("protocol {number}"),
        },
        Target::Ports(_) | Target::Icmp(_) | Target::Icmpv6(_) => target.to_string(),
    }
}

/// One of those a rule is about: `list office`, `this host's own networks`.
#[must_use]
pub fn peer(peer: &Peer) -> String {
    match peer {
        Peer::Addresses(range) => range.to_string(),
        Peer::List(name) => format!("list {name}"),
        Peer::OwnNetworks => "this host's own networks".to_owned(),
    }
}

fn act(rule: &Rule, ruleset: &Ruleset) -> String {
    let (who, to) = (who(rule), to(rule, ruleset));
    let verb = match rule.action {
        Action::Allow => "Allow",
        Action::Drop => "Drop what comes from",
        Action::Reject => "Reject what comes from",
    };
    let infinitive = rule.action == Action::Allow;
    match rule.direction {
        Direction::In => {
            let who = who.unwrap_or_else(|| "everybody".to_owned());
            let at = at(rule, "this host's address");
            format!("{verb} {who} {} {to}{at}", if infinitive { "to reach" } else { "to" })
        }
        Direction::Out => {
            let who = who.map(|who| format!(" at {who}")).unwrap_or_default();
            let from = at(rule, "its address").replacen(" at ", " from ", 1);
            format!("{verb} this host{from} {} {to}{who}", if infinitive { "to reach" } else { "to" })
        }
        Direction::Forward => {
            let who = who.unwrap_or_else(|| "everybody".to_owned());
            let at = at(rule, "");
            format!("{verb} {who} {} {to}{at}", if infinitive { "to pass through to" } else { "and passes through to" })
        }
    }
}

fn who(rule: &Rule) -> Option<String> {
    let peers: Vec<String> = rule.who.iter().map(peer).collect();
    (!peers.is_empty()).then(|| listed(&peers, " and "))
}

fn to(rule: &Rule, ruleset: &Ruleset) -> String {
    let targets: Vec<String> = rule.to.iter().map(|one| target(one, ruleset)).collect();
    if targets.is_empty() { "everything".to_owned() } else { listed(&targets, " and ") }
}

fn at(rule: &Rule, what: &str) -> String {
    match rule.at.len() {
        0 => String::new(),
        _ if what.is_empty() => format!(" at {}", listed(&rule.at, " and ")),
        1 => format!(" at {what} {}", rule.at[0]),
        _ => format!(" at {what}es {}", listed(&rule.at, " and ")),
    }
}

fn by_interfaces(rule: &Rule) -> String {
    if rule.interfaces.is_empty() {
        return String::new();
    }
    let way = match rule.direction {
        Direction::In | Direction::Forward => "coming in by",
        Direction::Out => "leaving by",
    };
    let names: Vec<&str> = rule.interfaces.iter().map(InterfaceName::as_str).collect();
    format!(", {way} {}", listed(&names, " or "))
}

fn limits(rule: &Rule) -> String {
    let connections = rule.connections.map(|most| {
        let noun = if most.get() == 1 { "connection" } else { "connections" };
        format!(", at most {most} {noun} at once from each source")
    });
    rule.new_connections.map(rate).unwrap_or_default() + &connections.unwrap_or_default()
}

fn rate(rate: Rate) -> String {
    let noun = if rate.count() == 1 { "new connection" } else { "new connections" };
    let per = match rate.per() {
        Per::Hour => "an hour",
        Per::Second => "a second",
        Per::Minute => "a minute",
        Per::Day => "a day",
    };
    let burst = if rate.burst() == rate.count() { String::new() } else { format!(" ({} at once)", rate.burst()) };
    format!(", at most {} {noun} {per} from each source{burst}", rate.count())
}

/// `a, b and c`, or `a, b, c, d and 7 more`.
fn listed<T: Display>(things: &[T], last: &str) -> String {
    let mut texts: Vec<String> = things.iter().take(LISTED).map(ToString::to_string).collect();
    if things.len() > LISTED {
        return format!("{} and {} more", texts.join(", "), things.len() - LISTED);
    }
    match texts.pop() {
        Some(end) if texts.is_empty() => end,
        Some(end) => format!("{}{last}{end}", texts.join(", ")),
        None => String::new(),
    }
}

/// The names of protocols that firewalls meet, by IANA's numbers.
fn protocol(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "ICMP",
        2 => "IGMP",
        4 => "IP in IP",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6 in IP",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "ICMPv6",
        89 => "OSPF",
        112 => "VRRP",
        132 => "SCTP",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(fields: &str) -> String {
        let json = format!(
            r#"{{"services":[{{"name":"app","ports":["9000/tcp","9001-9003/udp"]}}],"rules":[{{"id":1,{fields}}}]}}"#
        );
        let ruleset: Ruleset = serde_json::from_str(&json).expect(fields);
        of(&ruleset.parts().rules[0], &ruleset)
    }

    #[test]
    fn a_sentence_names_who_what_and_how_much() {
        for (fields, expected) in [
            (
                r#""action":"allow","direction":"in","who":["203.0.113.0/24","list:office"],"to":["ssh"],
                   "new_connections":"6/minute","expires_at":"2026-11-25T10:00:00Z""#,
                "Allow 203.0.113.0/24 and list office to reach ssh (22/tcp), at most 6 new connections a minute from \
                 each source, until 2026-11-25T10:00:00Z",
            ),
            (r#""action":"allow","direction":"in""#, "Allow everybody to reach everything"),
            (
                r#""action":"drop","direction":"in","who":["own-networks"],"to":["telnet","icmp/8","protocol/47"],"interfaces":["eth0","wg0"]"#,
                "Drop what comes from this host's own networks to telnet (23/tcp), ping (IPv4) and protocol 47 (GRE), \
                 coming in by eth0 or wg0",
            ),
            (
                r#""action":"allow","direction":"out","who":["192.0.2.53"],"to":["dns"],"at":["192.0.2.1"]"#,
                "Allow this host from its address 192.0.2.1 to reach dns (53/tcp, 53/udp) at 192.0.2.53",
            ),
            (
                r#""action":"reject","direction":"out","to":["25/tcp"],"interfaces":["eth0"]"#,
                "Reject what comes from this host to 25/tcp, leaving by eth0",
            ),
            (
                r#""action":"drop","direction":"forward","who":["10.0.0.0/8"],"at":["192.0.2.0/24"],"to":["app"]"#,
                "Drop what comes from 10.0.0.0/8 and passes through to app (9000/tcp, 9001-9003/udp) at 192.0.2.0/24",
            ),
            (
                r#""action":"allow","direction":"in","to":["app","protocol/200","no-such"],"at":["192.0.2.1","2001:db8::1"],
                   "new_connections":"1/hour burst 5","connections":1,"log":true"#,
                "Allow everybody to reach app (9000/tcp, 9001-9003/udp), protocol 200 and no-such at this host's \
                 addresses 192.0.2.1 and 2001:db8::1, at most 1 new connection an hour from each source (5 at once), at \
                 most 1 connection at once from each source, and record it",
            ),
        ] {
            assert_eq!(sentence(fields), expected);
        }
    }

    #[test]
    fn a_long_list_is_counted() {
        let ports: Vec<String> = (1..=30).map(|port| format!("\"{}/tcp\"", port * 100)).collect();
        let fields = format!(r#""action":"allow","direction":"in","to":[{}]"#, ports.join(","));
        assert_eq!(sentence(&fields), "Allow everybody to reach 100/tcp, 200/tcp, 300/tcp, 400/tcp and 26 more");
    }
}
