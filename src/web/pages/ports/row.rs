//! One row of the table, ready for the template: every text that a process chose is made fit to show.

use std::net::IpAddr;

use crate::{
    firewall::{
        Moment,
        advice::{Binding, binding},
    },
    web::kit::{Shown, Tag},
};

use super::{
    Bound, Place, PortKey, Snapshot,
    badges::badges,
    entry::Entry,
    facts::{Fact, and_more, facts, user},
    published::is_published,
    reached::Reached,
    used::Used,
};

const NAME_LENGTH: usize = 32;
const OWNER_LENGTH: usize = 48;
const SHOWN_ADDRESSES: usize = 3;

/// One row.
#[derive(Debug)]
pub struct Row {
    /// The port.
    pub key: PortKey,
    /// What the port is for; absent when the catalogue doesn't know it.
    pub name: Option<&'static str>,
    /// What is worth a second look.
    pub badges: Vec<Tag>,
    /// What the port is for, why it is judged so, what is safer.
    pub sentences: Vec<&'static str>,
    /// Whether it is marked for attention.
    pub is_needless: bool,
    /// The program's name; absent for a socket of the kernel.
    pub program: Option<Shown>,
    /// Whether only a translation holds it, and no program of this host.
    pub is_published: bool,
    /// Unit or container, and user.
    pub owner: Vec<Shown>,
    /// Addresses or interfaces it is bound to.
    pub bound: Vec<Line>,
    /// From where it can be reached.
    pub reached: Reached,
    /// Who uses it.
    pub used: Used,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// How to bind it to this host only.
    pub binding: Option<Binding>,
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
    pub(super) fn new(entry: &Entry<'_>, known: &Snapshot<'_>, now: Moment) -> Self {
        Self {
            key: entry.port_key(),
            name: entry.name(),
            badges: badges(entry),
            sentences: sentences(entry),
            is_needless: entry.is_needless(),
            program: entry.program().map(|name| Shown::new(name, NAME_LENGTH)),
            is_published: is_published(entry.first()),
            owner: owner(entry),
            bound: bound(entry),
            reached: Reached::new(&entry.exposures, entry.place),
            used: Used::new(entry.connected, entry.used, now),
            facts: facts(entry, known, now),
            binding: binding(&entry.listeners),
        }
    }

    /// Whether somebody besides this host gets through, so that there is something to limit.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.reached.place != Place::Host
    }
}

/// What would be safer speaks of strangers, so a port that only this host can reach needs none.
fn sentences(entry: &Entry<'_>) -> Vec<&'static str> {
    let advice = &entry.advice;
    let purpose = advice.service.map_or("Its number tells nothing. Look at the program.", |service| service.purpose);
    let safer = advice.safer.filter(|_| entry.place != Place::Host);
    [Some(purpose), advice.reason, safer].into_iter().flatten().collect()
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
    let user = (!is_published(first)).then(|| user(entry));
    home.into_iter().chain(user).map(|text| Shown::new(&text, OWNER_LENGTH)).collect()
}

/// A socket on every address needs no word: from where it is reached says the rest.
fn bound(entry: &Entry<'_>) -> Vec<Line> {
    let words = |text: &str| Line::Words(Shown::new(text, OWNER_LENGTH));
    let addresses = if entry.bound == Bound::Every { Vec::new() } else { entry.addresses() };
    let mut lines: Vec<Line> = addresses.iter().take(SHOWN_ADDRESSES).copied().map(Line::Address).collect();
    if addresses.len() > SHOWN_ADDRESSES {
        lines.push(words(and_more(addresses.len(), SHOWN_ADDRESSES).trim_start()));
    }
    lines.extend(entry.interfaces().into_iter().take(SHOWN_ADDRESSES).map(words));
    lines
}
