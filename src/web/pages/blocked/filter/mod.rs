//! What part of the record is shown. All of it stands in the page's address.

mod address;
mod time;
mod words;

pub use time::Span;

use crate::{
    firewall::{AddressRange, InterfaceName, Line, Moment, aim::Aim, blocked::BlockedId},
    store::{BlockedFilter, Treatment},
    web::kit::Shown,
};
use time::{Time, parse_moment};

/// The page's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    time: Time,
    source: Option<AddressRange>,
    aim: Aim,
    line: Option<Line>,
    interface: Option<InterfaceName>,
    treatment: Treatment,
    /// Rows below this key are shown; the newest without it.
    pub before: Option<BlockedId>,
    /// What of the address made no sense and was left out, for the reader.
    pub ignored: Vec<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            time: Time::Last(Span::Day),
            source: None,
            aim: Aim::default(),
            line: None,
            interface: None,
            treatment: Treatment::TurnedAway,
            before: None,
            ignored: Vec::new(),
        }
    }
}

impl Filter {
    /// The last 30 days.
    #[must_use]
    pub fn last_month() -> Self {
        Self { time: Time::Last(Span::Month), ..Self::default() }
    }

    /// Reads the names and values of an address. Unknown names are none of ours; a value that makes no sense is left
    /// out and noted.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = Self::default();
        for (name, value) in
            pairs.iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty())
        {
            if let Err(reason) = filter.take(name, value) {
                let value = Shown::new(value, 60).short;
                filter.ignored.push(format!("“{value}” {reason}, so it was left out."));
            }
        }
        if pairs.iter().any(|(name, value)| name == "span" && Span::ALL.iter().any(|span| span.as_str() == value)) {
            filter.take_span(pairs);
        }
        filter
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "from" | "to" => self.take_moment(name, value)?,
            "source" => self.source = Some(AddressRange::parse(value).map_err(|_| "isn’t an address or prefix")?),
            "port" => self.aim = Aim::parse(&value.to_lowercase()).map_err(|_| "isn’t a port like 22/tcp")?,
            "rule" => self.line = Some(Line::parse(value).map_err(|_| "isn’t a rule like r12")?),
            "interface" => self.interface = Some(InterfaceName::parse(value).map_err(|_| "isn’t an interface")?),
            "what" => {
                let found = Treatment::ALL.into_iter().find(|one| one.as_str() == value);
                self.treatment = found.ok_or("isn’t a choice for what happened")?;
            }
            "before" => self.before = Some(BlockedId(value.parse().map_err(|_| "isn’t a place in the record")?)),
            _ => {}
        }
        Ok(())
    }

    fn take_moment(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let moment = parse_moment(value).ok_or("isn’t a moment like 2026-11-22T19:00")?;
        let (from, until) = match self.time {
            Time::Between(from, until) => (from, until),
            Time::Last(_) => (None, None),
        };
        self.time = if name == "from" { Time::Between(Some(moment), until) } else { Time::Between(from, Some(moment)) };
        Ok(())
    }

    /// A span counts more than moments, so that a form can have both.
    fn take_span(&mut self, pairs: &[(String, String)]) {
        let asked = pairs.iter().filter(|(name, _)| name == "span");
        let found =
            asked.filter_map(|(_, value)| Span::ALL.into_iter().find(|span| span.as_str() == value)).next_back();
        self.time = found.map_or(self.time, Time::Last);
    }

    /// The same as the store understands it.
    #[must_use]
    pub fn wanted(&self, now: Moment) -> BlockedFilter {
        let end = Moment::from_millis((now.as_millis().div_euclid(1000) + 1) * 1000);
        let (from, until) = match self.time {
            Time::Last(span) => (span.start(now), end),
            Time::Between(from, until) => {
                let until = until.unwrap_or(end);
                (from.unwrap_or_else(|| Span::Day.start(until)), until)
            }
        };
        BlockedFilter {
            sources: self.source,
            port: self.aim.port,
            protocol: self.aim.protocol,
            line: self.line,
            interface: self.interface.clone(),
            treatment: self.treatment,
            ..BlockedFilter::between(from, until.max(from.plus_seconds(1)))
        }
    }

    /// Whether something but the time restricts it.
    #[must_use]
    pub fn is_set(&self) -> bool {
        Self { time: Time::Last(Span::Day), ignored: Vec::new(), before: None, ..self.clone() } != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{time::DAY, *};

    const NOW: Moment = Moment::from_millis(1_795_375_697_123);

    fn filter(pairs: &[(&str, &str)]) -> Filter {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::from_pairs(&pairs)
    }

    #[test]
    fn every_part_of_an_address_is_read_and_written_back() {
        let pairs = [
            ("from", "2026-11-22T19:00:00"),
            ("to", "2026-11-22T19:30:00"),
            ("source", "203.0.113.0/24"),
            ("port", "22/tcp"),
            ("rule", "default-in"),
            ("interface", "eth0"),
            ("what", "drop"),
        ];
        let read = filter(&pairs);
        assert_eq!(read.ignored, Vec::<String>::new());
        assert_eq!(
            read.address(),
            "/blocked?from=2026-11-22T19%3A00%3A00&to=2026-11-22T19%3A30%3A00&source=203.0.113.0/24&port=22/tcp\
             &rule=default-in&interface=eth0&what=drop"
        );
        assert_eq!((read.is_set(), read.chosen().len()), (true, 4));
        assert_eq!(filter(&[]).address(), "/blocked");
    }

    #[test]
    fn nonsense_is_left_out_and_told() {
        let read = filter(&[
            ("from", "yesterday"),
            ("source", "\u{202e}x"),
            ("port", "99999"),
            ("rule", "r0"),
            ("interface", "a b"),
            ("what", "burn"),
            ("before", "x"),
        ]);
        assert_eq!(read.ignored.len(), 7);
        assert!(!read.ignored.concat().contains('\u{202e}'));
        assert!(!read.is_set());
    }

    #[test]
    fn a_span_counts_more_than_moments_and_long_ones_begin_with_a_day() {
        let read = filter(&[("from", "2026-11-22T19:00"), ("span", "7d")]);
        assert_eq!(read.span(), "7d");
        let wanted = read.wanted(NOW);
        assert_eq!(wanted.from.as_millis() % (DAY * 1000), 0);
        assert_eq!(wanted.until, Moment::from_millis(1_795_375_698_000));
        let custom = filter(&[("from", "2026-11-22T19:00"), ("to", "2026-11-22 18:00")]).wanted(NOW);
        assert_eq!(custom.until.seconds_since(custom.from), 1, "an empty time has a second all the same");
    }
}
