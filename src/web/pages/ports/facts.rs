//! What is known of a program besides its name, shown when the reader opens it.

use crate::{
    firewall::{
        Moment,
        listener::{Bind, Process},
        package::Package,
    },
    web::kit::{Shown, Stamp, words},
};

use super::{Snapshot, entry::Entry, published::is_published, unit_state::unit_state};

const LONGEST: usize = 160;
/// Of processes and of sockets.
const MOST: usize = 8;

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

pub(super) fn facts(entry: &Entry<'_>, known: &Snapshot<'_>, now: Moment) -> Vec<Fact> {
    let first = entry.first();
    let processes = processes(entry);
    let mut facts = Vec::new();
    let mut add = |label, value: Option<String>, mono| {
        facts.extend(value.map(|value| Fact { label, value: Shown::new(&value, LONGEST), mono }));
    };
    let executable = processes.first().and_then(|process| process.executable.as_deref());
    add("Executable", executable.map(str::to_owned), true);
    add("Package", executable.and_then(|path| known.package(path)).map(package), false);
    add(if processes.len() == 1 { "Process" } else { "Processes" }, pids(&processes), true);
    add("User", (!is_published(first)).then(|| format!("{} (uid {})", user(entry), first.uid)), false);
    add("Unit", first.unit.clone(), false);
    add("State", first.unit.as_deref().and_then(|unit| known.unit(unit)).map(unit_state), false);
    add(
        "Container",
        first.container.as_ref().map(|container| format!("{} {}", container.runtime, container.id)),
        false,
    );
    add("Started", entry.since().map(|since| Stamp::new(since, now).exact), false);
    add("Sockets", Some(sockets(entry)), true);
    facts
}

fn package(package: &Package) -> String {
    if package.summary.is_empty() { package.name.clone() } else { format!("{}: {}", package.name, package.summary) }
}

/// Every process that holds a socket of the entry, once, lowest pid first.
fn processes<'a>(entry: &Entry<'a>) -> Vec<&'a Process> {
    let mut processes: Vec<&Process> = entry.listeners.iter().flat_map(|listener| &listener.processes).collect();
    processes.sort_by_key(|process| process.pid);
    processes.dedup_by_key(|process| process.pid);
    processes
}

fn pids(processes: &[&Process]) -> Option<String> {
    let shown: Vec<String> = processes.iter().take(MOST).map(|process| process.pid.to_string()).collect();
    (!shown.is_empty()).then(|| shown.join(", ") + &and_more(processes.len(), MOST))
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
    let shown: Vec<String> = binds.iter().take(MOST).map(|bind| name(*bind)).collect();
    shown.join(", ") + &and_more(binds.len(), MOST)
}

pub(super) fn and_more(total: usize, shown: usize) -> String {
    if total > shown { format!(" and {} more", words::grouped(total - shown)) } else { String::new() }
}

pub(super) fn user(entry: &Entry<'_>) -> String {
    entry.first().user.clone().unwrap_or_else(|| format!("user {}", entry.first().uid))
}
