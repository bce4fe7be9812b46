//! The whole of what an administrator decides: policy, lists, services and the ordered rules.

use serde::{Deserialize, Serialize, Serializer};

use super::{List, Policy, Rule, Service};

/// How many of each there may be. What comes from the panel is held to this before anything else looks at it.
mod caps {
    pub const RULES: usize = 20_000;
    pub const TERMS: usize = 1_000;
    pub const LISTS: usize = 250;
    pub const ENTRIES: usize = 1_000_000;
    pub const SERVICES: usize = 1_000;
}

/// A ruleset as it was written, within bounds but not checked: [`super::check()`] does that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Ruleset {
    parts: Parts,
}

/// What a ruleset is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parts {
    /// Defaults and protections.
    pub policy: Policy,
    /// Named sets of addresses.
    pub lists: Vec<List>,
    /// Services beyond the built-in ones.
    pub services: Vec<Service>,
    /// The rules; the first that matches decides.
    pub rules: Vec<Rule>,
}

/// There is more of something than Portreeve handles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("too many {what}: {found}, at most {most} are possible")]
pub struct TooMany {
    what: String,
    found: usize,
    most: usize,
}

impl Ruleset {
    /// What it is made of.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Takes it apart, to build another one.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        self.parts
    }
}

/// Written as its parts, without a copy: there may be a million entries.
impl Serialize for Ruleset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts.serialize(serializer)
    }
}

impl TryFrom<Parts> for Ruleset {
    type Error = TooMany;

    fn try_from(parts: Parts) -> Result<Self, TooMany> {
        bound("rules", parts.rules.len(), caps::RULES)?;
        bound("lists", parts.lists.len(), caps::LISTS)?;
        bound("list entries", parts.lists.iter().map(|list| list.entries.len()).sum(), caps::ENTRIES)?;
        bound("services", parts.services.len(), caps::SERVICES)?;
        for service in &parts.services {
            bound(&format!("ports of service {}", service.name), service.ports.len(), caps::TERMS)?;
        }
        for rule in &parts.rules {
            let terms = rule.who.len().max(rule.to.len()).max(rule.at.len()).max(rule.interfaces.len());
            bound(&format!("entries in one field of rule {}", rule.id), terms, caps::TERMS)?;
        }
        Ok(Self { parts })
    }
}

impl From<Ruleset> for Parts {
    fn from(ruleset: Ruleset) -> Self {
        ruleset.parts
    }
}

fn bound(what: &str, found: usize, most: usize) -> Result<(), TooMany> {
    if found <= most { Ok(()) } else { Err(TooMany { what: what.to_owned(), found, most }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_cap_is_refused() {
        let rule = r#"{"id":1,"action":"allow","direction":"in","owner":"","note":""}"#;
        let json = |count| format!(r#"{{"rules":[{}]}}"#, vec![rule; count].join(","));
        assert!(serde_json::from_str::<Ruleset>(&json(caps::RULES)).is_ok());
        let error = serde_json::from_str::<Ruleset>(&json(caps::RULES + 1)).expect_err("too many").to_string();
        assert!(error.contains("too many rules: 20001, at most 20000 are possible"), "{error}");
    }

    #[test]
    fn what_a_hostile_panel_sends_goes_through_the_same_validation() {
        for json in [
            r#"{"rules":[{"id":0,"action":"allow","direction":"in","owner":"","note":""}]}"#,
            r#"{"rules":[{"id":1,"action":"allow","direction":"in","owner":"\u001b[0m","note":""}]}"#,
            r#"{"rules":[{"id":1,"action":"allow","direction":"in","owner":"","note":"","who":["@ban"]}]}"#,
            r#"{"rules":[{"id":1,"action":"allow","direction":"in","owner":"","note":"","to":["22"]}]}"#,
            r#"{"rules":[{"id":1,"action":"allow","direction":"in","owner":"","note":"","chain":"x"}]}"#,
            r#"{"lists":[{"name":"a b"}]}"#,
            r#"{"policy":{"ping":"0/second"}}"#,
        ] {
            assert!(serde_json::from_str::<Ruleset>(json).is_err(), "{json}");
        }
    }
}
