//! A host between the world, an office network and a container, each a network namespace, with real sockets and real
//! clients.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::IpAddr,
    process::{Child, Stdio},
};

use portreeve::firewall::{Family, exposure::Origin, listener::Transport};

use crate::netns::host::Host;

/// The addresses of a place and of the host as known there.
struct Place {
    name: &'static str,
    wire: &'static str,
    host: [&'static str; 2],
    peer: [&'static str; 2],
    length: [u8; 2],
}

const PLACES: [Place; 3] = [
    Place {
        name: "world",
        wire: "eth0",
        host: ["203.0.113.2", "2001:db8:1::2"],
        peer: ["203.0.113.1", "2001:db8:1::1"],
        length: [30, 64],
    },
    Place {
        name: "network",
        wire: "lan0",
        host: ["192.168.7.1", "fd07::1"],
        peer: ["192.168.7.9", "fd07::9"],
        length: [24, 64],
    },
    Place {
        name: "container",
        wire: "docker0",
        host: ["172.17.0.1", "fd17::1"],
        peer: ["172.17.0.2", "fd17::2"],
        length: [16, 64],
    },
];

/// Strangers, who are beyond the router. The second one is for what only some may do.
pub const STRANGERS: [[&str; 2]; 2] = [["198.51.100.7", "2001:db8:ffff::7"], ["198.51.100.200", "2001:db8:ffff::200"]];

/// Listens as its arguments say, and answers everybody.
const SERVER: &str = r"
import select, socket, sys
held = []
for word in sys.argv[1:]:
    kind, address, port, option = (word.split(',') + [''])[:4]
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}[kind])
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, option == 'v6only')
    if option.startswith('dev='):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, option[4:].encode())
    s.bind((address, int(port)))
    if kind == 'tcp':
        s.listen(64)
    held.append(s)
print('ready', flush=True)
while True:
    for s in select.select(held + [sys.stdin], [], [])[0]:
        if s is sys.stdin:
            sys.exit()
        if s.type == socket.SOCK_DGRAM:
            try:
                data, sender = s.recvfrom(100)
                s.sendto(data, sender)
            except OSError:
                pass
        else:
            s.accept()[0].close()
";

/// Knocks at all doors at once: `tcp,source,address,port` a line, and says at which somebody answered.
const CLIENT: &str = r"
import errno, select, socket, sys, time
knocks = {}
for number, line in enumerate(sys.stdin):
    kind, source, address, port = line.strip().split(',')
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}[kind])
    s.setblocking(False)
    try:
        if source:
            s.bind((source, 0))
        if s.connect_ex((address, int(port))) not in (0, errno.EINPROGRESS):
            continue
        if kind == 'udp':
            s.send(b'knock')
    except OSError:
        continue
    knocks[s.fileno()] = (number, kind, s)
end = time.time() + 0.7
answered = set()
poll = select.poll()
for fd, (number, kind, s) in knocks.items():
    poll.register(fd, select.POLLOUT if kind == 'tcp' else select.POLLIN)
while knocks and time.time() < end:
    for fd, _ in poll.poll(50):
        number, kind, s = knocks.pop(fd)
        poll.unregister(fd)
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            try:
                if kind == 'udp':
                    s.recv(100)
                answered.add(number)
            except OSError:
                pass
print(' '.join(map(str, sorted(answered))))
";

pub struct Town {
    pub host: Host,
    places: BTreeMap<&'static str, Host>,
}

/// One try to reach a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    pub transport: Transport,
    pub source: Option<IpAddr>,
    pub address: IpAddr,
    pub port: u16,
}

impl Town {
    pub fn new() -> Self {
        let host = Host::new();
        let off = "net.ipv6.conf.default.accept_dad=0";
        host.run("sysctl", &["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", off]);
        let mut places = BTreeMap::new();
        for place in &PLACES {
            let there = Host::new();
            there.run("sysctl", &["-qw", off]);
            connect(&host, &there, place);
            places.insert(place.name, there);
        }
        let town = Self { host, places };
        town.settle();
        town
    }

    /// The world is behind a router: strangers have other addresses than it.
    fn settle(&self) {
        let world = &self.places["world"];
        for [four, six] in STRANGERS {
            world.run("ip", &["address", "add", &format!("{four}/32"), "dev", "lo"]);
            world.run("ip", &["address", "add", &format!("{six}/128"), "dev", "lo", "nodad"]);
        }
        for six in [false, true] {
            let (family, place) = (if six { "-6" } else { "-4" }, usize::from(six));
            self.host.run("ip", &[family, "route", "add", "default", "via", PLACES[0].peer[place]]);
            for inner in &PLACES[1..] {
                self.places[inner.name].run("ip", &[family, "route", "add", "default", "via", inner.host[place]]);
            }
        }
    }

    /// Loads rules into the host.
    pub fn nft(&self, rules: &str) {
        let complaint = self.try_nft(rules);
        assert_eq!(complaint, "", "{rules}");
    }

    /// Loads rules that the kernel may refuse; gives what it complains of then.
    pub fn try_nft(&self, rules: &str) -> String {
        let mut command = self.host.command("nft");
        let mut child = command.args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Has everybody ask anew who has which address on their wires.
    pub fn forget_neighbours(&self) {
        for host in self.places.values().chain([&self.host]) {
            host.run("ip", &["-6", "neighbour", "flush", "all"]);
        }
    }

    pub fn forget_connections(&self) {
        self.host.run("conntrack", &["-F"]);
    }

    /// Opens sockets on the host, or in the container.
    pub fn serve(&self, on_host: bool, sockets: &[&str]) -> Server {
        Server::start(if on_host { &self.host } else { &self.places["container"] }, sockets)
    }

    /// At which of the doors somebody answers.
    pub fn knock(&self, origin: Origin, knocks: &[Knock]) -> Vec<bool> {
        let place = match origin {
            Origin::World => &self.places["world"],
            Origin::Networks => &self.places["network"],
            Origin::Containers => &self.places["container"],
            Origin::Host => &self.host,
        };
        let mut child = place.command("python3");
        let mut child = child.args(["-c", CLIENT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        for Knock { transport, source, address, port } in knocks {
            let source = source.map(|source| source.to_string()).unwrap_or_default();
            writeln!(input, "{},{source},{address},{port}", transport.as_str()).unwrap();
        }
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let answered = String::from_utf8(output.stdout).unwrap();
        let answered: Vec<usize> = answered.split_whitespace().map(|number| number.parse().unwrap()).collect();
        (0..knocks.len()).map(|number| answered.contains(&number)).collect()
    }
}

/// The host's address as an origin knows it.
pub fn facing(origin: Origin, family: Family) -> IpAddr {
    let of = |place: &Place| place.host[usize::from(family == Family::V6)].parse().unwrap();
    match (origin, family) {
        (Origin::World, _) => of(&PLACES[0]),
        (Origin::Networks, _) => of(&PLACES[1]),
        (Origin::Containers, _) => of(&PLACES[2]),
        (Origin::Host, Family::V4) => IpAddr::from([127, 0, 0, 1]),
        (Origin::Host, Family::V6) => "::1".parse().unwrap(),
    }
}

/// The address from which an origin knocks, where nothing else is said.
pub fn peer(origin: Origin, family: Family) -> IpAddr {
    let of = |place: &Place| place.peer[usize::from(family == Family::V6)].parse().unwrap();
    match origin {
        Origin::World => STRANGERS[0][usize::from(family == Family::V6)].parse().unwrap(),
        Origin::Networks => of(&PLACES[1]),
        Origin::Containers => of(&PLACES[2]),
        Origin::Host => facing(origin, family),
    }
}

/// The host's interface towards an origin.
pub fn wire(origin: Origin) -> &'static str {
    match origin {
        Origin::World => PLACES[0].wire,
        Origin::Networks => PLACES[1].wire,
        Origin::Containers => PLACES[2].wire,
        Origin::Host => "lo",
    }
}

fn connect(host: &Host, there: &Host, place: &Place) {
    let link = ["link", "add", place.wire, "type", "veth", "peer", "name", "up0", "netns", &there.name];
    host.run("ip", &link);
    for (end, wire, own) in [(host, place.wire, place.host), (there, "up0", place.peer)] {
        end.run("ip", &["link", "set", wire, "up"]);
        for (address, length) in own.iter().zip(place.length) {
            let mut add = vec!["address", "add"];
            let address = format!("{address}/{length}");
            add.extend([&address, "dev", wire]);
            if address.contains(':') {
                add.push("nodad");
            }
            end.run("ip", &add);
        }
    }
}

/// A program that holds sockets until it is dropped.
pub struct Server(Child);

impl Server {
    fn start(host: &Host, sockets: &[&str]) -> Self {
        let mut command = host.command("python3");
        command.args(["-c", SERVER]).args(sockets);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
