//! What an administrator should know of a rule, as a word each.

use crate::{
    firewall::{Action, Direction, Line, Listener, Rule, Targets, check, listener::Transport},
    web::kit::{Tag, words},
};

use super::{
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

/// Only for rules that let something in to ports: others don't wait for a listener.
fn nobody_listens(rule: &Rule, sight: &Sight<'_>) -> Option<Badge> {
    let listeners = sight.listeners?;
    if rule.action != Action::Allow || rule.direction != Direction::In {
        return None;
    }
    let to = Targets::resolve(&rule.to, |name| check::ports_of(sight.draft, name).unwrap_or_default());
    let only_ports = to.icmp.is_empty() && to.icmpv6.is_empty() && to.protocols.is_empty();
    let has_ports = !to.tcp.is_empty() || !to.udp.is_empty();
    let heard = |listener: &Listener| {
        let ranges = if listener.transport == Transport::Tcp { &to.tcp } else { &to.udp };
        !listener.bind.is_loopback() && ranges.iter().any(|range| range.contains(listener.port))
    };
    let lonely = only_ports && has_ports && !listeners.iter().any(heard);
    lonely.then(|| {
        let meaning = "No program on this host listens on its ports now. A container's published port may not be seen.";
        Badge::plain(Tag::new("", "unplugged", "Nobody listens").meaning(meaning))
    })
}
