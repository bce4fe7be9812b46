//! The editor's fields as they were typed, and the rule they make.

use std::fmt::Display;

use serde::Deserialize;

use crate::{
    firewall::{
        Action, AddressRange, Direction, InterfaceName, Moment, ParseError, Peer, Rate, Rule, RuleId, Text, instant,
    },
    web::{
        kit::Problems,
        pages::rules::fields::{
            Options, all, end_of_span, optional, parse_count, parse_target, spans, split, split_words, take,
        },
    },
};

/// What was typed, kept exactly as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    /// `allow`, `drop` or `reject`.
    pub action: String,
    /// `in`, `out` or `forward`.
    pub direction: String,
    /// One peer in each line, or with commas between.
    pub who: String,
    /// Services and ports.
    pub to: String,
    /// Interface names.
    pub interfaces: String,
    /// Addresses.
    pub at: String,
    /// A rate.
    pub new_connections: String,
    /// A number.
    pub connections: String,
    /// `yes` or nothing.
    pub log: String,
    /// `yes` or nothing.
    pub enabled: String,
    /// A quick choice, `at` or nothing.
    pub expires: String,
    /// A moment.
    pub expires_at: String,
    /// Who answers for the rule.
    pub owner: String,
    /// Why it is there.
    pub note: String,
    /// The number among the rules of the direction; the last without one.
    pub position: String,
    /// `preview` or, to stage the rule, anything else.
    pub act: String,
}

impl RuleForm {
    /// The form of a rule that begins.
    #[must_use]
    pub fn fresh() -> Self {
        let word = str::to_owned;
        Self { action: word("allow"), direction: word("in"), enabled: word("yes"), ..Self::default() }
    }

    /// The same with what a new rule begins with where nothing was suggested.
    pub(super) fn completed(self) -> Self {
        let fresh = Self::fresh();
        let or = |own: String, other: String| if own.is_empty() { other } else { own };
        Self {
            action: or(self.action, fresh.action),
            direction: or(self.direction, fresh.direction),
            enabled: fresh.enabled,
            act: String::new(),
            ..self
        }
    }

    /// The form of a rule that is there, at a number among the rules of its direction.
    #[must_use]
    pub fn of(rule: &Rule, number: Option<usize>) -> Self {
        let flag = |on: bool| if on { "yes".to_owned() } else { String::new() };
        Self {
            action: rule.action.as_str().to_owned(),
            direction: word(rule.direction).to_owned(),
            who: lines(&rule.who),
            to: lines(&rule.to),
            interfaces: lines(&rule.interfaces),
            at: lines(&rule.at),
            new_connections: rule.new_connections.map(|rate| rate.to_string()).unwrap_or_default(),
            connections: rule.connections.map(|most| most.to_string()).unwrap_or_default(),
            log: flag(rule.log),
            enabled: flag(rule.enabled),
            expires: if rule.expires_at.is_some() { "at".to_owned() } else { String::new() },
            expires_at: rule.expires_at.map(instant::print).unwrap_or_default(),
            owner: rule.owner.as_str().to_owned(),
            note: rule.note.as_str().to_owned(),
            position: number.map(|number| number.to_string()).unwrap_or_default(),
            act: String::new(),
        }
    }

    /// Whether only the effect is asked for.
    pub(super) fn is_preview(&self) -> bool {
        self.act == "preview"
    }

    /// The rule that the fields make, and its number.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn read(&self, id: RuleId, before: Option<&Rule>, now: Moment) -> Result<(Rule, Option<usize>), Problems> {
        let mut problems = Problems::default();
        let action = take(&mut problems, "action", self.read_action());
        let direction = take(&mut problems, "direction", self.read_direction());
        let who = all(&mut problems, "who", split(&self.who), Peer::parse);
        let to = all(&mut problems, "to", split_words(&self.to), parse_target);
        let interfaces = all(&mut problems, "interfaces", split_words(&self.interfaces), InterfaceName::parse);
        let at = all(&mut problems, "at", split(&self.at), AddressRange::parse);
        let new_connections = take(&mut problems, "new_connections", optional(&self.new_connections, Rate::parse));
        let connections = take(&mut problems, "connections", optional(&self.connections, parse_count));
        let expires_at = take(&mut problems, "expires_at", self.read_expiry(before, now));
        let owner = take(&mut problems, "owner", Text::parse(self.owner.trim()));
        let note = take(&mut problems, "note", Text::parse(self.note.trim()));
        let position = take(&mut problems, "position", optional(&self.position, parse_position));
        if !problems.is_empty() {
            return Err(problems);
        }
        let rule = Rule {
            id,
            enabled: self.enabled == "yes",
            action: action.unwrap_or(Action::Drop),
            direction: direction.unwrap_or(Direction::In),
            who,
            to,
            interfaces,
            at,
            new_connections: new_connections.flatten(),
            connections: connections.flatten(),
            log: self.log == "yes",
            starts_at: before.and_then(|rule| rule.starts_at),
            expires_at: expires_at.flatten(),
            owner: owner.unwrap_or_else(Text::empty),
            note: note.unwrap_or_else(Text::empty),
        };
        Ok((rule, position.flatten()))
    }

    fn read_action(&self) -> Result<Action, &'static str> {
        let found = [Action::Allow, Action::Drop, Action::Reject].into_iter().find(|one| one.as_str() == self.action);
        found.ok_or("Choose what happens: allow, drop or reject.")
    }

    fn read_direction(&self) -> Result<Direction, &'static str> {
        let found =
            [Direction::In, Direction::Out, Direction::Forward].into_iter().find(|one| word(*one) == self.direction);
        found.ok_or("Choose which way: in, out or through.")
    }

    fn read_expiry(&self, before: Option<&Rule>, now: Moment) -> Result<Option<Moment>, String> {
        let typed = self.expires_at.trim();
        if let Some(moment) = end_of_span(&self.expires, now) {
            return Ok(Some(moment));
        }
        if self.expires == "at" {
            return parse_moment(typed).map(Some).map_err(|error| error.to_string());
        }
        let was = before.and_then(|rule| rule.expires_at).map(instant::print).unwrap_or_default();
        if typed.is_empty() || typed == was {
            Ok(None)
        } else {
            Err("A moment is typed here, but “Never” is chosen. Choose “At the moment below”, or empty this field."
                .to_owned())
        }
    }

    /// What happens.
    #[must_use]
    pub fn actions(&self) -> Options {
        [("allow", "Allow"), ("drop", "Drop, without an answer"), ("reject", "Reject, with an answer")]
            .map(|(value, words)| (value, words, value == self.action))
            .into()
    }

    /// Which way.
    #[must_use]
    pub fn directions(&self) -> Options {
        [("in", "In: to this host"), ("out", "Out: from this host"), ("forward", "Through this host")]
            .map(|(value, words)| (value, words, value == self.direction))
            .into()
    }

    /// When it ends.
    #[must_use]
    pub fn expiries(&self) -> Options {
        spans(&self.expires, &[("at", "At the moment below")])
    }

    /// Whether what it lets in is recorded.
    #[must_use]
    pub fn is_logged(&self) -> bool {
        self.log == "yes"
    }

    /// Whether it is to be in force.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled == "yes"
    }
}

const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Forward => "forward",
    }
}

fn lines<T: Display>(things: &[T]) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn parse_position(text: &str) -> Result<usize, ParseError> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| ParseError::new(text, "isn't a position: write a number from 1, or nothing for the last"))
}

/// Reads a moment as people type it: seconds, the `T` and the `Z` can be left out.
fn parse_moment(text: &str) -> Result<Moment, ParseError> {
    let full = text.trim_end_matches('Z').replacen(' ', "T", 1);
    let full = if full.matches(':').count() == 1 { format!("{full}:00Z") } else { format!("{full}Z") };
    instant::parse(&full).map_err(|_| ParseError::new(text, "isn't a moment like 2026-11-23 10:00 (UTC)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_795_375_697_123);

    fn id() -> RuleId {
        RuleId::new(7).expect("not 0")
    }

    #[test]
    fn a_rule_goes_into_the_form_and_comes_back() {
        let json = r#"{"id":7,"action":"reject","direction":"forward","who":["192.0.2.0/24","list:office"],"to":["ssh","icmp/8"],
            "interfaces":["eth0"],"at":["198.51.100.1-198.51.100.9"],"new_connections":"6/minute burst 9","connections":3,
            "log":true,"expires_at":"2026-12-01T10:00:00Z","owner":"Anna","note":"why"}"#;
        let rule: Rule = serde_json::from_str(json).expect("a rule");
        let form = RuleForm::of(&rule, Some(2));
        assert_eq!(form.read(id(), Some(&rule), NOW), Ok((rule, Some(2))));
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let form = RuleForm {
            action: "burn".into(),
            who: "192.0.2.1/24, nobody\n192.0.2.1".into(),
            to: "22 ssh".into(),
            connections: "0".into(),
            new_connections: "many".into(),
            note: "a\u{202e}b".into(),
            position: "-1".into(),
            expires: "at".into(),
            ..RuleForm::fresh()
        };
        let problems = form.read(id(), None, NOW).expect_err("much is wrong");
        let fields: Vec<&str> = problems.all().iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["action", "who", "to", "new_connections", "connections", "expires_at", "note", "position"]);
        let who = problems.of("who").expect("a problem");
        assert!(who.contains("did you mean 192.0.2.0/24?; \"nobody\" isn't"), "{who}");
        assert_eq!(problems.of("to"), Some("\"22\" needs its protocol: write 22/tcp or 22/udp"));
    }

    #[test]
    fn moments_are_read_as_people_type_them() {
        for text in ["2026-11-23T10:00:00Z", "2026-11-23 10:00", "2026-11-23 10:00:00", "2026-11-23T10:00Z"] {
            assert_eq!(parse_moment(text).map(instant::print), Ok("2026-11-23T10:00:00Z".to_owned()), "{text}");
        }
        for text in ["", "tomorrow", "2026-11-23", "10:00"] {
            assert!(parse_moment(text).is_err(), "{text}");
        }
        let soon = RuleForm { expires: "1h".into(), ..RuleForm::fresh() };
        let (rule, _) = soon.read(id(), None, NOW).expect("fine");
        assert_eq!(rule.expires_at, Some(Moment::from_millis(1_795_379_297_000)));
    }

    #[test]
    fn a_moment_that_would_be_ignored_is_a_problem() {
        let typed = RuleForm { expires_at: "2026-12-01 10:00".into(), ..RuleForm::fresh() };
        assert!(typed.read(id(), None, NOW).is_err());
        let (rule, _) = RuleForm { expires: "at".into(), ..typed }.read(id(), None, NOW).expect("fine");
        let never = RuleForm { expires: String::new(), ..RuleForm::of(&rule, None) };
        assert_eq!(never.read(id(), Some(&rule), NOW).map(|(rule, _)| rule.expires_at), Ok(None));
    }
}
