//! What the buttons on the page of rules ask for.

use crate::firewall::RuleId;

/// An act on one or several rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Enable(Vec<RuleId>),
    Disable(Vec<RuleId>),
    /// Out of force for an hour.
    Pause(Vec<RuleId>),
    Remove(Vec<RuleId>),
    Move(Vec<RuleId>, usize),
    Up(RuleId),
    Down(RuleId),
    Duplicate(RuleId),
    /// Takes a rule that the draft removed back into it.
    PutBack(RuleId),
}

/// Why nothing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No rule was chosen.
    NothingChosen,
    /// The position isn't a number from 1.
    NoPosition,
    /// The form isn't one of ours.
    Unreadable,
}

impl Act {
    /// Reads the names and values of the form. A button of a row names its rule in its own value, `up r12`; the others are
    /// about the chosen rules.
    pub(super) fn read(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let (verb, own) = match value("act").unwrap_or_default().split_once(' ') {
            Some((verb, id)) => (verb, Some(parse(id)?)),
            None => (value("act").unwrap_or_default(), None),
        };
        let chosen = || -> Result<Vec<RuleId>, Refusal> {
            let ids = if let Some(id) = own {
                vec![id]
            } else {
                let rules = pairs.iter().filter(|(key, _)| key == "rule");
                rules.map(|(_, id)| parse(id)).collect::<Result<_, _>>()?
            };
            if ids.is_empty() { Err(Refusal::NothingChosen) } else { Ok(ids) }
        };
        match (verb, own) {
            ("enable", _) => chosen().map(Self::Enable),
            ("disable", _) => chosen().map(Self::Disable),
            ("pause", _) => chosen().map(Self::Pause),
            ("remove", _) => chosen().map(Self::Remove),
            ("move", _) => {
                let position = value("position").and_then(|text| text.trim().parse().ok()).filter(|number| *number > 0);
                Ok(Self::Move(chosen()?, position.ok_or(Refusal::NoPosition)?))
            }
            ("up", Some(id)) => Ok(Self::Up(id)),
            ("down", Some(id)) => Ok(Self::Down(id)),
            ("duplicate", Some(id)) => Ok(Self::Duplicate(id)),
            ("put-back", Some(id)) => Ok(Self::PutBack(id)),
            _ => Err(Refusal::Unreadable),
        }
    }

    /// The rule that the reader looks at afterwards.
    pub(super) fn focus(&self) -> Option<RuleId> {
        match self {
            Self::Up(id) | Self::Down(id) | Self::Duplicate(id) | Self::PutBack(id) => Some(*id),
            Self::Enable(ids) | Self::Disable(ids) | Self::Pause(ids) | Self::Move(ids, _) => ids.first().copied(),
            Self::Remove(_) => None,
        }
    }
}

fn parse(id: &str) -> Result<RuleId, Refusal> {
    RuleId::parse(id).map_err(|_| Refusal::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Act, Refusal> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Act::read(&pairs)
    }

    fn id(number: u32) -> RuleId {
        RuleId::new(number).expect("not 0")
    }

    #[test]
    fn a_button_of_a_row_names_its_rule_and_the_bar_the_chosen_ones() {
        assert_eq!(read(&[("act", "up r12")]), Ok(Act::Up(id(12))));
        assert_eq!(read(&[("act", "disable r12"), ("rule", "r1")]), Ok(Act::Disable(vec![id(12)])));
        let chosen = [("rule", "r1"), ("rule", "r2"), ("position", " 3 ")];
        assert_eq!(read(&[&[("act", "remove")], &chosen[..]].concat()), Ok(Act::Remove(vec![id(1), id(2)])));
        assert_eq!(read(&[&[("act", "move")], &chosen[..]].concat()), Ok(Act::Move(vec![id(1), id(2)], 3)));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(read(&[("act", "remove")]), Err(Refusal::NothingChosen));
        assert_eq!(read(&[("act", "move"), ("rule", "r1"), ("position", "0")]), Err(Refusal::NoPosition));
        for act in ["", "up", "explode", "up x", "remove r0", "duplicate"] {
            assert_eq!(read(&[("act", act)]), Err(Refusal::Unreadable), "{act}");
        }
    }
}
