//! One row of the table, ready for the template: every text that a process chose is made fit to show.

use std::net::IpAddr;

use crate::{
    firewall::{
        Moment,
        catalogue::{Need, Service},
        listener::{Bind, Process},
    },
    web::kit::{Shown, Stamp, words},
};

use super::{Bound, entry::Entry};

const NAME_LENGTH: usize = 32;
const OWNER_LENGTH: usize = 48;
const FACT_LENGTH: usize = 160;
const SHOWN_ADDRESSES: usize = 3;
const SHOWN_PROCESSES: usize = 8;

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub transport: &'static str,
    /// What the catalogue knows of the port.
    pub service: Option<&'static Service>,
    /// The program's name; absent for a socket of the kernel.
    pub program: Option<Shown>,
    /// Unit or container, and user.
    pub owner: Vec<Shown>,
    /// What else is known, behind the program's name.
    pub facts: Vec<Fact>,
    /// The class of the tag.
    pub bound: Bound,
    /// The word on the tag.
    pub bound_word: String,
    /// Address families, addresses or interfaces below the tag.
    pub bound_lines: Vec<Line>,
    /// When the program started.
    pub since: Option<Stamp>,
}

/// A label and its value.
#[derive(Debug)]
pub struct Fact {
    /// The label.
    pub label: &'static str,
    /// The value.
    pub value: Shown,
    /// Whether the value is an address, a path or a number.
    pub mono: bool,
}

/// A line below a tag.
#[derive(Debug)]
pub enum Line {
    /// Words.
    Words(Shown),
    /// An address.
    Address(IpAddr),
}

impl Row {
    pub(super) fn new(entry: &Entry<'_>, now: Moment) -> Self {
        Self {
            port: entry.port,
            transport: entry.transport.as_str(),
            service: entry.service,
            program: entry.program().map(|name| Shown::new(name, NAME_LENGTH)),
            owner: owner(entry),
            facts: facts(entry, now),
            bound: entry.bound,
            bound_word: bound_word(entry),
            bound_lines: bound_lines(entry),
            since: entry.since().map(|since| Stamp::new(since, now)),
        }
    }

    /// The catalogue's judgement in words.
    #[must_use]
    pub fn need(&self) -> &'static str {
        match self.service.map(|service| service.need) {
            Some(Need::Needed) => "Needed on a web server",
            Some(Need::Depends) => "Needed on some servers",
            Some(Need::NotNeeded) => "Not needed on a web server",
            None => "",
        }
    }

    /// Whether the catalogue knows that a web server does without.
    #[must_use]
    pub fn is_not_needed(&self) -> bool {
        self.service.is_some_and(|service| service.need == Need::NotNeeded)
    }

    /// What would be safer. It speaks of strangers, so a port that only this host can reach needs none.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        self.service.and_then(|service| service.advice).filter(|_| self.bound != Bound::Host)
    }

    /// Marked for attention: not needed, and not for this host only.
    #[must_use]
    pub fn is_advised(&self) -> bool {
        self.is_not_needed() && self.bound != Bound::Host
    }
}

fn user(entry: &Entry<'_>) -> String {
    entry.first().user.clone().unwrap_or_else(|| format!("user {}", entry.first().uid))
}

fn owner(entry: &Entry<'_>) -> Vec<Shown> {
    let first = entry.first();
    let home = match &first.container {
        Some(container) => {
            // Runtimes print the first twelve digits of an id of sixty-four.
            let id = if container.id.len() == 64 { container.id.get(..12).unwrap_or_default() } else { &container.id };
            Some(format!("{} {id}", container.runtime))
        }
        None => first.unit.clone(),
    };
    home.into_iter().chain([user(entry)]).map(|text| Shown::new(&text, OWNER_LENGTH)).collect()
}

fn facts(entry: &Entry<'_>, now: Moment) -> Vec<Fact> {
    let first = entry.first();
    let processes = processes(entry);
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>, mono| {
        facts.extend(value.map(|value| Fact { label, value: Shown::new(&value, FACT_LENGTH), mono }));
    };
    add("Executable", processes.first().and_then(|process| process.executable.clone()), true);
    add(if processes.len() == 1 { "Process" } else { "Processes" }, pids(&processes), true);
    add("User", Some(format!("{} (uid {})", user(entry), first.uid)), false);
    add("Unit", first.unit.clone(), false);
    add(
        "Container",
        first.container.as_ref().map(|container| format!("{} {}", container.runtime, container.id)),
        false,
    );
    add("Started", entry.since().map(|since| Stamp::new(since, now).exact), false);
    add("Sockets", Some(sockets(entry)), true);
    facts
}

/// Every process that holds a socket of the entry, once, lowest pid first.
fn processes<'a>(entry: &Entry<'a>) -> Vec<&'a Process> {
    let mut processes: Vec<&Process> = entry.listeners.iter().flat_map(|listener| &listener.processes).collect();
    processes.sort_by_key(|process| process.pid);
    processes.dedup_by_key(|process| process.pid);
    processes
}

fn pids(processes: &[&Process]) -> Option<String> {
    let shown: Vec<String> = processes.iter().take(SHOWN_PROCESSES).map(|process| process.pid.to_string()).collect();
    (!shown.is_empty()).then(|| shown.join(", ") + &and_more(processes.len(), SHOWN_PROCESSES))
}

fn sockets(entry: &Entry<'_>) -> String {
    let name = |bind| match bind {
        Bind::Any4 => String::from("0.0.0.0"),
        Bind::Any6 => String::from("::"),
        Bind::AnyDual => String::from(":: (IPv4 too)"),
        Bind::Address(address) => address.to_string(),
    };
    let mut binds: Vec<Bind> = entry.listeners.iter().map(|listener| listener.bind).collect();
    binds.sort_unstable();
    binds.dedup();
    let shown: Vec<String> = binds.iter().take(SHOWN_PROCESSES).map(|bind| name(*bind)).collect();
    shown.join(", ") + &and_more(binds.len(), SHOWN_PROCESSES)
}

fn and_more(total: usize, shown: usize) -> String {
    if total > shown { format!(" and {} more", words::grouped(total - shown)) } else { String::new() }
}

fn bound_word(entry: &Entry<'_>) -> String {
    match (entry.bound, entry.addresses().len()) {
        (Bound::Named, 0) => String::from("One interface"),
        (Bound::Named, 1) => String::from("One address"),
        (Bound::Named, number) => words::count(number, "address").replace("addresss", "addresses"),
        (bound, _) => bound.label().to_owned(),
    }
}

fn bound_lines(entry: &Entry<'_>) -> Vec<Line> {
    let words = |text: &str| Line::Words(Shown::new(text, OWNER_LENGTH));
    let mut lines = Vec::new();
    if entry.bound == Bound::Every {
        lines.push(words(match entry.families() {
            (true, true) => "IPv4 and IPv6",
            (true, false) => "IPv4 only",
            (false, _) => "IPv6 only",
        }));
        return lines;
    }
    let addresses = entry.addresses();
    lines.extend(addresses.iter().take(SHOWN_ADDRESSES).copied().map(Line::Address));
    if addresses.len() > SHOWN_ADDRESSES {
        lines.push(words(and_more(addresses.len(), SHOWN_ADDRESSES).trim_start()));
    }
    lines.extend(entry.interfaces().into_iter().take(SHOWN_ADDRESSES).map(|name| words(&format!("on {name}"))));
    lines
}
