//! `portreeve ports`: what listens on this host, asked of the helper.

use std::fmt::Write as _;

use super::{console::Console, rules};
use crate::{
    actions::HelperSocket,
    firewall::{
        Listener, Listing, Moment,
        listener::{Bind, Process},
        untrusted,
    },
};

/// Lists every socket of this host that accepts, with the process, user and unit behind it.
#[derive(Debug, clap::Args)]
pub(super) struct Ports {
    #[command(flatten)]
    console: Console,
}

const HEADINGS: [&str; 6] = ["PORT", "ADDRESS", "PROCESS", "USER", "UNIT", "AGE"];

/// Processes named in a row; the rest is a number.
const NAMED: usize = 2;

const MOST_TEXT: usize = 60;

impl Ports {
    /// Asks the helper and prints its answer.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let listing = self.console.ask(HelperSocket::list_listeners)?;
        self.console.print(&listing, &table(&listing, rules::now()))
    }
}

fn table(listing: &Listing, now: Moment) -> String {
    let rows: Vec<[String; 6]> = listing.listeners.iter().map(|listener| row(listener, now)).collect();
    let headings = HEADINGS.map(str::to_owned);
    let lines = || [&headings].into_iter().chain(&rows);
    let widths: [usize; 6] =
        std::array::from_fn(|column| lines().map(|line| line[column].chars().count()).max().unwrap_or(0));
    let mut table = String::new();
    for line in lines() {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        table.push_str(cells.join("  ").trim_end());
        table.push('\n');
    }
    if listing.omitted > 0 {
        let _ = writeln!(table, "{} more are not shown: more than one answer can carry.", listing.omitted);
    }
    table
}

fn row(listener: &Listener, now: Moment) -> [String; 6] {
    let started = listener.processes.iter().filter_map(|process| process.started_at).min();
    let user = listener.user.clone().unwrap_or_else(|| listener.uid.to_string());
    let cells = [
        format!("{}/{}", listener.port, listener.transport.as_str()),
        address(listener),
        processes(&listener.processes),
        user,
        owner(listener),
        started.map_or_else(|| "-".to_owned(), |started| age(now.seconds_since(started))),
    ];
    // The helper tames what it reads; a terminal is worth a second lock.
    cells.map(|cell| untrusted::tame(&cell, MOST_TEXT))
}

fn address(listener: &Listener) -> String {
    let address = match listener.bind {
        Bind::Any4 => "any IPv4".to_owned(),
        Bind::Any6 => "any IPv6".to_owned(),
        Bind::AnyDual => "any".to_owned(),
        bind @ Bind::Address(address) if bind.is_loopback() => format!("{address} (this host)"),
        Bind::Address(address) => address.to_string(),
    };
    match &listener.interface {
        Some(interface) => format!("{address} on {interface}"),
        None => address,
    }
}

fn processes(processes: &[Process]) -> String {
    let [first, ..] = processes else { return "-".to_owned() };
    let pids: Vec<String> = processes.iter().take(NAMED).map(|process| process.pid.to_string()).collect();
    match processes.len() - pids.len() {
        0 => format!("{} ({})", first.name, pids.join(", ")),
        more => format!("{} ({}, {more} more)", first.name, pids.join(", ")),
    }
}

fn owner(listener: &Listener) -> String {
    match (&listener.container, &listener.unit) {
        (Some(container), _) => {
            let id: String = container.id.chars().take(12).collect();
            format!("{} {id}", container.runtime)
        }
        (None, Some(unit)) => unit.clone(),
        (None, None) => "-".to_owned(),
    }
}

fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::listener::{Container, Transport};

    fn listener(name: &str) -> Listener {
        let process = |pid| Process {
            pid,
            name: name.to_owned(),
            executable: None,
            started_at: Some(Moment::from_millis(i64::from(pid) * 1000)),
        };
        Listener {
            transport: Transport::Tcp,
            bind: Bind::AnyDual,
            port: 443,
            interface: None,
            uid: 33,
            user: Some("www-data".into()),
            processes: (10..15).map(process).collect(),
            unit: Some("nginx.service".into()),
            container: None,
        }
    }

    #[test]
    fn columns_line_up() {
        let local = Listener {
            bind: Bind::Address("127.0.0.1".parse().unwrap()),
            port: 5432,
            user: None,
            interface: Some("lo".into()),
            processes: Vec::new(),
            unit: None,
            container: Some(Container { runtime: "docker".into(), id: "0123456789abcdef".into() }),
            ..listener("x")
        };
        let listing = Listing { listeners: vec![listener("nginx"), local], omitted: 3 };
        let expected = "\
PORT      ADDRESS                     PROCESS                 USER      UNIT                 AGE
443/tcp   any                         nginx (10, 11, 3 more)  www-data  nginx.service        1 min
5432/tcp  127.0.0.1 (this host) on lo  -                       33        docker 0123456789ab  -
3 more are not shown: more than one answer can carry.
";
        let squeeze = |text: &str| text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let table = table(&listing, Moment::from_millis(100_000));
        assert_eq!(squeeze(&table), squeeze(expected));
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0].find("USER"), lines[1].find("www-data"));
        assert_eq!(lines[0].find("USER"), lines[2].find("33"));
    }

    #[test]
    fn hostile_names_never_reach_the_terminal() {
        let listing = Listing { listeners: vec![listener("\x1b[2J\u{202e}evil\n0/tcp")], omitted: 0 };
        let table = table(&listing, Moment::from_millis(0));
        assert!(!table.contains('\x1b') && !table.contains('\u{202e}'));
        assert_eq!(table.lines().count(), 2);
    }

    #[test]
    fn an_age_is_one_number_and_one_unit() {
        for (seconds, text) in [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7_200, "2 h"), (172_800, "2 days")] {
            assert_eq!(age(seconds), text);
        }
    }
}
