//! Hosts with the tables of Docker, ufw, fail2ban and libvirt, as their `iptables-save` printed them.

use std::{fs, io::Write, path::Path, process::Stdio};

use portreeve::firewall::{
    Family,
    enforcement::{ForeignTables, Iptables, Saved},
    exposure::Origin,
    foreign::{Foreign, xtables},
};

use super::{
    town::{STRANGERS, Town},
    visit::{Expected, compare},
};
use crate::netns::host::Host;

const SHAPES: [&str; 6] = ["docker-24", "docker-28", "fail2ban", "hand", "libvirt", "ufw"];

fn saved(shape: &str, family: Family) -> Option<String> {
    let name = format!("tests/zoo/shapes/{shape}.v{}", family.digit());
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).ok()
}

fn program(family: Family, what: &str) -> String {
    let name = if family == Family::V4 { "iptables" } else { "ip6tables" };
    format!("/usr/sbin/{name}-{what}")
}

/// Puts a shape's tables into a host. Who is in fail2ban's sets is the second stranger.
pub fn restore(host: &Host, shape: &str, kind: &str) {
    let sets = [("f2b-recidive", "inet"), ("f2b-recidive6", "inet6")];
    for ((set, family), address) in sets.into_iter().zip(STRANGERS[1]).filter(|_| shape == "fail2ban") {
        host.run("ipset", &["create", set, "hash:ip", "family", family]);
        host.run("ipset", &["add", set, address]);
    }
    for family in Family::BOTH {
        let Some(text) = saved(shape, family) else { continue };
        let mut command = host.command(program(family, &format!("{kind}-restore")));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{shape} {family:?}");
    }
}

fn tables(host: &Host) -> ForeignTables {
    let save = |family| {
        let nft = Saved::Text(host.run(&program(family, "nft-save"), &[]));
        Iptables { nft, legacy: Saved::Absent }
    };
    let nft = serde_json::from_str(&host.run("nft", &["-j", "-t", "list", "ruleset"])).unwrap();
    ForeignTables { nft, iptables: save(Family::V4), ip6tables: save(Family::V6) }
}

#[test]
fn every_shape_is_real_and_read_from_the_kernel_as_from_its_file() {
    for shape in SHAPES {
        let host = Host::new();
        restore(&host, shape, "nft");
        let mut read = Foreign::read(&tables(&host));
        assert_eq!(read.unreadable, Vec::<String>::new());
        let of_family = |family| Some(xtables::read(family, &saved(shape, family)?).unwrap());
        let mut expected: Vec<_> = Family::BOTH.into_iter().filter_map(of_family).flatten().collect();
        for tables in [&mut read.tables, &mut expected] {
            tables.sort_by_key(|table| (table.span.as_str(), table.name.clone()));
            for table in tables.iter_mut() {
                table.chains.sort_by_key(|chain| chain.name.clone());
            }
        }
        assert_eq!(read.tables, expected, "{shape}");
    }
}

fn visit(shape: &str, kind: &str, sockets: &[&str], expected: &[Expected]) {
    let town = Town::new();
    restore(&town.host, shape, kind);
    let _container = town.serve(false, &["tcp,::,80", "tcp,0.0.0.0,81"]);
    let _server = town.serve(true, sockets);
    compare(&town, expected);
}

fn for_world(words: &'static str) -> impl Fn(u16) -> Expected {
    move |port| Expected { port, origin: Origin::World, words }
}

fn from_everywhere(port: u16, words: &'static str) -> [Expected; 3] {
    [Origin::World, Origin::Networks, Origin::Containers].map(|origin| Expected { port, origin, words })
}

/// What Docker's proxy holds, and two that are the host's own.
pub const PROXIES: [&str; 4] = ["tcp,::,8080", "tcp,127.0.0.1,8081", "tcp,::,22", "udp,0.0.0.0,53"];

#[test]
fn docker_24_publishes_ports() {
    visit("docker-24", "nft", &PROXIES, &[]);
}

#[test]
fn docker_28_publishes_ports() {
    visit("docker-28", "nft", &PROXIES, &[]);
}

#[test]
fn docker_28_with_the_old_iptables_publishes_ports() {
    visit("docker-28", "legacy", &PROXIES, &[]);
}

#[test]
fn ufw_denies_limits_and_rejects() {
    let sockets = [
        "tcp,::,22",
        "tcp,::,80",
        "tcp,0.0.0.0,443",
        "tcp,::,3306",
        "tcp,::,9100",
        "udp,::,5353",
        "tcp,::,25",
        "tcp,::,8470",
        "tcp,127.0.0.1,6379",
    ];
    visit("ufw", "nft", &sockets, &[for_world("not from 198.51.100.200")(5353)]);
}

#[test]
fn fail2ban_bans() {
    let sockets = ["tcp,::,22", "tcp,::,25", "tcp,::,80", "tcp,::,3306", "tcp,::,993", "tcp,::,5000", "udp,::,53"];
    let listed = |origin| Expected { port: 0, origin, words: "unless listed in the set f2b-recidive" };
    let mut expected = Origin::ALL.map(listed).to_vec();
    // Who is banned in a chain is known by his address.
    expected.push(for_world("not from")(22));
    expected.extend(from_everywhere(993, "string"));
    visit("fail2ban", "nft", &sockets, &expected);
}

#[test]
fn libvirt_has_a_network_of_its_own() {
    visit("libvirt", "nft", &["tcp,::,22", "udp,0.0.0.0,53", "tcp,::,80"], &[]);
}

#[test]
fn rules_by_hand_of_every_kind() {
    let ports = [80, 2222, 5000, 6000, 7000, 8088, 8443, 9000, 9005, 9998, 9999];
    let sockets: Vec<String> = ports.iter().map(|port| format!("tcp,0.0.0.0,{port}")).collect();
    let sockets: Vec<&str> = sockets.iter().map(String::as_str).chain(["udp,0.0.0.0,1194", "udp,0.0.0.0,53"]).collect();
    let mut expected = vec![for_world("only from 198.51.100.200")(8443), for_world("not from 198.51.100.200")(5000)];
    for (port, words) in [(2222, "recent"), (6000, "a program decides"), (9998, "time"), (9999, "mac")] {
        expected.extend(from_everywhere(port, words));
    }
    visit("hand", "nft", &sockets, &expected);
}
