//! `portreeve ports`: what listens on this host and from where it is reached, asked of the helper.

use std::{fmt::Write as _, net::SocketAddr, sync::Arc};

use serde::Serialize;

use super::{
    console::{Console, explain},
    reached::{self, Reached},
    rules,
};
use crate::{
    actions::{Exposures, HelperFault, HelperSocket, reached_now},
    firewall::{
        AddressRange, Listener, Listing, Moment,
        exposure::Exposure,
        listener::{Bind, Process},
        untrusted,
    },
};

/// Lists every socket of this host that accepts, with the process, user and unit behind it and from where it is reached.
#[derive(Debug, clap::Args)]
pub(super) struct Ports {
    #[command(flatten)]
    console: Console,
}

const HEADINGS: [&str; 7] = ["PORT", "ADDRESS", "REACHED FROM", "PROCESS", "USER", "UNIT", "AGE"];

/// Processes named in a row; the rest is a number.
const NAMED: usize = 2;

const MOST_TEXT: usize = 60;

/// The answer for programs.
#[derive(Serialize)]
struct Told<'a> {
    listeners: Vec<ToldListener<'a>>,
    /// Ports that other programs pass on to containers without a process of this host.
    published: Vec<ToldPublished<'a>>,
    omitted: u32,
    /// Why it isn't known from where they are reached; none if it is.
    fault: Option<String>,
}

#[derive(Serialize)]
struct ToldListener<'a> {
    #[serde(flatten)]
    listener: &'a Listener,
    reached: Option<Reached>,
}

#[derive(Serialize)]
struct ToldPublished<'a> {
    transport: &'static str,
    port: u16,
    addresses: &'a [AddressRange],
    container: SocketAddr,
    reached: Reached,
}

impl Ports {
    /// Asks the helper and prints its answer.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (listing, now) = (Arc::new(self.console.ask(HelperSocket::list_listeners)?), rules::now());
        let reached = reached_now(&self.console.helper(), Arc::clone(&listing), now);
        let told = told(&listing, reached.as_ref());
        self.console.print(&told, &words(&listing, reached.as_ref(), now))
    }
}

fn told<'a>(listing: &'a Listing, reached: Result<&'a Exposures, &HelperFault>) -> Told<'a> {
    let of = |listener: &Listener| reached.ok()?.of(listener).map(Reached::new);
    let published = reached.map(Exposures::published).unwrap_or_default().iter().map(|(published, exposure)| {
        let (address, port) = published.container;
        ToldPublished {
            transport: published.transport.as_str(),
            port: published.port,
            addresses: &published.addresses,
            container: SocketAddr::new(address, port),
            reached: Reached::new(exposure),
        }
    });
    let listeners = listing.listeners.iter().map(|listener| ToldListener { listener, reached: of(listener) });
    Told {
        listeners: listeners.collect(),
        published: published.collect(),
        omitted: listing.omitted,
        fault: reached.err().map(explain),
    }
}

fn words(listing: &Listing, reached: Result<&Exposures, &HelperFault>, now: Moment) -> String {
    let exposures = reached.ok();
    let mut rows: Vec<[String; 7]> = listing
        .listeners
        .iter()
        .map(|listener| row(listener, exposures.and_then(|all| all.of(listener)), now))
        .collect();
    for (published, exposure) in exposures.map(Exposures::published).unwrap_or_default() {
        let (address, port) = published.container;
        let mut row = row(&published.to_listener(), Some(exposure), now);
        (row[3], row[4]) = (format!("passed on to {}", SocketAddr::new(address, port)), "-".to_owned());
        rows.push(row);
    }
    let mut table = table(&rows);
    if listing.omitted > 0 {
        let _ = writeln!(table, "{} more are not shown: more than one answer can carry.", listing.omitted);
    }
    if let Err(fault) = reached {
        let _ = writeln!(table, "From where they are reached isn't known: {}", explain(fault));
    }
    table
}

fn table(rows: &[[String; 7]]) -> String {
    let headings = HEADINGS.map(str::to_owned);
    let lines = || [&headings].into_iter().chain(rows);
    let widths: [usize; 7] =
        std::array::from_fn(|column| lines().map(|line| line[column].chars().count()).max().unwrap_or(0));
    let mut table = String::new();
    for line in lines() {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        table.push_str(cells.join("  ").trim_end());
        table.push('\n');
    }
    table
}

fn row(listener: &Listener, exposure: Option<&Exposure>, now: Moment) -> [String; 7] {
    let started = listener.processes.iter().filter_map(|process| process.started_at).min();
    let user = listener.user.clone().unwrap_or_else(|| listener.uid.to_string());
    let cells = [
        format!("{}/{}", listener.port, listener.transport.as_str()),
        address(listener),
        exposure.map_or_else(|| "-".to_owned(), reached::cell),
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
    use crate::firewall::{
        enforcement::Survey,
        exposure::{Surroundings, exposure},
        foreign::Foreign,
        listener::{Container, Transport},
    };

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
PORT      ADDRESS                      REACHED FROM  PROCESS                 USER      UNIT                 AGE
443/tcp   any                          -             nginx (10, 11, 3 more)  www-data  nginx.service        1 min
5432/tcp  127.0.0.1 (this host) on lo  this host     -                       33        docker 0123456789ab  -
3 more are not shown: more than one answer can carry.
";
        let survey = Survey::default();
        let surroundings = Surroundings { foreign: &Foreign::default(), ours: None, survey: &survey };
        let found = listing.listeners[1..].iter().map(|listener| (listener.clone(), exposure(listener, &surroundings)));
        let exposures = Exposures::new(found.collect(), Vec::new(), Moment::from_millis(0));
        let squeeze = |text: &str| text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let table = words(&listing, Ok(&exposures), Moment::from_millis(100_000));
        assert_eq!(squeeze(&table), squeeze(expected));
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0].find("USER"), lines[1].find("www-data"));
        assert_eq!(lines[0].find("USER"), lines[2].find("33"));
    }

    #[test]
    fn hostile_names_never_reach_the_terminal() {
        let listing = Listing { listeners: vec![listener("\x1b[2J\u{202e}evil\n0/tcp")], omitted: 0 };
        let table = words(&listing, Ok(&Exposures::default()), Moment::from_millis(0));
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
