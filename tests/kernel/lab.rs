//! A host under test with three interfaces, in network namespaces of its own, and senders for raw packets.
//!
//! `world0` leads to everybody else, `lan0` to an office, `cont0` to containers. The host publishes ports of a container
//! as Docker does, by translation.

#![expect(clippy::disallowed_methods, reason = "a test starts the programs it needs")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::IpAddr,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant, SystemTime},
};

use portreeve::firewall::{
    AddressRange, Family, InterfaceName, Moment,
    nft::{Batch, Present},
    simulate::{
        Connection, Content, Original, Packet, Passage, Route, Situation,
        bytes::{Shape, datagrams},
    },
};
use serde_json::Value as Json;

pub const INTERFACES: [&str; 3] = ["world0", "lan0", "cont0"];

/// A packet to send, and how.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Probe {
    pub packet: Packet,
    pub shape: Shape,
}

/// What the kernel did with a batch of probes.
#[derive(Debug)]
pub struct Observed {
    /// For each probe whether it passed.
    pub passed: Vec<bool>,
    /// How long sending took; the kernel judges a packet before the sender may send the next one.
    pub took: Duration,
    /// How often each line's counter went up.
    pub counted: BTreeMap<String, u64>,
}

pub struct Lab {
    host: String,
    peers: String,
    outside: Sender,
    inside: Sender,
    /// The number of the last probe. They go on from batch to batch, so that a fragment that waits for its rest never
    /// meets that of another batch.
    number: u16,
}

struct Sender {
    child: Child,
}

pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is past 1970");
    Moment::from_millis(i64::try_from(since.as_millis()).expect("the clock is before the end of time"))
}

pub fn interface(name: &str) -> InterfaceName {
    InterfaceName::parse(name).expect("a valid name")
}

pub fn run(program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    child.stdin.take().expect("piped").write_all(input.as_bytes()).map_err(|error| error.to_string())?;
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

const PROBE_TABLE: &str = "
table inet prk_probe {
    counter arrived { }
    counter answers { }
    set in4 { typeof ip id; size 131072; flags dynamic; }
    set in6 { typeof ip6 flowlabel; size 131072; flags dynamic; }
    chain first { type filter hook prerouting priority -450; policy accept; iifname != \"lo\" counter name arrived; }
    chain input { type filter hook input priority 300; policy accept; iifname != \"lo\" jump seen; }
    chain forward { type filter hook forward priority 300; policy accept; jump seen; }
    chain output { type filter hook output priority 300; policy accept; meta mark 77 jump seen; }
    chain answer {
        type filter hook output priority 290; policy accept;
        tcp flags & rst == rst counter name answers
        icmp type destination-unreachable icmp code admin-prohibited counter name answers
        icmpv6 type destination-unreachable icmpv6 code admin-prohibited counter name answers
    }
    chain seen { add @in4 { ip id }; add @in6 { ip6 flowlabel }; }
}
table inet prk_nat {
    chain publish {
        type nat hook prerouting priority dstnat; policy accept;
        iifname { world0, lan0 } ip daddr 10.99.1.1 tcp dport 8080 dnat ip to 10.99.3.2:80
        iifname { world0, lan0 } ip daddr 10.99.1.1 udp dport 8053 dnat ip to 10.99.3.2:53
        iifname { world0, lan0 } ip6 daddr fd99:1::1 tcp dport 8080 dnat ip6 to [fd99:3::2]:80
        iifname { world0, lan0 } ip daddr 10.99.1.1 tcp dport 90 dnat ip to 10.99.1.1:9090
    }
}
";

impl Lab {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("prk-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let (host, peers) = (format!("{name}-h"), format!("{name}-p"));
        for namespace in [&host, &peers] {
            run("ip", &["netns", "add", namespace], "").expect("root may add a namespace");
        }
        Self::wire(&host, &peers);
        let outside = Sender::start(&peers, &["world1", "lan1", "cont1"]);
        let inside = Sender::start(&host, &["out"]);
        let lab = Self { host, peers, outside, inside, number: 0 };
        lab.nft_text(PROBE_TABLE).expect("the probe table loads");
        lab
    }

    fn wire(host: &str, peers: &str) {
        let sysctl = |namespace: &str, settings: &[&str]| {
            let arguments = [&["netns", "exec", namespace, "sysctl", "-qw"], settings].concat();
            run("ip", &arguments, "").expect("settings are known");
        };
        sysctl(peers, &["net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"]);
        sysctl(
            host,
            &[
                "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.forwarding=1",
                "net.ipv4.conf.all.rp_filter=0",
                "net.ipv4.conf.default.rp_filter=0",
                "net.ipv6.conf.default.accept_dad=0",
                "net.ipv6.conf.default.router_solicitations=0",
                "net.ipv4.ipfrag_time=1",
                "net.netfilter.nf_conntrack_frag6_timeout=1",
            ],
        );
        let mut lines = vec!["link set lo up".to_owned()];
        for (index, (name, peer)) in INTERFACES.iter().zip(["world1", "lan1", "cont1"]).enumerate() {
            let net = index + 1;
            lines.push(format!(
                "link add {name} address 02:00:00:00:00:0{net} type veth peer name {peer} netns {peers}"
            ));
            lines.push(format!("addr add 10.99.{net}.1/24 dev {name}"));
            lines.push(format!("addr add fd99:{net}::1/64 dev {name} nodad"));
            // Without address resolution every next hop is known and nobody answers.
            lines.push(format!("link set {name} arp off up"));
        }
        lines.push("route add default via 10.99.1.2 dev world0".to_owned());
        lines.push("-6 route add default via fd99:1::2 dev world0".to_owned());
        let (wiring, routes): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| !line.contains("route"));
        run("ip", &["-n", host, "-batch", "-"], &wiring.join("\n")).expect("links are added");
        for peer in ["world1", "lan1", "cont1"] {
            run("ip", &["-n", peers, "link", "set", peer, "up"], "").expect("the peer comes up");
        }
        for route in routes {
            let arguments: Vec<&str> = ["-n", host].into_iter().chain(route.split(' ')).collect();
            run("ip", &arguments, "").expect("a route is added");
        }
    }

    /// How the host's routing table looks to the simulator.
    pub fn routes() -> Vec<Route> {
        let mut routes = Vec::new();
        let mut add = |network: &str, name: &str| {
            let network = AddressRange::parse(network).expect("a network");
            routes.push(Route { network, interface: interface(name) });
        };
        add("0.0.0.0/0", "world0");
        add("::/0", "world0");
        for (index, name) in INTERFACES.iter().enumerate() {
            let net = index + 1;
            add(&format!("10.99.{net}.0/24"), name);
            add(&format!("fd99:{net}::/64"), name);
            add("fe80::/64", name);
            add(&format!("10.99.{net}.1"), "lo");
            add(&format!("fd99:{net}::1"), "lo");
        }
        routes
    }

    /// The situation of the host with these bans.
    pub fn situation(bans: Vec<AddressRange>) -> Situation {
        Situation { now: now(), bans, routes: Self::routes() }
    }

    pub fn nft_text(&self, text: &str) -> Result<String, String> {
        self.nft(&["-f", "-"], text)
    }

    pub fn nft(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let arguments = [&["netns", "exec", &self.host, "nft"], arguments].concat();
        run("ip", &arguments, input)
    }

    pub fn load(&self, batch: &Batch) -> Result<(), String> {
        let json = serde_json::to_string(batch).map_err(|error| error.to_string())?;
        self.nft(&["-j", "-f", "-"], &json).map(drop)
    }

    pub fn list(&self, arguments: &[&str]) -> Json {
        let listing = self.nft(&[&["-j", "list"], arguments].concat(), "").expect("nft lists");
        serde_json::from_str(&listing).expect("nft writes JSON")
    }

    pub fn present(&self) -> Present {
        let listing = self.nft(&["-j", "-t", "list", "ruleset"], "").expect("nft lists");
        Present::from_listing(&serde_json::from_str(&listing).expect("nft writes JSON"))
    }

    /// Forgets our table and every connection.
    pub fn clear(&self) {
        // Deleting what isn't there fails, and then there is nothing to forget.
        let _ = self.nft_text("delete table inet portreeve");
        self.forget_connections();
    }

    pub fn forget_connections(&self) {
        run("ip", &["netns", "exec", &self.host, "conntrack", "-F"], "").expect("conntrack flushes");
    }

    /// Sends the probes and says what became of them.
    pub fn send(&mut self, probes: &[Probe]) -> Observed {
        self.nft_text("flush set inet prk_probe in4; flush set inet prk_probe in6").expect("the probe table is there");
        let before = self.seen("arrived");
        let mut inbound = Vec::new();
        let mut outbound = Vec::new();
        let mut numbers = Vec::new();
        for probe in probes {
            let number = self.number.checked_add(1).unwrap_or(1);
            self.number = number;
            numbers.push(number);
            for bytes in datagrams(&probe.packet, number, probe.shape) {
                match &probe.packet.passage {
                    Passage::Out { .. } => outbound.push((0, bytes)),
                    Passage::In { input } | Passage::Forward { input, .. } => inbound.push(frame(input, bytes)),
                }
            }
        }
        let start = Instant::now();
        self.inside.send(&outbound);
        self.outside.send(&inbound);
        let took = start.elapsed();
        self.wait_for(before + u64::try_from(inbound.len()).expect("a small batch"));
        self.observe(&numbers, took)
    }

    fn wait_for(&self, frames: u64) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.seen("arrived") < frames {
            assert!(Instant::now() < deadline, "{} of {frames} frames arrived", self.seen("arrived"));
        }
    }

    fn seen(&self, counter: &str) -> u64 {
        counters(&self.list(&["counters", "table", "inet", "prk_probe"]))[counter]
    }

    fn observe(&self, numbers: &[u16], took: Duration) -> Observed {
        let listing = self.list(&["table", "inet", "prk_probe"]);
        let sets = objects(&listing, "set");
        let members = sets.filter_map(|set| set["elem"].as_array()).flatten();
        let number = |member: &Json| member.as_u64().and_then(|number| u16::try_from(number).ok());
        let seen: BTreeSet<Option<u16>> = members.map(number).collect();
        let passed = numbers.iter().map(|number| seen.contains(&Some(*number))).collect();
        let counted = self.counters().into_iter().filter(|(_, count)| *count > 0).collect();
        Observed { passed, took, counted }
    }

    pub fn counters(&self) -> BTreeMap<String, u64> {
        let listing = self.nft(&["-j", "list", "counters", "table", "inet", "portreeve"], "").unwrap_or_default();
        counters(&serde_json::from_str(&listing).unwrap_or_default())
    }

    /// How often the host refused something and said so.
    pub fn answers(&self) -> u64 {
        self.seen("answers")
    }

    /// The packet as the host will see it: where it goes, and translated if its destination is published.
    pub fn packet(source: IpAddr, destination: IpAddr, content: Content, from: &str) -> Packet {
        let host = [1, 2, 3].iter().any(|net| {
            destination == address(&format!("10.99.{net}.1")) || destination == address(&format!("fd99:{net}::1"))
        });
        let input = interface(from);
        let passage = if host {
            Passage::In { input }
        } else {
            let network = |net: usize| [format!("10.99.{net}.0/24"), format!("fd99:{net}::/64")];
            let inside = |net: usize| {
                network(net).iter().any(|text| AddressRange::parse(text).expect("a network").contains(destination))
            };
            let name = (1..=3).find(|net| inside(*net)).map_or("world0", |net| INTERFACES[net - 1]);
            Passage::Forward { input, output: interface(name) }
        };
        let packet = Packet::first(source, destination, content, passage).expect("one family");
        translate(packet, from)
    }

    /// A packet that the host sends itself.
    pub fn own(source: IpAddr, destination: IpAddr, content: Content, to: &str) -> Packet {
        Packet::first(source, destination, content, Passage::Out { output: interface(to) }).expect("one family")
    }
}

/// What `prk_nat` does.
fn translate(packet: Packet, from: &str) -> Packet {
    let published = [
        ("10.99.1.1", 6, 8080, "10.99.3.2", 80),
        ("10.99.1.1", 17, 8053, "10.99.3.2", 53),
        ("fd99:1::1", 6, 8080, "fd99:3::2", 80),
        ("10.99.1.1", 6, 90, "10.99.1.1", 9090),
    ];
    let (Content::Tcp { port, .. } | Content::Udp { port, .. }) = packet.content else { return packet };
    if from == "cont0" || packet.connection != Connection::New {
        return packet;
    }
    let found = published.into_iter().find(|(named, protocol, named_port, ..)| {
        packet.destination() == address(named) && packet.protocol() == *protocol && port == *named_port
    });
    let Some((_, _, _, to, to_port)) = found else { return packet };
    let content = match packet.content {
        Content::Tcp { from, flags, .. } => Content::Tcp { from, port: to_port, flags },
        Content::Udp { from, .. } => Content::Udp { from, port: to_port },
        other => other,
    };
    let passage = if to == "10.99.1.1" {
        packet.passage.clone()
    } else {
        Passage::Forward { input: interface(from), output: interface("cont0") }
    };
    let original = Some(Original { destination: packet.destination(), port });
    let mut translated = Packet::first(packet.source(), address(to), content, passage).expect("one family");
    translated.original = original;
    translated
}

pub fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn frame(input: &InterfaceName, bytes: Vec<u8>) -> (u8, Vec<u8>) {
    let index = INTERFACES.iter().position(|name| *name == input.as_str()).expect("an interface of the lab");
    let index = u8::try_from(index).expect("three interfaces");
    let kind = if bytes[0] >> 4 == 4 { [0x08, 0x00] } else { [0x86, 0xdd] };
    let head = [&[2, 0, 0, 0, 0, index + 1, 2, 0, 0, 0, 1, index + 1], &kind[..]].concat();
    (index, [head, bytes].concat())
}

fn objects<'a>(listing: &'a Json, kind: &'a str) -> impl Iterator<Item = &'a Json> {
    listing["nftables"].as_array().into_iter().flatten().filter_map(move |object| object.get(kind))
}

fn counters(listing: &Json) -> BTreeMap<String, u64> {
    let counter = |object: &Json| Some((object["name"].as_str()?.to_owned(), object["packets"].as_u64()?));
    objects(listing, "counter").filter_map(counter).collect()
}

impl Sender {
    fn start(namespace: &str, arguments: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernel/inject.py");
        let mut child = Command::new("ip")
            .args(["netns", "exec", namespace, "python3", script])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        Self::answer(&mut child, b'r');
        Self { child }
    }

    fn send(&mut self, frames: &[(u8, Vec<u8>)]) {
        if frames.is_empty() {
            return;
        }
        let mut bytes = u32::try_from(frames.len()).expect("a small batch").to_be_bytes().to_vec();
        for (index, frame) in frames {
            bytes.push(*index);
            bytes.extend(u16::try_from(frame.len()).expect("a small packet").to_be_bytes());
            bytes.extend(frame);
        }
        let input = self.child.stdin.as_mut().expect("piped");
        input.write_all(&bytes).and_then(|()| input.flush()).expect("the sender reads");
        Self::answer(&mut self.child, b'.');
    }

    fn answer(child: &mut Child, expected: u8) {
        let mut byte = [0];
        child.stdout.as_mut().expect("piped").read_exact(&mut byte).expect("the sender answers");
        assert_eq!(byte[0], expected);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for sender in [&mut self.outside, &mut self.inside] {
            drop(sender.child.stdin.take());
            let _ = sender.child.wait();
        }
        for namespace in [&self.host, &self.peers] {
            let _ = run("ip", &["netns", "del", namespace], "");
        }
    }
}

/// The address under which the host is known to everybody.
pub fn host_address(family: Family) -> IpAddr {
    address(if family == Family::V4 { "10.99.1.1" } else { "fd99:1::1" })
}
