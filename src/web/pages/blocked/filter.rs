//! What part of the record is shown. All of it stands in the page's address.

use super::PATH;
use crate::{
    firewall::{AddressRange, InterfaceName, Line, Moment, aim::Aim, blocked::BlockedId, instant},
    store::{BlockedFilter, Treatment},
    web::kit::{Query, Select, Shown, select},
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// How far back, from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// 7 days and what has passed of this one.
    Week,
    /// 30 days and what has passed of this one.
    Month,
    /// 90 days and what has passed of this one.
    Quarter,
}

impl Span {
    const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// The words behind "in".
    const fn words(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 h",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }

    /// Long ones begin with a day, because sums over days are at hand and of parts of days long ago are not.
    fn start(self, now: Moment) -> Moment {
        let days = |days| Moment::from_millis((now.as_millis().div_euclid(DAY * 1000) - days) * DAY * 1000);
        match self {
            Self::Hour => now.plus_seconds(-HOUR),
            Self::Day => now.plus_seconds(-DAY),
            Self::Week => days(7),
            Self::Month => days(30),
            Self::Quarter => days(90),
        }
    }
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Last(Span),
    Between(Option<Moment>, Option<Moment>),
}

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

    /// `in 24 h`, or nothing for a time between two moments.
    pub(super) fn time_words(&self) -> String {
        match self.time {
            Time::Last(span) => format!("in {}", span.words()),
            Time::Between(..) => "in this time".to_owned(),
        }
    }

    /// The part of the address behind the question mark, without the place in the record.
    #[must_use]
    pub fn query(&self) -> Query {
        let (span, from, until) = match self.time {
            Time::Last(Span::Day) => ("", String::new(), String::new()),
            Time::Last(span) => (span.as_str(), String::new(), String::new()),
            Time::Between(from, until) => ("", print_some(from), print_some(until)),
        };
        Query::default()
            .with("span", span)
            .with("from", &from)
            .with("to", &until)
            .with("source", &self.source_text())
            .with("port", &self.aim_text())
            .with("rule", &self.line.map(|line| line.to_string()).unwrap_or_default())
            .with("interface", &self.interface_text())
            .with("what", self.what())
    }

    /// The address of the page with this filter.
    #[must_use]
    pub fn address(&self) -> String {
        self.query().on(PATH)
    }

    /// The address of the page that begins below a row.
    #[must_use]
    pub fn below(&self, row: BlockedId) -> String {
        self.query().with("before", &row.0.to_string()).on(PATH)
    }

    /// The same filter, of this source.
    #[must_use]
    pub fn of_source(&self, source: AddressRange) -> Self {
        Self { source: Some(source), ..self.fresh() }
    }

    /// The same filter, of this port or protocol.
    #[must_use]
    pub fn of_aim(&self, aim: Aim) -> Self {
        Self { aim, ..self.fresh() }
    }

    /// The same filter, of this line.
    #[must_use]
    pub fn of_line(&self, line: Line) -> Self {
        Self { line: Some(line), ..self.fresh() }
    }

    /// The same filter, of this interface.
    #[must_use]
    pub fn of_interface(&self, interface: InterfaceName) -> Self {
        Self { interface: Some(interface), ..self.fresh() }
    }

    /// The same filter, between two moments.
    #[must_use]
    pub fn between(&self, from: Moment, until: Moment) -> Self {
        Self { time: Time::Between(Some(from), Some(until)), ..self.fresh() }
    }

    /// The same filter for what comes from now on, with what came in the last hour to begin with.
    #[must_use]
    pub fn live(self) -> Self {
        Self { time: Time::Last(Span::Hour), before: None, ..self }
    }

    fn fresh(&self) -> Self {
        Self { before: None, ignored: Vec::new(), ..self.clone() }
    }

    /// What restricts it, each with the address of the page without it.
    pub(super) fn chosen(&self) -> Vec<(String, String)> {
        let mut chosen = Vec::new();
        let mut add = |words: String, without: Self| chosen.push((words, without.address()));
        let fresh = self.fresh();
        if self.source.is_some() {
            add(format!("from {}", self.source_text()), Self { source: None, ..fresh.clone() });
        }
        if self.aim != Aim::default() {
            add(format!("to {}", self.aim_text()), Self { aim: Aim::default(), ..fresh.clone() });
        }
        if let Some(line) = self.line {
            add(format!("by {line}"), Self { line: None, ..fresh.clone() });
        }
        if let Some(interface) = &self.interface {
            add(format!("on {interface}"), Self { interface: None, ..fresh.clone() });
        }
        chosen
    }

    /// The source as typed.
    #[must_use]
    pub fn source_text(&self) -> String {
        self.source.map(|source| source.to_string()).unwrap_or_default()
    }

    /// The port as typed.
    #[must_use]
    pub fn aim_text(&self) -> String {
        if self.aim == Aim::default() { String::new() } else { self.aim.to_string() }
    }

    /// The line's name.
    #[must_use]
    pub fn line_text(&self) -> String {
        self.line.map(|line| line.to_string()).unwrap_or_default()
    }

    /// The interface's name.
    #[must_use]
    pub fn interface_text(&self) -> String {
        self.interface.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// What happened, as the address has it; nothing for the usual.
    #[must_use]
    pub fn what(&self) -> &'static str {
        if self.treatment == Treatment::TurnedAway { "" } else { self.treatment.as_str() }
    }

    /// Whether it is about what was let in.
    #[must_use]
    pub fn is_let_in(&self) -> bool {
        self.treatment == Treatment::LetIn
    }

    /// The span as the address has it; nothing for a time between two moments.
    #[must_use]
    pub fn span(&self) -> &'static str {
        if let Time::Last(span) = self.time { span.as_str() } else { "" }
    }

    /// The moments of a time between two, for the forms; both empty for a span.
    #[must_use]
    pub fn moments(&self) -> (String, String) {
        match self.time {
            Time::Last(_) => (String::new(), String::new()),
            Time::Between(from, until) => (print_some(from), print_some(until)),
        }
    }

    /// How far back.
    pub(super) fn spans(&self) -> Vec<(&'static str, &'static str, bool)> {
        let own = matches!(self.time, Time::Between(..)).then_some(("", "the time chosen below", true));
        let spans = Span::ALL.into_iter().map(|span| (span.as_str(), span.words(), self.time == Time::Last(span)));
        own.into_iter().chain(spans).collect()
    }

    /// What happened.
    pub(super) fn treatments(&self) -> Select {
        let words = |treatment| match treatment {
            Treatment::TurnedAway => "turned away",
            Treatment::Dropped => "dropped",
            Treatment::Rejected => "rejected",
            Treatment::LetIn => "let in and recorded",
        };
        let chosen = (self.treatment != Treatment::TurnedAway).then_some(self.treatment);
        let mut made = select::select("what", "What happened", &Treatment::ALL[1..], Treatment::as_str, words, chosen);
        if let Some(any) = made.options.first_mut() {
            any.1 = words(Treatment::TurnedAway);
        }
        made
    }
}

fn print_some(moment: Option<Moment>) -> String {
    moment.map(instant::print).unwrap_or_default().trim_end_matches('Z').to_owned()
}

/// Reads a moment as browsers send it: the seconds may be missing.
fn parse_moment(text: &str) -> Option<Moment> {
    let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
    let full = if text.matches(':').count() == 1 { format!("{text}:00Z") } else { format!("{text}Z") };
    instant::parse(&full).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
