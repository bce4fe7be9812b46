//! What the rules let in although nobody listens there.

use crate::{
    firewall::{Listener, Moment, Ruleset, Target},
    web::pages::rules::is_lonely,
};

/// Of rules, and of ports in one of them.
const MOST: usize = 12;

/// A rule that could go.
#[derive(Debug)]
pub struct Lonely {
    /// Its id.
    pub rule: String,
    /// What it lets in to.
    pub to: String,
}

impl Lonely {
    pub(super) fn all(running: &Ruleset, listeners: &[Listener], now: Moment) -> Vec<Self> {
        let rules = running.parts().rules.iter();
        let living = rules.filter(|rule| rule.enabled && rule.expires_at.is_none_or(|end| end > now));
        let lonely = living.filter(|rule| is_lonely(rule, running, listeners));
        lonely.take(MOST).map(|rule| Self { rule: rule.id.to_string(), to: named(&rule.to) }).collect()
    }
}

fn named(to: &[Target]) -> String {
    let shown: Vec<String> = to.iter().take(MOST).map(ToString::to_string).collect();
    shown.join(", ") + &super::facts::and_more(to.len(), MOST)
}
