//! One row of the table, ready for the template: every text that a process chose is made fit to show.

use std::net::IpAddr;

use crate::{
    firewall::{
        Moment,
        catalogue::{Need, Service},
    },
    web::kit::{Shown, Stamp, words},
};

use super::{
    Bound,
    entry::Entry,
    facts::{Fact, and_more, facts, user},
};

const NAME_LENGTH: usize = 32;
const OWNER_LENGTH: usize = 48;
const SHOWN_ADDRESSES: usize = 3;

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
            Some(Need::Depends) => "May be needed",
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

fn bound_word(entry: &Entry<'_>) -> String {
    match (entry.bound, entry.addresses().len()) {
        (Bound::Named, 0) => String::from("One interface"),
        (Bound::Named, 1) => String::from("One address"),
        (Bound::Named, number) => format!("{} addresses", words::grouped(number)),
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
