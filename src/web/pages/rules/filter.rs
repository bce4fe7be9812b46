//! What part of the rules is shown, and how. All of it stands in the page's address.

use crate::{
    firewall::{Action, Rule},
    web::kit::{
        Query, Select, Shown,
        select::{choose, select},
    },
};

use super::{PATH, badges, row::is_over, sight::Sight};

const LONGEST_SEARCH: usize = 200;

/// The page's parameters.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that must all occur.
    pub search: String,
    /// Whether the rules stand by service instead of in order.
    pub by_service: bool,
    state: Option<State>,
    /// The page of the list, from 1; 0 when not given.
    pub page: usize,
    /// What of the address made no sense and was left out, for the reader.
    pub ignored: Vec<String>,
}

/// What may be said of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Staged,
    Look,
    Disabled,
    Expires,
    Expired,
    Allows,
    Denies,
}

impl State {
    const ALL: [Self; 7] =
        [Self::Staged, Self::Look, Self::Disabled, Self::Expires, Self::Expired, Self::Allows, Self::Denies];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Look => "look",
            Self::Disabled => "disabled",
            Self::Expires => "expires",
            Self::Expired => "expired",
            Self::Allows => "allow",
            Self::Denies => "deny",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Staged => "changed in the draft",
            Self::Look => "with something to look at",
            Self::Disabled => "disabled",
            Self::Expires => "that will expire",
            Self::Expired => "expired",
            Self::Allows => "that allow",
            Self::Denies => "that deny",
        }
    }

    fn fits(self, rule: &Rule, is_removed: bool, sight: &Sight<'_>) -> bool {
        let over = is_over(rule, sight.now);
        match self {
            Self::Staged => sight.marks.contains_key(&rule.id),
            Self::Look => {
                let badges = badges::of(rule, is_removed, sight);
                badges.iter().any(|badge| !badge.draft && badge.tag.word != "Disabled")
            }
            Self::Disabled => !rule.enabled,
            Self::Expires => rule.expires_at.is_some() && !over,
            Self::Expired => over,
            Self::Allows => rule.action == Action::Allow,
            Self::Denies => rule.action != Action::Allow,
        }
    }
}

impl Filter {
    /// Reads the names and values of an address. Unknown names are none of ours; a value that makes no sense is left
    /// out and noted.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            if !filter.take(name, value) {
                let value = Shown::new(value, 40).short;
                filter.ignored.push(format!("“{value}” isn't a choice for “{name}”, so it was left out."));
            }
        }
        filter
    }

    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "q" => self.search = value.trim().chars().take(LONGEST_SEARCH).collect(),
            "view" if value == "service" => self.by_service = true,
            "view" => return value == "order",
            "show" => return choose(&mut self.state, &State::ALL, State::as_str, value),
            "page" => return value.parse().map(|page| self.page = page).is_ok(),
            _ => {}
        }
        true
    }

    /// Whether something is left out of the list.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.search.is_empty() || self.state.is_some()
    }

    /// The choices above the list.
    #[must_use]
    pub fn selects(&self) -> [Select; 1] {
        [select("show", "Rules", &State::ALL, State::as_str, State::label, self.state)]
    }

    /// The address of page `page` of this list.
    #[must_use]
    pub fn address(&self, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        Query::default()
            .with("view", if self.by_service { "service" } else { "" })
            .with("q", &self.search)
            .with("show", self.state.map_or("", State::as_str))
            .with("page", &page)
            .on(PATH)
    }

    /// The address of the same rules by order or by service.
    #[must_use]
    pub fn view(&self, by_service: bool) -> String {
        Self { by_service, ..self.clone() }.address(1)
    }

    /// Whether a rule is shown.
    pub(super) fn fits(&self, rule: &Rule, is_removed: bool, sight: &Sight<'_>) -> bool {
        self.fits_words(rule) && self.state.is_none_or(|state| state.fits(rule, is_removed, sight))
    }

    fn fits_words(&self, rule: &Rule) -> bool {
        if self.search.is_empty() {
            return true;
        }
        let text = text(rule);
        self.search.split_whitespace().map(str::to_lowercase).all(|word| text.contains(&word))
    }
}

/// Everything of a rule that somebody may look for, in lower case.
fn text(rule: &Rule) -> String {
    let mut parts = vec![rule.id.to_string(), rule.action.as_str().to_owned()];
    parts.extend(rule.who.iter().map(ToString::to_string));
    parts.extend(rule.to.iter().map(ToString::to_string));
    parts.extend(rule.at.iter().map(ToString::to_string));
    parts.extend(rule.interfaces.iter().map(ToString::to_string));
    parts.extend([rule.owner.to_string(), rule.note.to_string()]);
    parts.join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_and_nonsense_is_noted() {
        let pairs = [("q", "ssh & co"), ("view", "service"), ("show", "expired"), ("page", "x"), ("other", "y")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let filter = Filter::from_pairs(&pairs);
        assert_eq!(filter.address(2), "/rules?view=service&q=ssh%20%26%20co&show=expired&page=2");
        assert_eq!(filter.view(false), "/rules?q=ssh%20%26%20co&show=expired");
        assert_eq!(filter.ignored, ["“x” isn't a choice for “page”, so it was left out."]);
        assert!(filter.is_set());
    }
}
