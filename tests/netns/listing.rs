//! `ListListeners` against sockets that the test opened, against `ss`, and against a stranger's `nmap`.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::IpAddr,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use portreeve::{
    actions::HelperSocket,
    firewall::{
        Listener, Listing,
        listener::{Bind, Transport},
    },
};

use super::host::Host;
use crate::helper::running::{Running, open_dir, program, wait_until};

/// Joins a cgroup, takes a name, opens the sockets that its arguments describe, forks as often as told, and says so when
/// all is ready. All of it ends when the test closes its standard input.
const SERVER: &str = r"
import os, socket, sys
kinds = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}
cgroup, name, forks, *sockets = sys.argv[1:]
if cgroup:
    open(cgroup + '/cgroup.procs', 'w').write('0')
open('/proc/self/comm', 'w').write(name.encode().decode('unicode_escape'))
held = []
for word in sockets:
    kind, address, port, option = (word.split(',') + [''])[:4]
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, kinds[kind])
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, option == 'v6only')
    if option.startswith('dev='):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, option[4:].encode())
    s.bind((address, int(port)))
    if kind == 'tcp':
        s.listen()
    held.append(s)
for _ in range(int(forks)):
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
print('ready', flush=True)
sys.stdin.read()
";

/// A program that holds sockets until it is dropped.
struct Server(Child);

impl Server {
    fn start(host: &Host, forks: u32, sockets: &[&str]) -> Self {
        Self::start_as(host, "", "server", forks, sockets)
    }

    fn start_as(host: &Host, cgroup: &str, name: &str, forks: u32, sockets: &[&str]) -> Self {
        let mut command = host.command("python3");
        command.args(["-c", SERVER, cgroup, name, &forks.to_string()]).args(sockets);
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

/// A cgroup (version 2), removed when dropped.
struct Cgroup(PathBuf);

impl Cgroup {
    fn make(path: &str) -> Self {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let root = roots.into_iter().find(|root| root.join("cgroup.controllers").exists());
        let dir = root.expect("a cgroup hierarchy of version 2").join(path);
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        wait_until("the cgroup is empty", || fs::remove_dir(&self.0).is_ok());
    }
}

fn helper_in(host: &Host) -> Running {
    Running::start_in(open_dir(), host.command(env!("CARGO_BIN_EXE_portreeve-helper")))
}

fn listing(helper: &Running) -> Listing {
    HelperSocket::new(&helper.socket()).list_listeners().unwrap()
}

fn find(listing: &Listing, port: u16) -> &Listener {
    let mut found = listing.listeners.iter().filter(|listener| listener.port == port);
    let listener = found.next().unwrap();
    assert_eq!(found.next(), None, "one listener on {port}");
    listener
}

fn pids(listener: &Listener) -> BTreeSet<u32> {
    listener.processes.iter().map(|process| process.pid).collect()
}

#[test]
fn every_kind_of_socket_is_told_apart() {
    let (host, _other) = Host::pair();
    let wanted = [
        ("tcp,0.0.0.0,101", Transport::Tcp, Bind::Any4),
        ("tcp,127.0.0.1,102", Transport::Tcp, Bind::Address("127.0.0.1".parse().unwrap())),
        ("tcp,::,103,v6only", Transport::Tcp, Bind::Any6),
        ("tcp,::,104", Transport::Tcp, Bind::AnyDual),
        ("tcp,2001:db8::1,105", Transport::Tcp, Bind::Address("2001:db8::1".parse().unwrap())),
        ("udp,0.0.0.0,106", Transport::Udp, Bind::Any4),
        ("udp,::1,107", Transport::Udp, Bind::Address("::1".parse().unwrap())),
        ("udp,::,108,v6only", Transport::Udp, Bind::Any6),
        ("udp,::,109", Transport::Udp, Bind::AnyDual),
        ("tcp,0.0.0.0,110,dev=wire", Transport::Tcp, Bind::Any4),
        ("udp,0.0.0.0,111,dev=wire", Transport::Udp, Bind::Any4),
    ];
    let server = Server::start(&host, 0, &wanted.map(|(description, ..)| description));
    let helper = helper_in(&host);
    let listing = listing(&helper);
    assert_eq!((listing.listeners.len(), listing.omitted), (wanted.len(), 0));
    for (port, (description, transport, bind)) in (101..).zip(wanted) {
        let found = find(&listing, port);
        assert_eq!((found.transport, found.bind), (transport, bind), "{description}");
        assert_eq!(found.interface.as_deref(), description.ends_with("dev=wire").then_some("wire"));
        assert_eq!((found.uid, found.user.as_deref()), (0, Some("root")));
        assert_eq!(pids(found), BTreeSet::from([server.0.id()]));
        assert_eq!(found.processes[0].name, "server");
        assert!(found.processes[0].executable.as_ref().unwrap().contains("python3"));
        assert!(found.processes[0].started_at.is_some());
    }
    let order: Vec<_> = listing.listeners.iter().map(|found| (found.transport, found.port, found.bind)).collect();
    assert!(order.is_sorted());
}

#[test]
fn all_holders_are_named_lowest_first() {
    let host = Host::new();
    let server = Server::start(&host, 3, &["tcp,0.0.0.0,80"]);
    let helper = helper_in(&host);
    let listing = listing(&helper);
    let found: Vec<u32> = find(&listing, 80).processes.iter().map(|process| process.pid).collect();
    assert_eq!(found.len(), 4);
    assert!(found.is_sorted() && found.contains(&server.0.id()));
}

#[test]
fn an_empty_host_lists_nothing_and_connected_sockets_are_left_out() {
    let host = Host::new();
    let helper = helper_in(&host);
    assert_eq!(listing(&helper), Listing { listeners: Vec::new(), omitted: 0 });
}

/// One line of `ss -Htulnp`, as transport, local address and pids.
fn read_ss(line: &str) -> (String, String, BTreeSet<u32>) {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let holders = line.split("pid=").skip(1).map(|rest| rest.split(',').next().unwrap().parse().unwrap());
    (fields[0].to_owned(), fields[4].to_owned(), holders.collect())
}

/// The same from our listing.
fn like_ss(listener: &Listener) -> (String, String, BTreeSet<u32>) {
    let address = match listener.bind {
        Bind::Any4 => "0.0.0.0".to_owned(),
        Bind::Any6 => "[::]".to_owned(),
        Bind::AnyDual => "*".to_owned(),
        Bind::Address(IpAddr::V4(address)) => address.to_string(),
        Bind::Address(IpAddr::V6(address)) => format!("[{address}]"),
    };
    let interface = listener.interface.as_ref().map(|name| format!("%{name}")).unwrap_or_default();
    (listener.transport.as_str().to_owned(), format!("{address}{interface}:{}", listener.port), pids(listener))
}

const MANY: [&str; 9] = [
    "tcp,0.0.0.0,21",
    "tcp,127.0.0.1,22",
    "tcp,192.0.2.1,23",
    "tcp,::,24",
    "tcp,::,25,v6only",
    "tcp,2001:db8::1,26",
    "tcp,0.0.0.0,27,dev=wire",
    "udp,0.0.0.0,28",
    "udp,::,29",
];

#[test]
fn ss_says_the_same() {
    let (host, _other) = Host::pair();
    let _servers = [Server::start(&host, 2, &MANY), Server::start(&host, 0, &["tcp,127.0.0.2,30", "udp,127.0.0.1,53"])];
    let helper = helper_in(&host);
    let ours: BTreeSet<_> = listing(&helper).listeners.iter().map(like_ss).collect();
    let theirs: BTreeSet<_> = host.run("ss", &["-Htulnp"]).lines().map(read_ss).collect();
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), MANY.len() + 2);
}

#[test]
fn nmap_on_another_host_finds_what_the_listing_shows_as_reachable() {
    let (host, other) = Host::pair();
    let _server = Server::start(&host, 0, &MANY);
    let helper = helper_in(&host);
    let listing = listing(&helper);
    let reachable = |listener: &&Listener| match listener.bind {
        Bind::Any4 | Bind::AnyDual => true,
        Bind::Any6 => false,
        bind @ Bind::Address(address) => address.is_ipv4() && !bind.is_loopback(),
    };
    let tcp = listing.listeners.iter().filter(|listener| listener.transport == Transport::Tcp);
    let ours: BTreeSet<u16> = tcp.filter(reachable).map(|listener| listener.port).collect();
    let output = other.run("nmap", &["-n", "-Pn", "-sT", "-p1-1024", "--open", "-oG", "-", "192.0.2.1"]);
    let fields = output.split([' ', '\t', ',']).filter_map(|field| field.split_once("/open/tcp"));
    let theirs: BTreeSet<u16> = fields.map(|(port, _)| port.parse().unwrap()).collect();
    assert_eq!(ours, theirs, "{output}");
    assert_eq!(ours, BTreeSet::from([21, 23, 24, 27]));
}

#[test]
fn unit_and_container_come_from_the_cgroup_in_which_the_socket_was_made() {
    let host = Host::new();
    let own = std::process::id();
    let id = format!("{own:064x}");
    let service = Cgroup::make(&format!("prv-{own}.service"));
    let container = Cgroup::make(&format!("docker-{id}.scope"));
    let web_server = Server::start_as(&host, service.path(), "served", 1, &["tcp,0.0.0.0,80"]);
    let dns_server = Server::start_as(&host, container.path(), "contained", 0, &["udp,0.0.0.0,53"]);
    let helper = helper_in(&host);
    let before = listing(&helper);
    let web = find(&before, 80);
    assert_eq!(web.unit, Some(format!("prv-{own}.service")));
    assert_eq!((web.container.as_ref(), web.processes.len()), (None, 2));
    let dns = find(&before, 53);
    let found = dns.container.as_ref().unwrap();
    assert_eq!((found.runtime.as_str(), &found.id), ("docker", &id));
    assert_eq!(pids(dns), BTreeSet::from([dns_server.0.id()]));

    // A holder that left its cgroup is still found, and the socket still belongs to the unit.
    let root = Path::new(container.path()).parent().unwrap().join("cgroup.procs");
    fs::write(root, dns_server.0.id().to_string()).unwrap();
    drop(helper);
    let helper = helper_in(&host);
    let after = listing(&helper);
    assert_eq!(find(&after, 53), dns);
    drop((web_server, dns_server));
}

#[test]
fn a_hostile_name_is_tamed_on_its_way_to_the_terminal() {
    let host = Host::new();
    let _server = Server::start_as(&host, "", r"\x1b[2J\n\xffnginx", 0, &["tcp,0.0.0.0,80"]);
    let helper = helper_in(&host);
    let listing = listing(&helper);
    let name = &find(&listing, 80).processes[0].name;
    assert!(name.ends_with("nginx") && !name.contains(char::is_control), "{name:?}");
    for json in [false, true] {
        let mut ports = host.command(env!("CARGO_BIN_EXE_portreeve"));
        ports.arg("ports").args(json.then_some("--json")).arg("--socket").arg(helper.socket());
        let output = ports.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("nginx"), "{text}");
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}

#[test]
fn a_helper_that_is_down_is_explained() {
    let mut ports = program(env!("CARGO_BIN_EXE_portreeve"));
    ports.args(["ports", "--socket", "/nowhere/helper.sock"]);
    let output = ports.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("/nowhere/helper.sock") && message.contains("Start it"), "{message}");
    assert!(output.stdout.is_empty());
}
