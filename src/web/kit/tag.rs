//! A word with an icon and a tone.

use std::borrow::Cow;

use crate::firewall::Action;

/// For the macro `mark` of `templates/kit/parts.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The class that gives the colour; empty for plain.
    pub tone: &'static str,
    /// The symbol in the sprite.
    pub icon: &'static str,
    /// The word.
    pub word: Cow<'static, str>,
    /// What it means, for whoever points at it.
    pub title: Option<Cow<'static, str>>,
}

impl Tag {
    /// A tag without explanation.
    #[must_use]
    pub fn new(tone: &'static str, icon: &'static str, word: impl Into<Cow<'static, str>>) -> Self {
        Self { tone, icon, word: word.into(), title: None }
    }

    /// The same with what it means.
    #[must_use]
    pub fn meaning(self, title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: Some(title.into()), ..self }
    }
}

impl From<Action> for Tag {
    fn from(action: Action) -> Self {
        match action {
            Action::Allow => Self::new("allow", "good", "Allow"),
            Action::Drop => Self::new("drop", "stop", "Drop"),
            Action::Reject => Self::new("reject", "back", "Reject"),
        }
    }
}
