//! Filters as addresses of the page, and the filters that links lead to.

use super::{
    Filter, Span,
    time::{Time, print_some},
};
use crate::{
    firewall::{AddressRange, InterfaceName, Line, Moment, aim::Aim, blocked::BlockedId},
    web::{kit::Query, pages::blocked::PATH},
};

impl Filter {
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
    pub(in crate::web::pages::blocked) fn chosen(&self) -> Vec<(String, String)> {
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
}
