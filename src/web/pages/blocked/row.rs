//! One row of the record as the template sees it.

use super::{
    PATH,
    today::{Judge, line_label},
};
use crate::{
    firewall::{
        Action, Line, Moment, Receipt,
        blocked::{Blocked, Source},
        catalogue,
    },
    web::{
        kit::{Located, Query, Stamp, Tag, words},
        pages::{address, explain},
    },
};

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its key.
    pub id: String,
    /// When its first packet came.
    pub at: Stamp,
    /// `6 in 12 s`, where there was more than one.
    pub count: Option<String>,
    /// Who sent it.
    pub source: Sender,
    /// Where that is said to be.
    pub located: Option<Located>,
    /// The port or protocol.
    pub aim: String,
    /// What the port is known for.
    pub service: Option<&'static str>,
    /// Where it came to and by which interface, in a few words.
    pub place: String,
    /// What happened.
    pub verdict: Tag,
    /// The line that decided.
    pub line: LineLink,
    /// The revision whose line it was.
    pub revision: u64,
    /// Whether it would pass today.
    pub today: Tag,
    /// Explain with the packet filled in, where there is one packet.
    pub explain: Option<String>,
    /// What would let it in.
    pub let_in: Option<String>,
    /// The form that bans the source.
    pub ban: Option<String>,
}

/// Who sent a row.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address or network, or that it were many.
    pub text: String,
    /// The page of it.
    pub href: Option<String>,
    /// Whether several were put together.
    pub is_several: bool,
}

/// A line by its name, and where it stands.
#[derive(Debug, Clone)]
pub struct LineLink {
    /// Its name or what it is called.
    pub text: String,
    /// Where it stands; none for lines of the policy.
    pub href: Option<String>,
}

impl Row {
    /// Lays a row out as of `now`.
    #[must_use]
    pub fn new(row: &Blocked, judge: &Judge, now: Moment) -> Self {
        let (door, aim) = (&row.door, row.door.aim());
        let single = if let Source::Address(address) = row.source { Some(address) } else { None };
        let known = aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
        let is_incoming = door.outgoing.is_none() && door.receipt.action != Action::Allow;
        Self {
            id: row.id.0.to_string(),
            at: Stamp::new(row.first, now),
            count: count(row),
            source: Sender::new(row.source),
            located: row.source.addresses().and_then(|source| Located::new(&judge.geography().of(source))),
            aim: aim.to_string(),
            service: known.map(|service| service.name),
            place: place(row),
            verdict: verdict(door.receipt),
            line: LineLink::new(door.receipt.line),
            revision: door.receipt.revision,
            today: judge.judge(row).into(),
            explain: single.filter(|_| is_incoming).zip(aim.target()).map(|(from, to)| {
                Query::default().with("from", &from.to_string()).with("to", &to.to_string()).on(explain::PATH)
            }),
            let_in: (single.is_some() && aim.target().is_some() && door.receipt.action != Action::Allow)
                .then(|| format!("{PATH}/{}/let-in", row.id.0)),
            ban: single.map(|address| format!("{}/{address}#quick", address::PATH)),
        }
    }
}

fn count(row: &Blocked) -> Option<String> {
    let seconds = row.last.seconds_since(row.first);
    let number = words::grouped(usize::try_from(row.count).unwrap_or(usize::MAX));
    match (row.count, seconds) {
        (1, _) => None,
        (_, ..1) => Some(format!("{number} at once")),
        _ => Some(format!("{number} in {}", words::duration(seconds.unsigned_abs()))),
    }
}

/// `192.0.2.7 on eth0`, `through eth0 to docker0`.
fn place(row: &Blocked) -> String {
    let at = row.door.destination.map(|address| address.to_string()).unwrap_or_default();
    let by = match (&row.door.incoming, &row.door.outgoing) {
        (Some(input), Some(output)) => format!(" from {input} to {output}"),
        (Some(input), None) => format!(" on {input}"),
        (None, Some(output)) => format!(" by {output}"),
        (None, None) => String::new(),
    };
    format!("{at}{by}").trim_start().to_owned()
}

fn verdict(receipt: Receipt) -> Tag {
    match (receipt.action, receipt.is_observed) {
        (Action::Allow, _) => Tag::new("allow", "good", "Let in"),
        (Action::Drop, false) => Tag::new("drop", "stop", "Dropped"),
        (Action::Reject, false) => Tag::new("reject", "back", "Rejected"),
        (Action::Drop, true) => Tag::new("", "eye", "Would have been dropped"),
        (Action::Reject, true) => Tag::new("", "eye", "Would have been rejected"),
    }
}

impl Sender {
    fn new(source: Source) -> Self {
        let addresses = source.addresses();
        Self {
            text: addresses.map_or_else(|| "many addresses".to_owned(), |addresses| addresses.to_string()),
            href: addresses.map(|addresses| format!("{}/{addresses}", address::PATH)),
            is_several: !matches!(source, Source::Address(_)),
        }
    }
}

impl LineLink {
    /// The name of a line and where it stands.
    #[must_use]
    pub fn new(line: Line) -> Self {
        match line {
            Line::Rule(id) => Self { text: id.to_string(), href: Some(format!("/rules#{id}")) },
            Line::Limit(id) => Self { text: format!("{id}, above its limit"), href: Some(format!("/rules#{id}")) },
            Line::Automatic(line) => Self { text: line_label(line).to_owned(), href: None },
        }
    }
}
