//! What is known of a host besides its sockets: its rules, who is connected, who came, and what was closed.

use portreeve::{
    actions::Exposures,
    firewall::{
        AddressRange, InterfaceName, Listener, Surroundings, check,
        closing::CloseLevel,
        compile,
        enforcement::{OwnAddress, Survey},
        exposure,
        foreign::Foreign,
        listener::Transport,
        package::{Package, Packages},
        simulate::{Route, Situation},
        text,
        usage::{Connections, Coverage, DayUse, ListenerNews, PortUse, PortUses, Sample, SeenListener, day_of},
    },
    store::{ClosedPort, Closure, ClosureId, ClosureState},
};

use crate::look::NOW;

const RULES: &str = r#"
[[rules]]
id = 1
action = "allow"
direction = "in"
who = ["own-networks", "203.0.113.0/24"]
to = ["ssh", "portreeve"]

[[rules]]
id = 2
action = "allow"
direction = "in"
to = ["http", "443/tcp"]

[[rules]]
id = 3
action = "allow"
direction = "in"
to = ["ftp", "pop3", "995/tcp"]

[[rules]]
id = 4
action = "allow"
direction = "in"
who = ["own-networks"]
to = ["9100/tcp", "postgresql", "mdns"]
"#;

fn range(text: &str) -> AddressRange {
    AddressRange::parse(text).expect("an address or prefix")
}

fn survey() -> Survey {
    let name = |text| InterfaceName::parse(text).expect("a name");
    let own = |interface, address: &str, network| OwnAddress {
        interface: name(interface),
        address: address.parse().expect("an address"),
        network: range(network),
    };
    let route = |network, interface| Route { network: range(network), interface: name(interface) };
    Survey {
        interfaces: ["eth0", "eth1"].map(name).into(),
        addresses: vec![
            own("eth0", "198.51.100.20", "198.51.100.0/24"),
            own("eth0", "2001:db8:20::20", "2001:db8:20::/64"),
            own("eth1", "10.20.0.5", "10.20.0.0/16"),
        ],
        routes: vec![
            route("0.0.0.0/0", "eth0"),
            route("::/0", "eth0"),
            route("198.51.100.0/24", "eth0"),
            route("2001:db8:20::/64", "eth0"),
            route("10.20.0.0/16", "eth1"),
        ],
    }
}

/// From where the listeners are reached with the rules above, or without any.
pub(in crate::look) fn exposures(listeners: &[Listener], is_on: bool) -> Exposures {
    let (survey, foreign) = (survey(), Foreign::default());
    let surroundings = Surroundings { now: NOW, interfaces: None, networks: survey.networks() };
    let checked = check(text::parse(RULES).expect("rules"), &surroundings).expect("no problems");
    let compiled = compile(&checked, 41);
    let situation = Situation { now: NOW, bans: Vec::new(), routes: survey.routes.clone() };
    let ours = is_on.then_some((&compiled, &situation));
    let found = exposure::exposures(listeners, &exposure::Surroundings { foreign: &foreign, ours, survey: &survey });
    Exposures::new(listeners.iter().cloned().zip(found).collect(), Vec::new(), NOW)
}

pub(super) fn connections() -> Connections {
    let mut sample = Sample::default();
    for port in [21, 22, 80, 110, 443, 995, 3306, 5432, 8470, 9100] {
        sample.listen(Transport::Tcp, port);
    }
    for number in 0..312_u32 {
        let peer = std::net::Ipv4Addr::from(0xcb00_7100 + number).into();
        (0..=number % 3).for_each(|_| sample.open(Transport::Tcp, 443, peer));
    }
    for (port, peer) in [(22, "203.0.113.7"), (80, "2001:db8:9::1"), (110, "203.0.113.90"), (3306, "127.0.0.1")] {
        sample.open(Transport::Tcp, port, peer.parse().expect("an address"));
    }
    Connections { sample, taken_at: Some(NOW), fault: None, coverage: Coverage::Every }
}

fn port_use(port: u16, peers: impl Fn(i64) -> u64) -> PortUse {
    let today = day_of(NOW);
    let days: Vec<DayUse> =
        (today - 29..=today).map(|day| DayUse { day, peers: peers(today - day), is_least: false }).collect();
    let last = days.iter().rev().find(|day| day.peers > 0).map(|day| NOW.plus_seconds((day.day - today) * 86_400 - 60));
    PortUse { transport: Transport::Tcp, port, watched_since: NOW.plus_seconds(-31 * 86_400), last_used_at: last, days }
}

pub(super) fn uses() -> PortUses {
    let wave = |ago: i64| u64::try_from(400 + (ago * 137) % 300 - if ago % 7 < 2 { 250 } else { 0 }).unwrap_or(0);
    let uses = [
        port_use(21, |_| 0),
        port_use(22, |ago| u64::from(ago % 3 == 0)),
        port_use(80, wave),
        port_use(110, |ago| u64::from(ago > 11) * 2),
        port_use(443, |ago| wave(ago) * 12),
        port_use(995, |_| 0),
        port_use(3306, |_| 1),
    ];
    uses.into_iter().collect()
}

pub(super) fn packages() -> Packages {
    let package = |path: &str, name: &str, summary: &str| {
        (path.to_owned(), Package { name: name.to_owned(), summary: summary.to_owned() })
    };
    [
        package("/usr/sbin/vsftpd", "vsftpd", "lightweight, efficient FTP server written for security"),
        package("/usr/sbin/dovecot", "dovecot-core", "secure POP3/IMAP server - core files"),
        package("/usr/sbin/nginx", "nginx", "small, powerful, scalable web/proxy server"),
    ]
    .into_iter()
    .collect()
}

pub(in crate::look) fn news() -> ListenerNews {
    let seen = |port, owner: &str, ago: i64| SeenListener {
        transport: Transport::Tcp,
        port,
        owner: owner.to_owned(),
        first_seen_at: NOW.plus_seconds(-9 * 86_400),
        last_seen_at: NOW.plus_seconds(-ago),
    };
    ListenerNews {
        since: Some(NOW.plus_seconds(-86_400)),
        new: vec![seen(9090, "cockpit.socket", 12)],
        gone: vec![seen(23, "inetd.service", 7_300)],
    }
}

pub(super) fn closure(id: &str, sentence: &str, state: ClosureState) -> Closure {
    Closure {
        id: ClosureId::parse(id).expect("a number"),
        at: NOW.plus_seconds(-240),
        author: "anna from 203.0.113.7".to_owned(),
        sentence: sentence.to_owned(),
        ports: vec![ClosedPort { port: 23, transport: Transport::Tcp, level: CloseLevel::Disable }],
        units: Vec::new(),
        revision: Some(41),
        touched: Vec::new(),
        is_reverted: false,
        state,
        trouble: String::new(),
        undone_at: None,
        undone_by: None,
    }
}

pub(super) fn closures() -> Vec<Closure> {
    let partly = Closure {
        trouble: "cups.service was told to stop and is still at it (stop-sigterm)".to_owned(),
        ..closure("16", "Close 631/tcp and stop cups.service", ClosureState::Partly)
    };
    let undone = Closure {
        undone_at: Some(NOW.plus_seconds(-60)),
        undone_by: Some("ben".to_owned()),
        ..closure("15", "Close 25/tcp at the firewall", ClosureState::Undone)
    };
    vec![closure("17", "Close 23/tcp and disable inetd.service", ClosureState::Done), partly, undone]
}
