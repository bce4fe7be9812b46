//! Who is banned, denied or allowed, and until when.

use crate::{
    firewall::{Action, AddressRange, Moment, Ruleset, enforcement::Ban, list},
    web::{
        kit::{Stamp, Tag},
        pages::address,
    },
};

/// Rows of the card; the rest is counted.
const SHOWN: usize = 8;

/// More ends than this are nobody's usual day, and one page needn't sort a million.
const MOST: usize = 10_000;

/// The card.
#[derive(Debug)]
pub(super) struct Held {
    pub rows: Vec<HeldRow>,
    /// How many there are besides.
    pub more: usize,
    /// Whether only bans are known.
    pub is_partly: bool,
}

/// One line.
#[derive(Debug)]
pub(super) struct HeldRow {
    pub what: Tag,
    /// Addresses, or the rule.
    pub who: String,
    pub href: String,
    /// For ever without one.
    pub until: Option<Stamp>,
}

struct Found {
    what: Tag,
    who: String,
    href: String,
    until: Option<Moment>,
}

impl Held {
    /// Bans, and of the rules and the two lists that come before all rules what has an end. What ends first comes first.
    pub fn new(bans: &[Ban], in_force: Option<&Ruleset>, now: Moment) -> Self {
        let bans = bans.iter().map(|ban| banned(ban, now));
        let temporary = in_force.into_iter().flat_map(|ruleset| entries(ruleset, now).chain(rules(ruleset, now)));
        let mut found: Vec<Found> = bans.chain(temporary).take(MOST).collect();
        found.sort_by_key(|one| (one.until.is_none(), one.until));
        let more = found.len().saturating_sub(SHOWN);
        found.truncate(SHOWN);
        Self { rows: found.into_iter().map(|one| one.row(now)).collect(), more, is_partly: in_force.is_none() }
    }
}

impl Found {
    fn about(what: Tag, addresses: AddressRange, until: Option<Moment>) -> Self {
        Self { what, who: addresses.to_string(), href: format!("{}/{addresses}", address::PATH), until }
    }

    fn row(self, now: Moment) -> HeldRow {
        let until = self.until.map(|until| Stamp::ahead(until, now));
        HeldRow { what: self.what, who: self.who, href: self.href, until }
    }
}

fn banned(ban: &Ban, now: Moment) -> Found {
    let until = ban.seconds.map(|seconds| now.plus_seconds(seconds.into()));
    Found::about(Tag::new("drop", "stop", "Banned"), ban.addresses, until)
}

fn entries(ruleset: &Ruleset, now: Moment) -> impl Iterator<Item = Found> {
    let lists = ruleset.parts().lists.iter().filter_map(|list| Some((verdict(list.name.as_str())?, list)));
    lists.flat_map(move |(what, list)| {
        let living = list.entries.iter().filter_map(move |entry| {
            let until = entry.expires_at.filter(|until| *until > now)?;
            Some(Found::about(what.clone(), entry.addresses, Some(until)))
        });
        living.collect::<Vec<_>>()
    })
}

/// What the lists do that come before all rules; others do what a rule says.
fn verdict(list: &str) -> Option<Tag> {
    match list {
        list::DENY => Some(Tag::new("drop", "stop", "Denied")),
        list::ALLOW => Some(Tag::new("allow", "good", "Allowed")),
        _ => None,
    }
}

fn rules(ruleset: &Ruleset, now: Moment) -> impl Iterator<Item = Found> {
    ruleset.parts().rules.iter().filter(|rule| rule.enabled).filter_map(move |rule| {
        let until = rule.expires_at.filter(|until| *until > now)?;
        let what = match rule.action {
            Action::Allow => Tag::new("allow", "good", "Allowed"),
            Action::Drop | Action::Reject => Tag::new("drop", "stop", "Denied"),
        };
        let id = rule.id;
        Some(Found { what, who: format!("by rule {id}"), href: format!("/rules#{id}"), until: Some(until) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_795_375_697_000);

    #[test]
    fn what_ends_first_comes_first_and_what_is_over_isnt_there() {
        let json = r#"{"lists":[
            {"name":"deny","entries":["192.0.2.1 until 2026-11-22T21:00:00Z","192.0.2.2","192.0.2.3 until 2020-01-01T00:00:00Z"]},
            {"name":"office","entries":["192.0.2.4 until 2026-11-22T20:00:00Z"]}],
            "rules":[{"id":7,"action":"allow","direction":"in","expires_at":"2026-11-23T00:00:00Z"},
                {"id":8,"action":"drop","direction":"in","enabled":false,"expires_at":"2026-11-23T00:00:00Z"}]}"#;
        let ruleset: Ruleset = serde_json::from_str(json).expect("a ruleset");
        let ban = |text, seconds| Ban { addresses: AddressRange::parse(text).expect(text), seconds };
        let held = Held::new(&[ban("192.0.2.9", None), ban("192.0.2.8", Some(60))], Some(&ruleset), NOW);
        let who: Vec<&str> = held.rows.iter().map(|row| row.who.as_str()).collect();
        assert_eq!(who, ["192.0.2.8", "192.0.2.1", "by rule r7", "192.0.2.9"]);
        assert_eq!((held.more, held.is_partly), (0, false));
    }

    #[test]
    fn a_crowd_is_counted() {
        let ban = |last: u8| Ban {
            addresses: AddressRange::parse(&format!("192.0.2.{last}")).expect("one"),
            seconds: Some(9),
        };
        let bans: Vec<Ban> = (0..40).map(ban).collect();
        let held = Held::new(&bans, None, NOW);
        assert_eq!((held.rows.len(), held.more, held.is_partly), (SHOWN, 32, true));
    }
}
