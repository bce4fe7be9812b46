//! Hosts to show: an ordinary web server, one full of lies, and a very large one.

use std::net::IpAddr;

use portreeve::firewall::{
    Listener,
    listener::{Bind, Container, Process, Transport},
};

use crate::look::{HOSTILE, NOW};

const DAY: i64 = 86_400;

fn address(text: &str) -> Bind {
    Bind::Address(text.parse::<IpAddr>().expect("an address"))
}

struct Who {
    name: &'static str,
    path: &'static str,
    unit: &'static str,
    user: &'static str,
    uid: u32,
    days: i64,
}

fn listener(transport: Transport, port: u16, bind: Bind, who: &Who) -> Listener {
    let process = Process {
        pid: 400 + u32::from(port) % 977,
        name: who.name.into(),
        executable: Some(who.path.into()),
        started_at: Some(NOW.plus_seconds(-who.days * DAY - 4000)),
    };
    Listener {
        transport,
        bind,
        port,
        interface: None,
        uid: who.uid,
        user: Some(who.user.into()),
        processes: vec![process],
        unit: Some(who.unit.into()),
        container: None,
    }
}

#[rustfmt::skip]
pub(in crate::look) fn ordinary() -> Vec<Listener> {
    use Transport::{Tcp, Udp};
    let who = |name, path, unit, user, uid, days| Who { name, path, unit, user, uid, days };
    let nginx = who("nginx", "/usr/sbin/nginx", "nginx.service", "www-data", 33, 12);
    let sshd = who("sshd", "/usr/sbin/sshd", "ssh.service", "root", 0, 62);
    let dovecot = who("dovecot", "/usr/sbin/dovecot", "dovecot.service", "root", 0, 62);
    let chrony = who("chronyd", "/usr/sbin/chronyd", "chrony.service", "_chrony", 105, 62);
    let resolved = who("systemd-resolve", "/usr/lib/systemd/systemd-resolved", "systemd-resolved.service", "systemd-resolve", 991, 62);
    let avahi = who("avahi-daemon", "/usr/sbin/avahi-daemon", "avahi-daemon.service", "avahi", 106, 62);
    let mut list = vec![
        listener(Tcp, 22, Bind::Any4, &sshd),
        listener(Tcp, 22, Bind::Any6, &sshd),
        listener(Tcp, 80, Bind::Any4, &nginx),
        listener(Tcp, 80, Bind::Any6, &nginx),
        listener(Tcp, 443, Bind::Any4, &nginx),
        listener(Tcp, 443, Bind::Any6, &nginx),
        listener(Udp, 443, Bind::Any4, &nginx),
        listener(Tcp, 21, Bind::AnyDual, &who("vsftpd", "/usr/sbin/vsftpd", "vsftpd.service", "root", 0, 41)),
        listener(Tcp, 110, Bind::Any4, &dovecot),
        listener(Tcp, 995, Bind::Any4, &dovecot),
        listener(Tcp, 8470, Bind::AnyDual, &who("portreeve", "/usr/bin/portreeve", "portreeve.service", "portreeve", 994, 0)),
        listener(Udp, 5353, Bind::Any4, &avahi),
        listener(Udp, 5353, Bind::Any6, &avahi),
        listener(Udp, 41234, Bind::Any4, &avahi),
        listener(Tcp, 5432, address("10.20.0.5"), &who("postgres", "/usr/lib/postgresql/16/bin/postgres", "postgresql@16-main.service", "postgres", 112, 3)),
        listener(Tcp, 9100, address("10.20.0.5"), &who("node_exporter", "/usr/bin/prometheus-node-exporter", "prometheus-node-exporter.service", "prometheus", 113, 30)),
        listener(Tcp, 9100, address("2001:db8:20:a51f:7c3e:99ff:fe10:5"), &who("node_exporter", "/usr/bin/prometheus-node-exporter", "prometheus-node-exporter.service", "prometheus", 113, 30)),
        listener(Tcp, 3306, address("127.0.0.1"), &who("mariadbd", "/usr/sbin/mariadbd", "mariadb.service", "mysql", 110, 62)),
        listener(Tcp, 25, address("127.0.0.1"), &who("master", "/usr/lib/postfix/sbin/master", "postfix@-.service", "root", 0, 62)),
        listener(Tcp, 25, address("::1"), &who("master", "/usr/lib/postfix/sbin/master", "postfix@-.service", "root", 0, 62)),
        listener(Udp, 53, address("127.0.0.53"), &resolved),
        listener(Udp, 53, address("127.0.0.54"), &resolved),
        listener(Udp, 323, address("127.0.0.1"), &chrony),
        listener(Udp, 323, address("::1"), &chrony),
    ];
    let mut staging = listener(Tcp, 8080, Bind::AnyDual, &who("node", "/usr/local/bin/node", "docker-3f9c.scope", "root", 0, 1));
    staging.container = Some(Container {
        runtime: "docker".into(),
        id: "3f9c1e2b4a5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7".into(),
    });
    list.push(staging);
    let mut waiting = listener(Tcp, 9090, Bind::AnyDual, &who("systemd", "/usr/lib/systemd/systemd", "cockpit.socket", "root", 0, 62));
    waiting.processes[0].pid = 1;
    list.push(waiting);
    let mut client = listener(Udp, 68, Bind::Any4, &who("dhclient", "/usr/sbin/dhclient", "networking.service", "root", 0, 62));
    client.interface = Some("eth0".into());
    list.push(client);
    let mut kernel = listener(Udp, 51820, Bind::Any4, &who("", "", "", "root", 0, 0));
    (kernel.processes, kernel.unit) = (Vec::new(), None);
    list.push(kernel.clone());
    kernel.bind = Bind::Any6;
    list.push(kernel);
    list
}

/// A host on which every name was chosen by an enemy.
pub(super) fn hostile() -> Vec<Listener> {
    let long = "a".repeat(4096);
    let names = [
        HOSTILE,
        &long,
        "\u{202e}dhss",
        "\x1b]0;owned\x07",
        "",
        " ",
        "Z̸̡̢̛̫̖̫̪͇̈́̈́̈́̈́̈́̈́̈́̈́a̴l̵g̶o̷",
        "{{ frame.csrf }}",
        "שלום ssh عالم",
        "👩‍👩‍👧‍👦 server",
    ];
    let plain = Who { name: "x", path: "/x", unit: "x.service", user: "x", uid: 1000, days: 1 };
    let lie = |(port, name): (u16, &&str)| {
        let mut listener =
            listener(Transport::Tcp, 2000 + port, address("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), &plain);
        let process = &mut listener.processes[0];
        (*name).clone_into(&mut process.name);
        process.executable = Some(format!("/tmp/{name}"));
        process.started_at = Some(NOW.plus_seconds(if port == 0 { 999_999_999 } else { -i64::from(port) }));
        listener.unit = Some(format!("{name}.service"));
        listener.user = Some((*name).to_owned());
        listener.interface = Some((*name).to_owned());
        if port % 2 == 0 {
            listener.container = Some(Container { runtime: (*name).to_owned(), id: (*name).to_owned() });
        }
        listener
    };
    (0..).zip(&names).map(lie).collect()
}

/// `size` programs that listen.
pub(super) fn crowd(size: u32) -> Vec<Listener> {
    let plain = Who { name: "worker", path: "/srv/worker", unit: "worker.service", user: "app", uid: 1000, days: 9 };
    let one = |number: u32| {
        let port = u16::try_from(1024 + number % 60_000).expect("below 65536");
        let bind = [Bind::Any4, address("192.0.2.7"), address("127.0.0.1")][usize::from(port) % 3];
        let mut listener = listener(Transport::Tcp, port, bind, &plain);
        listener.processes[0].pid = 1000 + number;
        listener
    };
    (0..size).map(one).collect()
}
