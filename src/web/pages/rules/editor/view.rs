//! The editor as the template sees it.

use askama::Template;

use super::RuleForm;
use crate::{
    firewall::{Moment, RuleId, Ruleset},
    web::{
        kit::{Frame, Problems, Stamp},
        pages::rules::effect::Effect,
    },
};

/// The editor.
#[derive(Debug, Template)]
#[template(path = "pages/rules/editor.html")]
pub struct EditorView {
    frame: Frame,
    /// The rule that is edited; none for a new one.
    rule: Option<String>,
    form: RuleForm,
    problems: Problems,
    effect: Effect,
    who_hint: String,
    moment_hint: String,
}

impl EditorView {
    /// Lays the editor out.
    #[must_use]
    pub fn new(
        frame: Frame,
        rule: Option<RuleId>,
        form: RuleForm,
        (problems, effect): (Problems, Effect),
        draft: &Ruleset,
        now: Moment,
    ) -> Self {
        let names: Vec<&str> = draft.parts().lists.iter().take(12).map(|list| list.name.as_str()).collect();
        let lists = if names.is_empty() { String::new() } else { format!(" Your lists: {}.", names.join(", ")) };
        Self {
            frame,
            rule: rule.map(|id| id.to_string()),
            form,
            problems,
            effect,
            who_hint: format!(
                "One in each line: an address, a prefix like 203.0.113.0/24, a range, list:NAME or own-networks. \
                 Nothing means everybody.{lists}"
            ),
            moment_hint: format!("In UTC, like 2026-11-23 10:00. Now it is {}.", Stamp::new(now, now).exact),
        }
    }

    fn heading(&self) -> String {
        self.rule.as_ref().map_or_else(|| "New rule".to_owned(), |id| format!("Rule {id}"))
    }

    fn address(&self) -> String {
        self.rule.as_ref().map_or_else(|| "/rules/new".to_owned(), |id| format!("/rules/{id}"))
    }
}
