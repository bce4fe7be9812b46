//! What the statements take, as one JSON object.

use std::fmt::Write;

use serde::Serialize;

use super::BlockedFilter;
use crate::firewall::{
    AddressRange,
    blocked::{BlockedId, Source},
};

/// How rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// By the key, and so by time.
    #[default]
    Time,
    /// By the index of sources, which has the rows of one address in order.
    One,
    /// By the index of sources, over the few rows of a network.
    Few,
}

const SECOND: i64 = 1000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The parameters. A statement reads those that it knows.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Parameters {
    /// Keys: from the first, to the one behind the last.
    pub from: i64,
    pub until: i64,
    pub port: Option<u16>,
    pub protocol: Option<u8>,
    pub line: Option<String>,
    pub interface: Option<String>,
    pub treatment: &'static str,
    /// Sources in hexadecimal digits, and the two lengths in bytes that their family has.
    pub source_from: Option<String>,
    pub source_until: Option<String>,
    pub lengths: [u8; 2],
    /// How rows are found.
    pub way: Way,
    /// The time in whole days, whole hours, and what is left.
    pub parts: Parts,
    /// Seconds of a bar.
    pub bar: i64,
    /// Rows wanted, or rows to go back.
    pub limit: u32,
}

impl Parameters {
    pub fn of(filter: &BlockedFilter) -> Self {
        let bytes = filter.sources.map(ends);
        Self {
            from: BlockedId::first_of(filter.from).0,
            until: BlockedId::first_of(filter.until).0,
            port: filter.port,
            protocol: filter.protocol,
            line: filter.line.map(|line| line.to_string()),
            interface: filter.interface.as_ref().map(ToString::to_string),
            treatment: filter.treatment.as_str(),
            source_from: bytes.as_ref().map(|(first, _)| hex(first)),
            source_until: bytes.as_ref().map(|(_, last)| hex(last)),
            lengths: if bytes.is_some_and(|(_, last)| last.len() == 4) { [3, 4] } else { [8, 16] },
            parts: Parts::of(filter.from.as_millis() / SECOND, filter.until.as_millis() / SECOND),
            ..Self::default()
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts become JSON")
    }
}

/// The bytes of the first and the last source. A network that was kept as a whole sorts before its addresses, so it is
/// within reach only if the range begins with it.
fn ends(range: AddressRange) -> (Vec<u8>, Vec<u8>) {
    let (first, last) = (Source::Address(range.first()), Source::Address(range.last()));
    let network = first.network();
    let begins_whole = match network {
        Source::Network(net) => net.addr() == range.first() && net.broadcast() <= range.last(),
        Source::Address(_) | Source::Many(_) => false,
    };
    (if begins_whole { network.to_bytes() } else { first.to_bytes() }, last.to_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes every write");
        out
    })
}

/// A time cut into whole days, whole hours before and behind them, and what is left at both ends, all half open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Parts {
    /// Days since 1970.
    pub days: [i64; 2],
    /// Hours since 1970 before the days.
    pub early: [i64; 2],
    /// Hours behind the days.
    pub late: [i64; 2],
    /// Keys before the hours.
    pub head: [i64; 2],
    /// Keys behind the hours.
    pub tail: [i64; 2],
}

impl Parts {
    /// Cuts the time between two seconds since 1970.
    pub fn of(from: i64, until: i64) -> Self {
        let up = |second: i64, unit: i64| second.div_euclid(unit) + i64::from(second.rem_euclid(unit) > 0);
        let key = |second: i64| second.saturating_mul(1 << 16);
        let hours = [up(from, HOUR), until.div_euclid(HOUR)];
        if hours[0] >= hours[1] {
            return Self { head: [key(from), key(until)], ..Self::default() };
        }
        let mut days = [up(from, DAY), until.div_euclid(DAY)];
        if days[0] >= days[1] {
            days = [0, 0];
        }
        let (early, late) = match days {
            [first, last] if first < last => ([hours[0], first * 24], [last * 24, hours[1]]),
            _ => (hours, [0, 0]),
        };
        Self { days, early, late, head: [key(from), key(hours[0] * HOUR)], tail: [key(hours[1] * HOUR), key(until)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(parts: &Parts) -> i64 {
        let span = |[from, until]: [i64; 2], unit: i64| (until - from).max(0) * unit;
        let keys = (span(parts.head, 1) + span(parts.tail, 1)) >> 16;
        span(parts.days, DAY) + span(parts.early, HOUR) + span(parts.late, HOUR) + keys
    }

    #[test]
    fn the_parts_of_a_time_add_up_to_it() {
        for from in [0, 1, 3_599, 3_600, 86_399, 86_400, 1_795_375_697] {
            for length in [0, 1, 60, 3_599, 3_600, 3_601, 86_400, 90_000, 259_200, 7_776_001] {
                let parts = Parts::of(from, from + length);
                assert_eq!(seconds(&parts), length, "{from} + {length}: {parts:?}");
            }
        }
    }

    #[test]
    fn a_whole_network_reaches_what_was_kept_of_it_as_one() {
        let ends = |text: &str| {
            let (first, last) = ends(AddressRange::parse(text).unwrap());
            (hex(&first), hex(&last))
        };
        assert_eq!(ends("192.0.2.0/24"), ("c00002".into(), "c00002ff".into()));
        assert_eq!(ends("192.0.2.7"), ("c0000207".into(), "c0000207".into()));
        assert_eq!(ends("192.0.2.0/25").0, "c0000200");
        assert_eq!(ends("2001:db8::/32").0, "20010db800000000");
    }
}
