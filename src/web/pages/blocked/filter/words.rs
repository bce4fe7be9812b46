//! What the form and the sentences say of a filter.

use super::{
    Filter, Span,
    time::{Time, print_some},
};
use crate::{
    firewall::aim::Aim,
    store::Treatment,
    web::kit::{Select, select},
};

impl Filter {
    /// `in 24 h`, or nothing for a time between two moments.
    pub(in crate::web::pages::blocked) fn time_words(&self) -> String {
        match self.time {
            Time::Last(span) => format!("in {}", span.words()),
            Time::Between(..) => "in this time".to_owned(),
        }
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

    /// Whether it is about what only would have been turned away.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.treatment == Treatment::Observed
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
    pub(in crate::web::pages::blocked) fn spans(&self) -> Vec<(&'static str, &'static str, bool)> {
        let own = matches!(self.time, Time::Between(..)).then_some(("", "the time chosen below", true));
        let spans = Span::ALL.into_iter().map(|span| (span.as_str(), span.words(), self.time == Time::Last(span)));
        own.into_iter().chain(spans).collect()
    }

    /// What happened.
    pub(in crate::web::pages::blocked) fn treatments(&self) -> Select {
        let words = |treatment| match treatment {
            Treatment::TurnedAway => "turned away",
            Treatment::Observed => "would have been turned away",
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
