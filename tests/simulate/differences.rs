//! What `diff` says of two rulesets, against packets that know nothing of its pieces.

use portreeve::firewall::{
    CheckedRuleset, Direction, Ruleset, check, compile,
    diff::{Atom, Change, Through, diff},
    listener::Transport,
    simulate::{Content, Packet, Passage, Simulator, Situation},
    text,
};

use super::generate::{self, Random, surroundings};
use crate::kernel::lab::now;

fn situation() -> Situation {
    Situation { now: now(), bans: Vec::new(), routes: Vec::new() }
}

fn checked(ruleset: &str) -> CheckedRuleset {
    check(text::parse(ruleset).expect("a text form"), &surroundings()).expect("no errors")
}

fn sentences(old: &str, new: &str) -> Vec<String> {
    let found = diff(&checked(old), &checked(new), &situation());
    assert_eq!(found.unexamined, 0);
    found.changes.iter().map(ToString::to_string).chain(found.protections).collect()
}

fn rule(id: u32, action: &str, fields: &str) -> String {
    format!("[[rules]]\nid = {id}\naction = \"{action}\"\ndirection = \"in\"\n{fields}\n")
}

#[test]
fn gains_and_losses_are_said_in_words() {
    let ssh = rule(1, "allow", "to = [\"ssh\"]");
    let web = rule(2, "allow", "to = [\"http\", \"443/tcp\"]");
    assert_eq!(sentences(&ssh, &(ssh.clone() + &web)), ["everybody can now reach 80/tcp, 443/tcp"]);
    assert_eq!(sentences(&(ssh.clone() + &web), &ssh), ["everybody can no longer reach 80/tcp, 443/tcp"]);
    let office = rule(1, "allow", "to = [\"ssh\"]\nwho = [\"203.0.113.0/24\"]");
    assert_eq!(sentences(&ssh, &office), ["everybody but 203.0.113.0/24 can no longer reach 22/tcp"]);
    let lan = rule(1, "allow", "to = [\"ssh\"]\ninterfaces = [\"lan0\"]");
    assert_eq!(sentences(&ssh, &lan), ["everybody can no longer reach 22/tcp through interfaces that no rule names"]);
    let at = rule(1, "allow", "to = [\"ssh\"]\nat = [\"192.0.2.1\"]");
    assert_eq!(sentences("", &at), ["every IPv4 address can now reach 22/tcp at 192.0.2.1"]);
}

#[test]
fn order_switches_and_defaults_count() {
    let allow = rule(1, "allow", "to = [\"1-1023/tcp\"]");
    let deny = rule(2, "drop", "who = [\"198.51.100.7\"]");
    assert_eq!(
        sentences(&(allow.clone() + &deny), &(deny.clone() + &allow)),
        ["198.51.100.7 can no longer reach 1-1023/tcp"]
    );
    assert!(sentences(&(allow.clone() + &deny), &(allow.clone() + &deny)).is_empty());
    let off = allow.replace("id = 1", "id = 1\nenabled = false");
    assert_eq!(sentences(&allow, &off), ["everybody can no longer reach 1-1023/tcp"]);
    let noted = allow.replace("id = 1", "id = 1\nnote = \"why\"\nlog = true");
    assert!(sentences(&allow, &noted).is_empty(), "a note changes nothing");
    let enforced = sentences(&format!("[policy]\nobserve = true\n{allow}"), &allow);
    assert!(enforced.iter().any(|sentence| sentence.starts_with("everybody can no longer reach")), "{enforced:?}");
    assert!(enforced.contains(&"the rules are enforced".to_owned()), "{enforced:?}");
    let open = sentences("", "[policy]\nincoming = \"allow\"");
    assert!(open[0].starts_with("everybody can now reach everything") || open.len() <= 3, "{open:?}");
    assert_eq!(
        sentences("", "[policy]\ntcp_flags = false\nping = \"off\"\nsyn_flood = \"1/second\""),
        [
            "every IPv4 address can no longer reach ping",
            "every IPv6 address can no longer reach ping",
            "impossible TCP flags are no longer dropped",
            "new TCP connections of each source: 1/second instead of 200/second burst 400",
            "pings of each source: off instead of 10/second burst 20",
        ]
    );
}

#[test]
fn lists_and_services_count() {
    let ruleset = |entry: &str, port: &str| {
        rule(1, "allow", "who = [\"list:office\"]\nto = [\"game\"]")
            + &format!(
                "[[lists]]\nname = \"office\"\nentries = [\"{entry}\"]\n[[services]]\nname = \"game\"\nports = [\"{port}\"]\n"
            )
    };
    let old = ruleset("203.0.113.0/25", "27015/udp");
    assert_eq!(sentences(&old, &ruleset("203.0.113.0/24", "27015/udp")), ["203.0.113.128/25 can now reach 27015/udp"]);
    assert_eq!(
        sentences(&old, &ruleset("203.0.113.0/25", "27016/udp")),
        ["203.0.113.0/25 can no longer reach 27015/udp", "203.0.113.0/25 can now reach 27016/udp",]
    );
    let denied = "[[lists]]\nname = \"deny\"\nentries = [\"198.51.100.7\"]\n".to_owned();
    let open = rule(1, "allow", "to = [\"ssh\"]");
    assert_eq!(
        sentences(&open, &(open.clone() + &denied)),
        ["198.51.100.7 can no longer reach ping, 22/tcp", "198.51.100.7 can no longer pass through to everything"]
    );
}

/// Two rulesets of which the second was edited a little.
fn edited(random: &mut Random) -> (CheckedRuleset, CheckedRuleset) {
    loop {
        let old = generate::ruleset(random);
        let mut parts = old.ruleset().clone().into_parts();
        let other = generate::parts(random);
        for _ in 0..=random.below(3) {
            let place = random.below(parts.rules.len().max(1));
            match random.below(5) {
                0 if !parts.rules.is_empty() => drop(parts.rules.remove(place)),
                1 if !parts.rules.is_empty() => parts.rules[place].enabled ^= true,
                2 if !parts.rules.is_empty() => {
                    let rule = parts.rules.remove(place);
                    parts.rules.push(rule);
                }
                3 => parts.policy.incoming = other.policy.incoming,
                _ => {
                    let mut rule = random.pick(&other.rules);
                    rule.id = portreeve::firewall::RuleId::new(100 + u32::try_from(parts.rules.len()).unwrap_or(0))
                        .expect("not 0");
                    parts.rules.insert(place.min(parts.rules.len()), rule);
                }
            }
        }
        if let Ok(new) = check(Ruleset::try_from(parts).expect("small"), &surroundings()) {
            return (old, new);
        }
    }
}

fn direction(packet: &Packet) -> Direction {
    match packet.passage {
        Passage::In { .. } => Direction::In,
        Passage::Forward { .. } => Direction::Forward,
        Passage::Out { .. } => Direction::Out,
    }
}

fn tells_of(change: &Change, packet: &Packet, named: &[String]) -> bool {
    let (peer, here, name) = match &packet.passage {
        Passage::In { input } | Passage::Forward { input, .. } => (packet.source(), packet.destination(), input),
        Passage::Out { output } => (packet.destination(), packet.source(), output),
    };
    let through = match &change.through {
        Through::Any => true,
        Through::Interface(interface) => interface == name,
        Through::Others => !named.contains(&name.to_string()),
    };
    let reached = change.to.iter().any(|to| match (to, packet.content) {
        (Atom::Ports(ports), Content::Tcp { port, .. }) => {
            ports.transport == Transport::Tcp && ports.range.contains(port)
        }
        (Atom::Ports(ports), Content::Udp { port, .. }) => {
            ports.transport == Transport::Udp && ports.range.contains(port)
        }
        (Atom::Icmp(kind), Content::Icmp(found)) => packet.source().is_ipv4() && *kind == found,
        (Atom::Icmpv6(kind), Content::Icmp(found)) => packet.source().is_ipv6() && *kind == found,
        _ => false,
    });
    direction(packet) == change.direction
        && through
        && reached
        && change.who.iter().any(|range| range.contains(peer))
        && change.at.is_none_or(|at| at.contains(here))
}

/// For packets that open TCP or UDP connections: a change is told exactly if the verdict changes.
#[test]
fn a_difference_is_told_exactly_if_the_verdict_changes() {
    let mut differing = 0;
    for seed in generate::seeds("PORTREEVE_DIFF_SEED", 150) {
        let mut random = Random::new(seed);
        let (old, new) = edited(&mut random);
        let situation = situation();
        let found = diff(&old, &new, &situation);
        if found.unexamined > 0 {
            continue;
        }
        let (old_compiled, new_compiled) = (compile(&old, 0), compile(&new, 0));
        let (before, after) = (Simulator::new(&old_compiled, &situation), Simulator::new(&new_compiled, &situation));
        for change in &found.changes {
            assert_eq!(before.judge(&change.witness).verdict, change.before);
            assert_eq!(after.judge(&change.witness).verdict, change.after);
        }
        for _ in 0..150 {
            let aimed_at = if random.one_in(2) { &old } else { &new };
            let packet = generate::packet(&mut random, aimed_at);
            let opens = matches!(packet.content, Content::Tcp { flags: 2, .. } | Content::Udp { .. });
            if !opens || packet.original.is_some() || matches!(packet.content, Content::Udp { from: 547, .. }) {
                continue;
            }
            let (one, two) = (before.judge(&packet).verdict, after.judge(&packet).verdict);
            differing += usize::from(one.action != two.action);
            let direction = direction(&packet);
            let rules = [&old, &new].into_iter().flat_map(|checked| &checked.ruleset().parts().rules);
            let rules = rules.filter(|rule| rule.enabled && rule.direction == direction);
            let named: Vec<String> = rules.flat_map(|rule| rule.interfaces.iter().map(ToString::to_string)).collect();
            let told = found.changes.iter().any(|change| {
                let turns = (change.before.action, change.after.action) == (one.action, two.action);
                turns && tells_of(change, &packet, &named)
            });
            assert_eq!(
                told,
                one.action != two.action,
                "PORTREEVE_DIFF_SEED={seed}: {packet:?} {one:?} {two:?}\n{:#?}\n{}\n{}",
                found.changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
                text::print(old.ruleset()),
                text::print(new.ruleset())
            );
        }
    }
    assert!(differing > 100, "only {differing} packets changed their verdict");
}
