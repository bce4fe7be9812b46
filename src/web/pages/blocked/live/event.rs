//! What an event says. A script of ours makes elements of it, text by text: no markup travels.

use serde::Serialize;

use crate::{
    firewall::{Moment, blocked::Blocked},
    web::{
        kit::{Stamp, Tag},
        pages::blocked::{Judge, Row},
    },
};

/// Rows that one event carries; more are only counted.
pub(super) const MOST: usize = 50;

/// A row.
#[derive(Debug, Serialize)]
pub(super) struct LiveRow {
    id: String,
    machine: String,
    exact: String,
    clock: String,
    count: Option<String>,
    packets: u64,
    source: String,
    source_href: Option<String>,
    several: bool,
    aim: String,
    service: Option<&'static str>,
    place: String,
    tone: &'static str,
    icon: &'static str,
    word: String,
    line: String,
    line_href: Option<String>,
    revision: u64,
    explain: Option<String>,
    let_in: Option<String>,
    ban: Option<String>,
}

/// Rows that came at once.
#[derive(Debug, Serialize)]
pub(super) struct Rows {
    #[serde(rename = "rows")]
    newest: Vec<LiveRow>,
    /// How many more came that aren't part of the event.
    more: usize,
    /// Packets of all of them.
    packets: u64,
}

impl Rows {
    /// The newest of the rows, the oldest first.
    pub(super) fn new(rows: &[&Blocked], now: Moment) -> Self {
        let more = rows.len().saturating_sub(MOST);
        let judge = Judge::without_rules(now);
        Self {
            more,
            packets: rows.iter().map(|row| row.count).fold(0, u64::saturating_add),
            newest: rows.iter().skip(more).map(|row| LiveRow::new(row, &judge, now)).collect(),
        }
    }
}

impl LiveRow {
    fn new(row: &Blocked, judge: &Judge, now: Moment) -> Self {
        let Row { id, at, count, source, aim, service, place, verdict, line, revision, explain, let_in, ban, .. } =
            Row::new(row, judge, now);
        let Tag { tone, icon, word, .. } = verdict;
        Self {
            id,
            clock: clock(&at),
            machine: at.machine,
            exact: at.exact,
            count,
            packets: row.count,
            source: source.text,
            source_href: source.href,
            several: source.is_several,
            aim,
            service,
            place,
            tone,
            icon,
            word: word.into_owned(),
            line: line.text,
            line_href: line.href,
            revision,
            explain,
            let_in,
            ban,
        }
    }
}

/// `19:28:17`.
fn clock(at: &Stamp) -> String {
    at.clock().trim_end_matches(" UTC").to_owned()
}

/// An event of this kind: its key, where a reader that comes back goes on, and its content as one line of JSON.
pub(super) fn event(kind: &str, id: Option<i64>, content: &impl Serialize) -> String {
    let json = serde_json::to_string(content).expect("numbers and texts become JSON");
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: {kind}\n{id}data: {json}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_between_its_fields() {
        let text = event("gap", Some(7), &"a\nb");
        assert_eq!(text, "event: gap\nid: 7\ndata: \"a\\nb\"\n\n");
    }
}
