//! The policy as the template sees it.

use askama::Template;

use super::PolicyForm;
use crate::web::{
    kit::{Frame, Problems},
    pages::rules::effect::Effect,
};

/// The page of the policy.
#[derive(Debug, Template)]
#[template(path = "pages/rules/policy.html")]
pub struct PolicyView {
    frame: Frame,
    form: PolicyForm,
    problems: Problems,
    effect: Effect,
    can_edit: bool,
}

impl PolicyView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, form: PolicyForm, (problems, effect): (Problems, Effect), can_edit: bool) -> Self {
        Self { frame, form, problems, effect, can_edit }
    }

    fn sentence(&self) -> String {
        let word = |action: &str| match action {
            "allow" => "passes",
            "reject" => "is rejected",
            _ => "is dropped",
        };
        format!(
            "What no rule decides {} on its way in, {} on its way out and {} on its way through.",
            word(&self.form.incoming),
            word(&self.form.outgoing),
            word(&self.form.forwarded),
        )
    }
}
