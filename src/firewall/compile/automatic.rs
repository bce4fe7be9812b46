//! The lines of the policy around the rules.

use super::{builder::Builder, chains, matches, sets};
use crate::firewall::{
    Action, Automatic, CheckedRuleset, Direction, Family, InterfaceName, Line, Policy, list,
    nft::{Comparison, Key, Limit, Operand, Statement, Value},
};

/// `ICMPv6` of neighbour discovery; a router must not forward it, so it arrives with the full hop limit. Redirects (137)
/// aren't among them: no network needs them and they let a neighbour turn traffic aside.
const NEIGHBOURS: [u8; 4] = [133, 134, 135, 136];
/// Multicast listener discovery; never leaves the link, so the hop limit is 1.
const LISTENERS: [u8; 4] = [130, 131, 132, 143];
/// Destination unreachable (with the path MTU), time exceeded, parameter problem.
const ERRORS4: [u8; 3] = [3, 11, 12];
/// Destination unreachable, packet too big, time exceeded, parameter problem.
const ERRORS6: [u8; 4] = [1, 2, 3, 4];

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

impl Builder {
    /// Before conntrack, so that a ban also ends what is established and a flood costs no conntrack entry.
    pub(super) fn early(&mut self, policy: &Policy) {
        let neighbours = [any(Key::IcmpType(Family::V6), &NEIGHBOURS), is(Key::HopLimit, Value::from(255))];
        self.push(chains::EARLY, Automatic::Loopback, vec![loopback(Key::InputInterface), Statement::Accept]);
        self.push(chains::EARLY, Automatic::Neighbours, [neighbours.to_vec(), vec![Statement::Accept]].concat());
        for family in Family::BOTH {
            self.shut_out(Automatic::Ban, sets::ban(family), family);
            self.shut_out(Automatic::Ban, sets::ban_net(family), family);
            self.shut_out(Automatic::DenyList, sets::list(list::DENY, family), family);
        }
        if policy.tcp_flags {
            let end = self.end(Automatic::TcpFlags, Action::Drop, false);
            let impossible: Vec<u8> = (0..0x40).filter(|flags| is_impossible(*flags)).collect();
            self.push(chains::EARLY, Automatic::TcpFlags, [vec![any(Key::TcpFlags(0x3f), &impossible)], end].concat());
        }
        if policy.reverse_path {
            let end = self.end(Automatic::ReversePath, Action::Drop, false);
            let unreachable = is(Key::ReversePath, Value::Flag(false));
            self.push(chains::EARLY, Automatic::ReversePath, [vec![unreachable], end].concat());
        }
    }

    fn shut_out(&mut self, line: Automatic, set: String, family: Family) {
        let end = self.end(line, Action::Drop, false);
        let listed = Statement::Match(Key::Source(family), Comparison::Is, Operand::Set(set));
        let allowed = Operand::Set(sets::list(list::ALLOW, family));
        let not_allowed = Statement::Match(Key::Source(family), Comparison::IsNot, allowed);
        self.push(chains::EARLY, line, [vec![listed, not_allowed], end].concat());
    }

    pub(super) fn input(&mut self, policy: &Policy) {
        self.push(chains::INPUT, Automatic::Loopback, vec![loopback(Key::InputInterface), Statement::Accept]);
        self.ping(policy);
        self.established(chains::INPUT);
        self.needed_icmp(chains::INPUT);
        self.link_icmp(chains::INPUT);
        if policy.dhcpv6 {
            self.dhcpv6();
        }
        self.invalid(chains::INPUT, policy);
        self.push(chains::INPUT, Automatic::DefaultIn, vec![Statement::GoTo(chains::INCOMING.to_owned())]);
    }

    /// What is published for a container is judged like what this host itself listens to.
    pub(super) fn forward(&mut self, checked: &CheckedRuleset) {
        let policy = &checked.ruleset().parts().policy;
        self.established(chains::FORWARD);
        self.needed_icmp(chains::FORWARD);
        self.invalid(chains::FORWARD, policy);
        let published = has(Key::Status, &["dnat"]);
        let incoming = Statement::GoTo(chains::INCOMING.to_owned());
        self.push(chains::FORWARD, Automatic::DefaultIn, vec![published, incoming]);
        self.rules(chains::FORWARD, checked, Direction::Forward);
        self.default(chains::FORWARD, Automatic::DefaultForward, policy.forwarded);
    }

    pub(super) fn output(&mut self, checked: &CheckedRuleset) {
        self.push(chains::OUTPUT, Automatic::Loopback, vec![loopback(Key::OutputInterface), Statement::Accept]);
        self.established(chains::OUTPUT);
        self.needed_icmp(chains::OUTPUT);
        self.link_icmp(chains::OUTPUT);
        self.rules(chains::OUTPUT, checked, Direction::Out);
        self.default(chains::OUTPUT, Automatic::DefaultOut, checked.ruleset().parts().policy.outgoing);
    }

    pub(super) fn incoming(&mut self, checked: &CheckedRuleset) {
        let policy = &checked.ruleset().parts().policy;
        if let Some(rate) = policy.syn_flood {
            let opens = is(Key::TcpFlags(FIN | SYN | RST | ACK), Value::from(SYN));
            self.hold_to(chains::INCOMING, Automatic::SynFlood, Limit::Rate(rate), &[opens]);
        }
        if let Some(most) = policy.connections {
            self.hold_to(chains::INCOMING, Automatic::ConnectionFlood, Limit::Connections(most.get()), &[]);
        }
        for family in Family::BOTH {
            let allowed = Operand::Set(sets::list(list::ALLOW, family));
            let listed = Statement::Match(Key::Source(family), Comparison::Is, allowed);
            let end = self.end(Automatic::AllowList, Action::Allow, false);
            self.push(chains::INCOMING, Automatic::AllowList, [vec![listed], end].concat());
        }
        self.rules(chains::INCOMING, checked, Direction::In);
        self.default(chains::INCOMING, Automatic::DefaultIn, policy.incoming);
    }

    fn rules(&mut self, chain: &str, checked: &CheckedRuleset, direction: Direction) {
        let rules = checked.ruleset().parts().rules.iter();
        for rule in rules.filter(|rule| rule.enabled && rule.direction == direction) {
            let rate = rule.new_connections.map(Limit::Rate);
            let limits: Vec<Limit> =
                rate.into_iter().chain(rule.connections.map(|most| Limit::Connections(most.get()))).collect();
            let end = match rule.action {
                Action::Allow => self.end_within(Line::Rule(rule.id), Line::Limit(rule.id), &limits, rule.log),
                Action::Drop | Action::Reject => self.end(Line::Rule(rule.id), rule.action, true),
            };
            for alternative in matches::alternatives(rule, checked) {
                self.push(chain, Line::Rule(rule.id), [alternative, end.clone()].concat());
            }
        }
    }

    /// Before `established`: the second ping of a flood already belongs to an established connection.
    fn ping(&mut self, policy: &Policy) {
        let Some(rate) = policy.ping else { return };
        let line = Line::Automatic(Automatic::Ping);
        let end = self.end_within(line, Automatic::PingLimit.into(), &[Limit::Rate(rate)], false);
        for (family, echo) in [(Family::V4, 8), (Family::V6, 128)] {
            let asks = is(Key::IcmpType(family), Value::from(echo));
            self.push(chains::INPUT, line, [vec![asks], end.clone()].concat());
        }
    }

    fn established(&mut self, chain: &str) {
        let known = has(Key::State, &["established", "related"]);
        self.push(chain, Automatic::Established, vec![known, Statement::Accept]);
    }

    fn needed_icmp(&mut self, chain: &str) {
        for (family, types) in [(Family::V4, &ERRORS4[..]), (Family::V6, &ERRORS6[..])] {
            self.push(chain, Automatic::NeededIcmp, vec![any(Key::IcmpType(family), types), Statement::Accept]);
        }
    }

    fn link_icmp(&mut self, chain: &str) {
        let lines = [(Automatic::Neighbours, &NEIGHBOURS[..], 255), (Automatic::NeededIcmp, &LISTENERS[..], 1)];
        for (line, types, hops) in lines {
            let matches = vec![any(Key::IcmpType(Family::V6), types), is(Key::HopLimit, Value::from(hops))];
            self.push(chain, line, [matches, vec![Statement::Accept]].concat());
        }
    }

    /// The question goes to a multicast address, so conntrack doesn't know the answer.
    fn dhcpv6(&mut self) {
        let link_local = Value::Addresses(matches::constant("fe80::/10"));
        let end = self.end(Automatic::Dhcpv6, Action::Allow, false);
        let matches = vec![
            is(Key::Source(Family::V6), link_local),
            is(Key::UdpSourcePort, Value::Number(547)),
            is(Key::OriginalPort, Value::Number(546)),
        ];
        self.push(chains::INPUT, Automatic::Dhcpv6, [matches, end].concat());
    }

    fn invalid(&mut self, chain: &str, policy: &Policy) {
        if policy.invalid {
            let end = self.end(Automatic::Invalid, Action::Drop, false);
            self.push(chain, Automatic::Invalid, [vec![has(Key::State, &["invalid"])], end].concat());
        }
    }
}

/// A TCP packet opens (SYN), resets (RST) or goes on (ACK). Without any of them, or with two that exclude each other,
/// nobody honest sent it.
const fn is_impossible(flags: u8) -> bool {
    let clash =
        flags & (FIN | SYN) == FIN | SYN || flags & (SYN | RST) == SYN | RST || flags & (FIN | RST) == FIN | RST;
    clash || flags & (SYN | RST | ACK) == 0
}

fn loopback(key: Key) -> Statement {
    let name = InterfaceName::parse("lo").expect("a constant of the right form");
    is(key, Value::word(name.as_str()))
}

fn is(key: Key, value: Value) -> Statement {
    Statement::Match(key, Comparison::Is, Operand::One(value))
}

fn any(key: Key, numbers: &[u8]) -> Statement {
    Statement::Match(key, Comparison::Is, Operand::Any(numbers.iter().copied().map(Value::from).collect()))
}

fn has(key: Key, words: &[&str]) -> Statement {
    let words = words.iter().map(|word| Value::word(*word)).collect();
    Statement::Match(key, Comparison::HasAny, Operand::Any(words))
}
