//! What an administrator should know of a rule, as a word each.

use crate::{
    firewall::{Line, Rule},
    web::kit::{Tag, words},
};

use super::{
    is_lonely,
    row::{is_ahead, is_over, problems_of},
    sight::Sight,
};

/// A rule that decided nothing for so long is worth a look.
const NEVER_HIT_SECONDS: i64 = 90 * 86_400;

/// A tag on a rule.
#[derive(Debug)]
pub struct Badge {
    /// The word.
    pub tag: Tag,
    /// What it means, where the word alone doesn't tell.
    pub sentence: Option<String>,
    /// Whether it says how the draft differs from what is in force.
    pub draft: bool,
}

impl Badge {
    fn plain(tag: Tag) -> Self {
        Self { tag, sentence: None, draft: false }
    }
}

pub(super) fn of(rule: &Rule, is_removed: bool, sight: &Sight<'_>) -> Vec<Badge> {
    let mark = sight.marks.get(&rule.id).map(|mark| Badge { draft: true, ..Badge::plain(mark.tag()) });
    let mut badges: Vec<Badge> = mark.into_iter().collect();
    if is_removed {
        return badges;
    }
    if !rule.enabled {
        badges.push(Badge::plain(Tag::new("", "needless", "Disabled").meaning("It is kept and does nothing.")));
    }
    if rule.enabled && is_ahead(rule, sight.now) {
        let meaning = "It does nothing until then, and starts by itself.";
        badges.push(Badge::plain(Tag::new("", "clock", "Not yet").meaning(meaning)));
    }
    if is_over(rule, sight.now) {
        badges
            .push(Badge::plain(Tag::new("warn", "clock", "Expired").meaning("It is over and does nothing any more.")));
    }
    badges.extend(problems(rule, sight));
    if rule.enabled && !is_over(rule, sight.now) && !is_ahead(rule, sight.now) {
        badges.extend(never_hit(rule, sight));
        badges.extend(nobody_listens(rule, sight));
    }
    badges
}

fn problems(rule: &Rule, sight: &Sight<'_>) -> Vec<Badge> {
    let known = |sentence: &str| sentence.starts_with("is over");
    let problem = |(is_error, sentence): (bool, &str)| {
        let tag = match (is_error, sentence) {
            (true, _) => Tag::new("bad", "bad", "Error"),
            (false, text) if text.starts_with("is never reached") => Tag::new("warn", "warn", "Shadowed"),
            (false, text) if text.starts_with("says the same") => Tag::new("warn", "warn", "Repeated"),
            (false, _) => Tag::new("warn", "warn", "Look"),
        };
        Badge { tag, sentence: Some(words::sentence(sentence)), draft: false }
    };
    problems_of(rule, sight).filter(|(_, sentence)| !known(sentence)).map(problem).collect()
}

fn never_hit(rule: &Rule, sight: &Sight<'_>) -> Option<Badge> {
    let hit = sight.hits.get(&Line::Rule(rule.id))?;
    let watched = sight.now.seconds_since(hit.watched_since) >= NEVER_HIT_SECONDS;
    let last = hit.last_hit_at.is_none_or(|last| sight.now.seconds_since(last) >= NEVER_HIT_SECONDS);
    (watched && last)
        .then(|| Badge::plain(Tag::new("", "clock", "Never hit").meaning("It decided nothing in 90 days.")))
}

fn nobody_listens(rule: &Rule, sight: &Sight<'_>) -> Option<Badge> {
    is_lonely(rule, sight.draft, sight.listeners?).then(|| {
        let meaning = "No program on this host listens on its ports now. A container's published port may not be seen.";
        Badge::plain(Tag::new("", "unplugged", "Nobody listens").meaning(meaning))
    })
}
