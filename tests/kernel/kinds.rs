//! Every kind of rule and every line of the policy, once where it lets through and once where it doesn't, with real
//! packets. Each is also put to the simulator.

use portreeve::firewall::{
    Action, check, compile,
    nft::Present,
    simulate::{Content, Packet, SYN, Simulator, bytes::Shape},
    text,
};

use super::lab::{Lab, Probe, address, now};
use crate::simulate::generate::surroundings;

const WORLD: &str = "198.51.100.7";
const OTHER: &str = "203.0.113.9";
const WORLD6: &str = "2001:db8::7";
const OTHER6: &str = "2001:db8:ffff::9";
const HOST: &str = "10.99.1.1";
const HOST6: &str = "fd99:1::1";

/// A ruleset of one rule.
fn rule(fields: &str) -> String {
    format!("[policy]\nping = \"off\"\n[[rules]]\nid = 1\n{fields}")
}

fn allow(fields: &str) -> String {
    rule(&format!("action = \"allow\"\ndirection = \"in\"\n{fields}"))
}

fn through(name: &str, source: &str, destination: &str, content: Content) -> Packet {
    Lab::packet(address(source), address(destination), content, name)
}

fn inward(source: &str, content: Content) -> Packet {
    let host = if source.contains(':') { HOST6 } else { HOST };
    through("world0", source, host, content)
}

fn tcp(port: u16) -> Content {
    Content::Tcp { from: 40_000, port, flags: SYN }
}

fn udp(port: u16) -> Content {
    Content::Udp { from: 40_000, port }
}

fn flags(flags: u8) -> Content {
    Content::Tcp { from: 40_000, port: 22, flags }
}

fn hops(hop_limit: u8, mut packet: Packet) -> Packet {
    packet.hop_limit = hop_limit;
    packet
}

/// Loads a ruleset, sends first what must pass and then what must not, each of a connection of its own.
fn expect(lab: &mut Lab, ruleset: &str, pass: &[Packet], stop: &[Packet]) {
    let ruleset = text::parse(ruleset).unwrap_or_else(|error| panic!("{ruleset}\n{error}"));
    let compiled = compile(&check(ruleset.clone(), &surroundings()).expect("no errors"), 1);
    lab.clear();
    lab.load(&compiled.batch_with_members(&Present::default(), now())).expect("loads");
    let situation = Lab::situation(Vec::new());
    let simulator = Simulator::new(&compiled, &situation);
    for (packets, passes) in [(pass, true), (stop, false)] {
        for packet in packets {
            let probe = Probe { packet: packet.clone(), shape: Shape::Whole };
            assert_eq!(lab.send(&[probe]).passed, [passes], "{packet} under {}", text::print(&ruleset));
            assert_eq!(simulator.judge(packet).verdict.action == Action::Allow, passes, "simulated: {packet}");
            lab.forget_connections();
        }
    }
}

#[test]
fn what_only_observes_lets_everything_pass_and_counts_what_it_would_not() {
    let lab = &mut Lab::new();
    let observe = "[policy]\nobserve = true\noutgoing = \"drop\"\n[[lists]]\nname = \"deny\"\n\
                   entries = [\"203.0.113.9\"]\n[[rules]]\nid = 1\naction = \"reject\"\ndirection = \"in\"\nto = [\"23/tcp\"]\n";
    let mut packets =
        vec![inward(WORLD, tcp(4711)), inward(WORLD6, udp(4711)), inward(OTHER, tcp(22)), inward(WORLD, flags(3))];
    packets.extend([inward(WORLD, tcp(23)), inward(WORLD6, tcp(23))]);
    expect(lab, observe, &packets, &[]);
    let compiled = compile(&check(text::parse(observe).expect("a ruleset"), &surroundings()).expect("no errors"), 1);
    lab.clear();
    lab.load(&compiled.batch_with_members(&Present::default(), now())).expect("loads");
    let probes: Vec<Probe> = packets.into_iter().map(|packet| Probe { packet, shape: Shape::Whole }).collect();
    let observed = lab.send(&probes);
    let counted = |line: &str| observed.counted.get(line).copied().unwrap_or(0);
    assert_eq!((counted("r1"), counted("deny-list"), counted("tcp-flags")), (2, 1, 1), "{:?}", observed.counted);
    assert!(counted("default-in") >= 2, "{:?}", observed.counted);
}

#[test]
fn targets() {
    let lab = &mut Lab::new();
    expect(
        lab,
        &allow("to = [\"22/tcp\"]"),
        &[inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))],
        &[inward(WORLD, tcp(21)), inward(WORLD, tcp(23)), inward(WORLD, udp(22)), inward(WORLD6, udp(22))],
    );
    expect(
        lab,
        &allow("to = [\"6000-6010/udp\"]"),
        &[inward(WORLD, udp(6000)), inward(WORLD6, udp(6010))],
        &[inward(WORLD, udp(5999)), inward(WORLD6, udp(6011)), inward(WORLD, tcp(6000))],
    );
    expect(lab, &allow("to = [\"dns\"]"), &[inward(WORLD, udp(53)), inward(WORLD, tcp(53))], &[inward(WORLD, udp(54))]);
    let own = "to = [\"game\"]\n[[services]]\nname = \"game\"\nports = [\"27015/udp\"]";
    expect(lab, &allow(own), &[inward(WORLD, udp(27015))], &[inward(WORLD, tcp(27015))]);
    let ping = allow("to = [\"icmp/8\"]");
    expect(
        lab,
        &ping,
        &[inward(WORLD, Content::Icmp(8))],
        &[inward(WORLD, Content::Icmp(13)), inward(WORLD6, Content::Icmp(128))],
    );
    let ping6 = allow("to = [\"icmpv6/128\"]");
    expect(lab, &ping6, &[inward(WORLD6, Content::Icmp(128))], &[inward(WORLD, Content::Icmp(8))]);
    let gre = allow("to = [\"protocol/47\"]");
    expect(
        lab,
        &gre,
        &[inward(WORLD, Content::Other(47)), inward(WORLD6, Content::Other(47))],
        &[inward(WORLD, Content::Other(50))],
    );
    expect(lab, &allow(""), &[inward(WORLD, tcp(9)), inward(WORLD6, Content::Other(50))], &[]);
}

#[test]
fn peers() {
    let lab = &mut Lab::new();
    for who in [WORLD, "198.51.100.0/24", "198.51.100.0-198.51.100.7"] {
        let ruleset = allow(&format!("who = [\"{who}\"]"));
        expect(lab, &ruleset, &[inward(WORLD, tcp(22))], &[inward(OTHER, tcp(22)), inward(WORLD6, tcp(22))]);
    }
    for who in [WORLD6, "2001:db8::/48", "2001:db8::-2001:db8::7"] {
        let ruleset = allow(&format!("who = [\"{who}\"]"));
        expect(lab, &ruleset, &[inward(WORLD6, tcp(22))], &[inward(OTHER6, tcp(22)), inward(WORLD, tcp(22))]);
    }
    let listed =
        "who = [\"list:office\"]\n[[lists]]\nname = \"office\"\nentries = [\"198.51.100.7\", \"2001:db8::/64\"]";
    let strangers = [inward(OTHER, tcp(22)), inward(OTHER6, tcp(22))];
    expect(lab, &allow(listed), &[inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))], &strangers);
    let over = listed.replace("100.7", "100.7 until 2020-01-01T00:00:00Z");
    expect(lab, &allow(&over), &[inward(WORLD6, tcp(22))], &[inward(WORLD, tcp(22))]);
    let own = allow("who = [\"own-networks\"]");
    let neighbours = [through("lan0", "10.99.2.5", HOST, tcp(22)), through("lan0", "fd99:2::5", HOST6, tcp(22))];
    expect(lab, &own, &neighbours, &strangers);
}

#[test]
fn places() {
    let lab = &mut Lab::new();
    let lan = [through("lan0", "10.99.2.5", HOST, tcp(22)), through("lan0", "fd99:2::5", HOST6, tcp(22))];
    let world = [inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))];
    expect(lab, &allow("interfaces = [\"lan0\"]"), &lan, &world);
    expect(lab, &allow("interfaces = [\"lan0\", \"world0\"]"), &[&lan[..], &world].concat(), &[]);
    let at = allow("at = [\"10.99.1.1\", \"fd99:1::/64\"]");
    let elsewhere = [through("world0", WORLD, "10.99.2.1", tcp(22)), through("world0", WORLD6, "fd99:2::1", tcp(22))];
    expect(lab, &at, &world, &elsewhere);
}

#[test]
fn actions_order_and_switches() {
    let lab = &mut Lab::new();
    let two = |first: &str, rest: &str| {
        format!(
            "[policy]\nincoming = \"allow\"\n[[rules]]\nid = 1\naction = \"{first}\"\ndirection = \"in\"\nto = [\"22/tcp\"]\n{rest}
             [[rules]]\nid = 2\naction = \"drop\"\ndirection = \"in\"\nto = [\"20-30/tcp\"]"
        )
    };
    expect(lab, &two("allow", ""), &[inward(WORLD, tcp(22)), inward(WORLD, tcp(31))], &[inward(WORLD, tcp(23))]);
    expect(lab, &two("allow", "log = true"), &[inward(WORLD, tcp(22))], &[inward(WORLD6, tcp(23))]);
    expect(lab, &two("allow", "enabled = false"), &[inward(WORLD, tcp(31))], &[inward(WORLD, tcp(22))]);
    let over = "expires_at = \"2020-01-01T00:00:00Z\"";
    expect(lab, &two("allow", over), &[inward(WORLD, tcp(31))], &[inward(WORLD, tcp(22))]);
    let future = "expires_at = \"2100-01-01T00:00:00Z\"";
    expect(lab, &two("allow", future), &[inward(WORLD, tcp(22))], &[inward(WORLD, tcp(23))]);
    let later = "starts_at = \"2100-01-01T00:00:00Z\"";
    expect(lab, &two("allow", later), &[inward(WORLD, tcp(31))], &[inward(WORLD, tcp(22))]);
    let since = "starts_at = \"2020-01-01T00:00:00Z\"";
    expect(lab, &two("allow", since), &[inward(WORLD, tcp(22))], &[inward(WORLD, tcp(23))]);
    let answers = lab.answers();
    expect(lab, &two("drop", ""), &[], &[inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))]);
    assert_eq!(lab.answers(), answers, "what is dropped isn't answered");
    expect(lab, &two("reject", ""), &[], &[inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))]);
    assert_eq!(lab.answers(), answers + 2, "what is rejected is answered");
    let default = "[policy]\nincoming = \"reject\"";
    expect(lab, default, &[], &[inward(WORLD, tcp(22)), inward(WORLD6, udp(22))]);
    assert_eq!(lab.answers(), answers + 4, "also by default, also where it isn't TCP");
}

#[test]
fn ways_out_and_through() {
    let lab = &mut Lab::new();
    let own = |to: &str, content| {
        let source = if to.contains(':') { HOST6 } else { HOST };
        Lab::own(address(source), address(to), content, "world0")
    };
    let out = "[policy]\noutgoing = \"drop\"\n[[rules]]\nid = 1\naction = \"allow\"\ndirection = \"out\"\nwho = [\"198.51.100.0/24\", \"2001:db8::/48\"]\nto = [\"dns\"]";
    expect(
        lab,
        out,
        &[own(WORLD, udp(53)), own(WORLD6, tcp(53))],
        &[own(WORLD, udp(54)), own(OTHER, udp(53)), own(OTHER6, udp(53))],
    );
    let forward = "[policy]\nforwarded = \"drop\"\n[[rules]]\nid = 1\naction = \"allow\"\ndirection = \"forward\"\nwho = [\"10.99.2.0/24\"]\nat = [\"10.99.3.0/24\"]";
    let lan = through("lan0", "10.99.2.5", "10.99.3.2", tcp(80));
    expect(
        lab,
        forward,
        &[lan],
        &[through("lan0", "10.99.2.5", OTHER, tcp(80)), through("world0", WORLD, "10.99.3.2", tcp(80))],
    );
}

/// The port that the sender names decides, whoever listens behind it.
#[test]
fn published_ports() {
    let lab = &mut Lab::new();
    let (published, published6) = (inward(WORLD, tcp(8080)), inward(WORLD6, tcp(8080)));
    let redirected = inward(WORLD, tcp(90));
    expect(
        lab,
        &allow("to = [\"8080/tcp\"]"),
        &[published.clone(), published6.clone()],
        &[inward(WORLD, udp(8053)), redirected.clone()],
    );
    let all = [published.clone(), published6, inward(WORLD, udp(8053)), redirected.clone()];
    expect(lab, &allow("to = [\"80/tcp\", \"53/udp\", \"9090/tcp\"]"), &[], &all);
    expect(lab, &allow("to = [\"90/tcp\"]"), &[redirected], &[]);
    expect(lab, &allow("at = [\"10.99.1.1\"]\nto = [\"8080/tcp\"]"), std::slice::from_ref(&published), &[]);
    expect(lab, &allow("at = [\"10.99.3.2\"]\nto = [\"8080/tcp\"]"), &[], &[published]);
}

#[test]
fn protections() {
    let lab = &mut Lab::new();
    let open = |switch: &str| format!("[policy]\nincoming = \"allow\"\n{switch}");
    let (ack, null, syn_fin) = (inward(WORLD, flags(0x10)), inward(WORLD, flags(0)), inward(WORLD6, flags(0x03)));
    expect(
        lab,
        &open(""),
        &[ack, inward(WORLD, flags(0x22))],
        &[null.clone(), syn_fin.clone(), inward(WORLD, flags(0x29))],
    );
    expect(lab, &open("tcp_flags = false"), &[], &[null.clone(), syn_fin.clone()]);
    expect(lab, &open("tcp_flags = false\ninvalid = false"), &[null, syn_fin], &[]);
    let stray = inward(WORLD, flags(0x12));
    expect(lab, &open(""), &[], std::slice::from_ref(&stray));
    expect(lab, &open("invalid = false"), &[stray], &[]);
    let forged = [through("world0", "10.99.2.5", HOST, tcp(22)), through("world0", "fd99:2::5", HOST6, tcp(22))];
    expect(lab, &open(""), &[inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))], &forged);
    expect(lab, &open("reverse_path = false"), &forged, &[]);
}

#[test]
fn what_networks_need_always_passes() {
    let lab = &mut Lab::new();
    let closed = "[policy]\noutgoing = \"drop\"\nforwarded = \"drop\"\nping = \"off\"";
    let neighbour = |kind, hop_limit| hops(hop_limit, through("lan0", "fd99:2::5", "fd99:2::1", Content::Icmp(kind)));
    let needed = [
        inward(WORLD, Content::Icmp(3)),
        inward(WORLD, Content::Icmp(11)),
        inward(WORLD6, Content::Icmp(2)),
        through("world0", WORLD, "10.99.3.2", Content::Icmp(3)),
        neighbour(135, 255),
        neighbour(136, 255),
        neighbour(143, 1),
        through("world0", "fe80::5", HOST6, Content::Udp { from: 547, port: 546 }),
    ];
    let others = [
        inward(WORLD, Content::Icmp(8)),
        inward(WORLD6, Content::Icmp(128)),
        neighbour(135, 254),
        neighbour(143, 64),
        neighbour(137, 255),
        inward(WORLD6, Content::Udp { from: 547, port: 546 }),
        through("world0", "fe80::5", HOST6, Content::Udp { from: 547, port: 545 }),
    ];
    expect(lab, closed, &needed, &others);
    expect(lab, &format!("{closed}\ndhcpv6 = false"), &needed[..7], &needed[7..]);
}

#[test]
fn lists_that_need_no_rule() {
    let lab = &mut Lab::new();
    let ruleset = "[policy]\nincoming = \"allow\"\n[[lists]]\nname = \"deny\"\nentries = [\"203.0.113.0/24\", \"2001:db8:ffff::/48\"]";
    let welcome = [inward(WORLD, tcp(22)), inward(WORLD6, tcp(22))];
    expect(lab, ruleset, &welcome, &[inward(OTHER, tcp(22)), inward(OTHER6, udp(22))]);
    let both = "[[lists]]\nname = \"deny\"\nentries = [\"0.0.0.0/0\"]\n[[lists]]\nname = \"allow\"\nentries = [\"198.51.100.7\"]";
    expect(
        lab,
        both,
        &[inward(WORLD, tcp(1)), inward(WORLD, tcp(8080))],
        &[inward(OTHER, tcp(1)), inward(WORLD6, tcp(1))],
    );
}

/// Sends the same packet again and again, each from a port of its own, and counts what passes.
fn passing(lab: &mut Lab, ruleset: &str, count: u16, packet: impl Fn(u16) -> Packet) -> usize {
    let ruleset = text::parse(ruleset).expect("a ruleset");
    let compiled = compile(&check(ruleset, &surroundings()).expect("no errors"), 1);
    lab.clear();
    lab.load(&compiled.batch(&Present::default())).expect("loads");
    let probes: Vec<Probe> =
        (0..count).map(|index| Probe { packet: packet(40_000 + index), shape: Shape::Whole }).collect();
    lab.send(&probes).passed.into_iter().filter(|passed| *passed).count()
}

#[test]
fn limits_of_each_source() {
    let lab = &mut Lab::new();
    let syn = |source: &'static str| move |from| inward(source, Content::Tcp { from, port: 22, flags: SYN });
    let rated = allow("to = [\"22/tcp\"]\nnew_connections = \"1/day burst 3\"");
    for source in [WORLD, WORLD6] {
        assert_eq!(passing(lab, &rated, 6, syn(source)), 3);
    }
    // Two sources of one /64 share, two of different ones don't.
    let alternate = |one: &'static str, two: &'static str| {
        move |from: u16| {
            inward(if from.is_multiple_of(2) { one } else { two }, Content::Tcp { from, port: 22, flags: SYN })
        }
    };
    assert_eq!(passing(lab, &rated, 8, alternate(WORLD, OTHER)), 6);
    assert_eq!(passing(lab, &rated, 8, alternate(WORLD6, "2001:db8::8")), 3);
    assert_eq!(passing(lab, &rated, 8, alternate(WORLD6, OTHER6)), 6);
    let counted = allow("connections = 2");
    assert_eq!(passing(lab, &counted, 5, |from| inward(WORLD, Content::Udp { from, port: 5000 })), 2);
    let flood = allow("").replace("[policy]", "[policy]\nsyn_flood = \"1/day burst 4\"");
    assert_eq!(passing(lab, &flood, 9, syn(WORLD)), 4);
    assert_eq!(passing(lab, &flood, 9, |from| inward(WORLD, Content::Udp { from, port: 22 })), 9);
    let many = allow("").replace("[policy]", "[policy]\nconnections = 3");
    assert_eq!(passing(lab, &many, 9, |from| inward(WORLD, Content::Udp { from, port: 22 })), 3);
    let pings = "[policy]\nping = \"1/day burst 2\"";
    assert_eq!(passing(lab, pings, 5, |_| inward(WORLD, Content::Icmp(8))), 2);
    assert_eq!(passing(lab, pings, 5, |_| inward(WORLD6, Content::Icmp(128))), 2);
}

/// Both sides have spoken: the answer passes although nothing lets it in, until the sender is banned.
#[test]
fn an_answer_passes_until_its_sender_is_banned() {
    let lab = &mut Lab::new();
    let compiled = compile(&check(text::parse("").expect("empty"), &surroundings()).expect("no errors"), 1);
    lab.load(&compiled.batch(&Present::default())).expect("loads");
    let question = Lab::own(address(HOST), address(WORLD), Content::Udp { from: 5000, port: 53 }, "world0");
    let answer = inward(WORLD, Content::Udp { from: 53, port: 5000 });
    let mut send = |packet: &Packet| {
        let passed = lab.send(&[Probe { packet: packet.clone(), shape: Shape::Whole }]).passed[0];
        (passed, lab.counters()["ban"])
    };
    assert_eq!(send(&answer), (false, 0), "nobody asked");
    assert_eq!(send(&question), (true, 0));
    assert_eq!(send(&answer), (true, 0));
    assert_eq!(send(&inward(OTHER, Content::Udp { from: 53, port: 5000 })), (false, 0), "somebody else answers");
    lab.nft_text("add element inet portreeve ban_4 { 198.51.100.7 timeout 1h }").expect("a ban");
    let probe = Probe { packet: answer, shape: Shape::Whole };
    assert_eq!((lab.send(std::slice::from_ref(&probe)).passed, lab.counters()["ban"]), (vec![false], 1));
    lab.nft_text("delete element inet portreeve ban_4 { 198.51.100.7 }").expect("lifted");
    assert_eq!(lab.send(&[probe]).passed, [true]);
    lab.nft_text("add element inet portreeve ban_net_4 { 198.51.100.0/24 timeout 1h }").expect("a ban of a prefix");
    assert_eq!(lab.counters()["ban"], 1);
}
