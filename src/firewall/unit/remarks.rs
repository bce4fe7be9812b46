//! What an act on units didn't reach, in words.

use super::{FormerState, TouchedUnits, UnitFacts, UnitLevel, UnitName};

impl TouchedUnits {
    /// After closing: what still runs, and what will start again, a sentence each. Empty if all is closed.
    #[must_use]
    pub fn left_open(&self) -> Vec<String> {
        let lasts = self.record.level != UnitLevel::Stop;
        let running = self.pairs().filter(|(former, _)| former.is_stopped()).filter_map(|(_, facts)| run(facts));
        let closed = self.pairs().filter(|(former, _)| former.is_closed && lasts);
        running.chain(closed.filter_map(|(_, facts)| start(facts, &self.starters(facts)))).collect()
    }

    /// After opening again: what isn't as it was, a sentence each. Empty if all is.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let now = |former: &FormerState| self.pairs().find(|(other, _)| other.name == former.name).map(|(_, now)| now);
        self.record.units.iter().flat_map(|former| differences(former, now(former))).collect()
    }

    /// What would start a closed unit with the host or later; none if it is masked. Another closed one doesn't count.
    #[must_use]
    pub fn starters<'a>(&'a self, facts: &'a UnitFacts) -> Vec<&'a UnitName> {
        let is_closed = |name: &UnitName| self.record.units.iter().any(|other| other.is_closed && other.name == *name);
        let lists = [&facts.wanted_by, &facts.required_by, &facts.triggered_by];
        let names = lists.into_iter().flatten().filter(|name| !is_closed(name));
        names.filter(|_| !facts.is_masked()).collect()
    }
}

fn run(facts: &UnitFacts) -> Option<String> {
    let UnitFacts { name, sub_state, .. } = facts;
    if facts.is_stopping() {
        return Some(format!("{name} was told to stop and is still at it ({sub_state})"));
    }
    facts.is_active().then(|| format!("{name} was stopped, but something has started it again"))
}

fn start(facts: &UnitFacts, starters: &[&UnitName]) -> Option<String> {
    let name = &facts.name;
    if facts.is_enabled() {
        return Some(format!("{name} is still enabled, so it starts again with the host"));
    }
    let first = starters.first()?;
    Some(format!("{name} may start again, because {first} starts it"))
}

fn differences(former: &FormerState, now: Option<&UnitFacts>) -> Vec<String> {
    let name = &former.name;
    let Some(now) = now else {
        return vec![format!("{name} is no longer installed")];
    };
    let (was, is) = (&former.unit_file_state, &now.unit_file_state);
    let file = (was != is).then(|| format!("{name} was {was} before and is {is} now"));
    let state = format!("{name} ran before and is {} now ({})", now.active_state, now.sub_state);
    file.into_iter().chain((former.was_active && now.active_state != "active").then_some(state)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{Moment, unit::UnitRecord};

    fn name(text: &str) -> UnitName {
        UnitName::parse(text).unwrap()
    }

    fn facts(text: &str, active_state: &str, unit_file_state: &str) -> UnitFacts {
        UnitFacts {
            name: name(text),
            aliases: Vec::new(),
            description: String::new(),
            load_state: "loaded".into(),
            active_state: active_state.into(),
            sub_state: "x".into(),
            unit_file_state: unit_file_state.into(),
            restarts: 0,
            since: None,
            triggered_by: Vec::new(),
            triggers: Vec::new(),
            required_by: Vec::new(),
            wanted_by: Vec::new(),
            stops_with: Vec::new(),
            can_be_masked: true,
            protected: None,
        }
    }

    fn touched(level: UnitLevel, now: Vec<UnitFacts>) -> TouchedUnits {
        let former = |facts: &UnitFacts| FormerState {
            name: facts.name.clone(),
            is_closed: true,
            was_active: true,
            unit_file_state: "enabled".into(),
            wanted_by: Vec::new(),
        };
        let units = now.iter().map(former).collect();
        let record = UnitRecord { id: 1, at: Moment::from_millis(0), name: name("a.service"), level, units };
        TouchedUnits { record, now }
    }

    #[test]
    fn what_is_closed_needs_no_words_and_what_goes_on_does() {
        let done = touched(UnitLevel::Disable, vec![facts("a.service", "inactive", "disabled")]);
        assert_eq!(done.left_open(), Vec::<String>::new());
        let stopping = touched(UnitLevel::Stop, vec![facts("a.service", "deactivating", "enabled")]);
        assert_eq!(stopping.left_open(), ["a.service was told to stop and is still at it (x)"]);
        let again = touched(UnitLevel::Disable, vec![facts("a.service", "activating", "enabled")]);
        assert_eq!(again.left_open().len(), 2);
    }

    #[test]
    fn another_unit_that_starts_it_counts_unless_it_is_closed_too() {
        let mut service = facts("a.service", "inactive", "disabled");
        service.triggered_by = vec![name("a.socket")];
        let socket = facts("a.socket", "inactive", "disabled");
        assert_eq!(touched(UnitLevel::Disable, vec![service.clone(), socket]).left_open(), Vec::<String>::new());
        let alone = touched(UnitLevel::Disable, vec![service.clone()]);
        assert_eq!(alone.left_open(), ["a.service may start again, because a.socket starts it"]);
        service.unit_file_state = "masked".into();
        assert_eq!(touched(UnitLevel::Disable, vec![service]).left_open(), Vec::<String>::new());
    }

    #[test]
    fn every_difference_to_before_is_told() {
        let same = touched(UnitLevel::Mask, vec![facts("a.service", "active", "enabled")]);
        assert_eq!(same.differences(), Vec::<String>::new());
        let other = touched(UnitLevel::Mask, vec![facts("a.service", "failed", "masked")]);
        assert_eq!(other.differences().len(), 2);
        let mut gone = other;
        gone.now.clear();
        assert_eq!(gone.differences(), ["a.service is no longer installed"]);
    }
}
