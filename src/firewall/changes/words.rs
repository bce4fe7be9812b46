//! The sentences of changes.

use super::Entries;
use crate::firewall::{Action, List, Policy, Rule, Ruleset, Service, diff, sentence};

pub(super) fn added(rule: &Rule, ruleset: &Ruleset) -> String {
    format!("Rule {} added: {}", rule.id, sentence::of(rule, ruleset))
}

pub(super) fn removed(rule: &Rule, ruleset: &Ruleset) -> String {
    format!("Rule {} removed: {}", rule.id, sentence::of(rule, ruleset))
}

pub(super) fn moved(rule: &Rule, ruleset: &Ruleset) -> String {
    let same = ruleset.parts().rules.iter().filter(|other| other.direction == rule.direction);
    let number = same.take_while(|other| other.id != rule.id).count() + 1;
    format!("Rule {} moved to position {number}: {}", rule.id, sentence::of(rule, ruleset))
}

pub(super) fn changed((before, old): (&Rule, &Ruleset), (after, new): (&Rule, &Ruleset)) -> String {
    let (was, is) = (sentence::of(before, old), sentence::of(after, new));
    let switch = match (before.enabled, after.enabled) {
        (false, true) => Some("enabled"),
        (true, false) => Some("disabled"),
        _ => None,
    };
    match switch {
        Some(word) if was == is => format!("Rule {} {word}: {is}", after.id),
        Some(word) => format!("Rule {} {word} and changed: {is}; it was: {was}", after.id),
        None if (&before.note, &before.owner) != (&after.note, &after.owner) && was == is => {
            format!("Rule {} has another note or owner: {is}", after.id)
        }
        // A sentence counts what it has no room for, so that two may read alike.
        None if was == is => format!("Rule {} changed in what its sentence counts: {is}", after.id),
        None => format!("Rule {} changed: {is}; it was: {was}", after.id),
    }
}

pub(super) fn list_added(list: &List) -> String {
    format!("List {} added with {}", list.name, count(list.entries.len()))
}

pub(super) fn list_changed(before: &List, after: &List, entries: &Entries) -> String {
    let mut parts = Vec::new();
    if entries.added > 0 {
        parts.push(format!("{} added", count(entries.added)));
    }
    for (number, word) in [(entries.removed, "removed"), (entries.changed, "changed")] {
        if number > 0 {
            let number = if parts.is_empty() { count(number) } else { number.to_string() };
            parts.push(format!("{number} {word}"));
        }
    }
    if before.note != after.note {
        parts.push("another note".to_owned());
    }
    if parts.is_empty() {
        parts.push("entries in another order".to_owned());
    }
    format!("List {}: {}", after.name, parts.join(", "))
}

fn count(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}

pub(super) fn service(word: &str, service: &Service) -> String {
    let ports: Vec<String> = service.ports.iter().take(4).map(ToString::to_string).collect();
    let more = service.ports.len().saturating_sub(ports.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Service {} {word}: {}{more}", service.name, ports.join(", "))
}

/// One sentence for each default and each protection.
pub(super) fn policy(before: &Policy, after: &Policy) -> Vec<String> {
    let defaults = [
        ("wants in", before.incoming, after.incoming),
        ("goes out", before.outgoing, after.outgoing),
        ("passes through", before.forwarded, after.forwarded),
    ];
    let differing = defaults.into_iter().filter(|(_, before, after)| before != after);
    let mut found: Vec<String> = differing
        .map(|(what, before, after)| {
            format!("What no rule decides and {what} is {} instead of {}", done(after), done(before))
        })
        .collect();
    found.extend(diff::protections(before, after).into_iter().map(|clause| capitalised(&clause)));
    found
}

const fn done(action: Action) -> &'static str {
    match action {
        Action::Allow => "allowed",
        Action::Drop => "dropped",
        Action::Reject => "rejected",
    }
}

fn capitalised(clause: &str) -> String {
    let mut rest = clause.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
