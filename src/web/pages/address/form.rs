//! Allowing or denying an address at once, as it was typed.

use serde::Deserialize;

use crate::{
    firewall::{Action, Direction, Target, Text},
    web::{
        kit::Problems,
        pages::rules::fields::{Options, all, parse_target, split_words, take},
    },
};

/// What was typed, kept exactly as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QuickForm {
    /// `allow` or `deny`, from the button.
    pub action: String,
    /// `1h`, `1d`, `7d` or `always`.
    pub span: String,
    /// Services and ports; nothing for everything.
    pub to: String,
    /// `in` or `out`.
    pub direction: String,
    /// Why.
    pub note: String,
}

/// The spans: value and words.
const SPANS: [(&str, &str); 4] =
    [("1h", "For 1 hour"), ("1d", "For 1 day"), ("7d", "For 7 days"), ("always", "Always")];
const HOUR: i64 = 3600;

/// What the fields ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Allow or drop.
    pub action: Action,
    /// For how long; always without one.
    pub seconds: Option<i64>,
    /// What is reached.
    pub to: Vec<Target>,
    /// In or out.
    pub direction: Direction,
    /// Why.
    pub note: Text,
}

impl QuickForm {
    /// The form before anything is typed.
    #[must_use]
    pub fn fresh() -> Self {
        Self { span: "1h".to_owned(), direction: "in".to_owned(), ..Self::default() }
    }

    /// The same with services and ports that another page suggests.
    #[must_use]
    pub fn to(self, to: String) -> Self {
        Self { to, ..self }
    }

    /// Reads the fields.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn read(&self) -> Result<Wish, Problems> {
        let mut problems = Problems::default();
        let action = match self.action.as_str() {
            "allow" => Ok(Action::Allow),
            "deny" => Ok(Action::Drop),
            _ => Err("Choose allow or deny."),
        };
        let seconds = match self.span.as_str() {
            "1h" => Ok(Some(HOUR)),
            "1d" => Ok(Some(24 * HOUR)),
            "7d" => Ok(Some(7 * 24 * HOUR)),
            "always" => Ok(None),
            _ => Err("Choose for how long."),
        };
        let direction = match self.direction.as_str() {
            "in" => Ok(Direction::In),
            "out" => Ok(Direction::Out),
            _ => Err("Choose which way."),
        };
        let action = take(&mut problems, "span", action);
        let seconds = take(&mut problems, "span", seconds);
        let to = all(&mut problems, "to", split_words(&self.to), parse_target);
        let direction = take(&mut problems, "direction", direction);
        let note = take(&mut problems, "note", Text::parse(self.note.trim()));
        match (action, seconds, direction, note) {
            (Some(action), Some(seconds), Some(direction), Some(note)) if problems.is_empty() => {
                Ok(Wish { action, seconds, to, direction, note })
            }
            _ => Err(problems),
        }
    }

    /// For how long; always only for whoever may change rules.
    #[must_use]
    pub fn spans(&self, can_edit: bool) -> Options {
        let open = SPANS.iter().filter(|(value, _)| can_edit || *value != "always");
        open.map(|(value, words)| (*value, *words, *value == self.span)).collect()
    }

    /// Which way.
    #[must_use]
    pub fn directions(&self) -> Options {
        [("in", "What it sends to this host"), ("out", "What this host sends to it")]
            .map(|(value, words)| (value, words, value == self.direction))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(action: &str, span: &str, to: &str) -> QuickForm {
        let word = str::to_owned;
        QuickForm { action: word(action), span: word(span), to: word(to), direction: word("in"), note: String::new() }
    }

    #[test]
    fn a_wish_is_read_and_what_is_wrong_is_told() {
        let wish = form("deny", "1h", "22/tcp, https").read().expect("fine");
        assert_eq!((wish.action, wish.seconds, wish.to.len()), (Action::Drop, Some(3600), 2));
        assert_eq!(form("allow", "always", "").read().map(|wish| wish.seconds), Ok(None));
        let problems = QuickForm { note: "a\nb".into(), ..form("", "2d", "22") }.read().expect_err("all of it");
        assert!(["span", "to", "note"].iter().all(|field| problems.of(field).is_some()), "{problems:?}");
    }
}
