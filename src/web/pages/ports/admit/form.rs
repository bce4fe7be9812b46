//! Who shall reach a port, as it was typed.

use std::net::IpAddr;

use serde::Deserialize;

use super::Kind;
use crate::{
    firewall::{AddressRange, ListName, Peer, Text},
    web::{
        kit::Problems,
        pages::rules::fields::{Options, all, split_words, take},
    },
};

/// What was typed, kept exactly as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AdmitForm {
    /// The port, `110/tcp`.
    pub port: String,
    /// `everybody`, `me`, `networks`, `list` or `some`.
    pub who: String,
    /// The list, if that is who.
    pub list: String,
    /// The addresses, if those are who.
    pub addresses: String,
    /// For how long, when a port is opened.
    pub span: String,
    /// Why.
    pub note: String,
}

/// What the fields ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Who is let in; everybody if it is empty.
    pub who: Vec<Peer>,
    /// For how long; always without one.
    pub seconds: Option<i64>,
    /// Why.
    pub note: Text,
}

const HOUR: i64 = 3600;

/// The spans: value, words, seconds.
const SPANS: [(&str, &str, Option<i64>); 4] = [
    ("1h", "For 1 hour", Some(HOUR)),
    ("1d", "For 1 day", Some(24 * HOUR)),
    ("7d", "For 7 days", Some(7 * 24 * HOUR)),
    ("always", "Until somebody closes it", None),
];

impl AdmitForm {
    /// The form before anything is typed.
    #[must_use]
    pub fn fresh(kind: Kind) -> Self {
        let (who, span) = match kind {
            Kind::Limit => ("me", "always"),
            Kind::Open => ("me", "1h"),
        };
        Self { who: who.to_owned(), span: span.to_owned(), ..Self::default() }
    }

    /// Reads the fields. `me` is where the form comes from.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn read(&self, kind: Kind, me: IpAddr) -> Result<Wish, Problems> {
        let mut problems = Problems::default();
        let who = self.read_who(kind, me, &mut problems);
        let span = SPANS.iter().find(|(value, ..)| *value == self.span);
        let seconds = take(&mut problems, "span", span.map(|(.., seconds)| *seconds).ok_or("Choose for how long."));
        let note = take(&mut problems, "note", Text::parse(self.note.trim()));
        match (seconds, note) {
            (Some(seconds), Some(note)) if problems.is_empty() => Ok(Wish { who, seconds, note }),
            _ => Err(problems),
        }
    }

    fn read_who(&self, kind: Kind, me: IpAddr, problems: &mut Problems) -> Vec<Peer> {
        match self.who.as_str() {
            "everybody" if kind == Kind::Open => return Vec::new(),
            "networks" => return vec![Peer::OwnNetworks],
            "me" => return AddressRange::parse(&me.to_string()).map(Peer::Addresses).into_iter().collect(),
            "list" => {
                let list = ListName::parse(self.list.trim()).map_err(|_| "Choose a list.");
                return take(problems, "list", list).map(Peer::List).into_iter().collect();
            }
            "some" => {}
            _ => problems.add("who", "Choose who."),
        }
        if self.who != "some" {
            return Vec::new();
        }
        let addresses = all(problems, "addresses", split_words(&self.addresses), AddressRange::parse);
        if addresses.is_empty() && problems.of("addresses").is_none() {
            problems.add("addresses", "Name at least one address or prefix, like 203.0.113.0/24.");
        }
        addresses.into_iter().map(Peer::Addresses).collect()
    }

    /// For how long.
    #[must_use]
    pub fn spans(&self) -> Options {
        SPANS.map(|(value, words, _)| (value, words, value == self.span)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    fn form(who: &str) -> AdmitForm {
        AdmitForm { who: who.into(), span: "1h".into(), ..AdmitForm::default() }
    }

    fn who(form: &AdmitForm, kind: Kind) -> Result<Vec<String>, Problems> {
        form.read(kind, ME).map(|wish| wish.who.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_choice_of_who_is_read() {
        assert_eq!(who(&form("me"), Kind::Limit).expect("fine"), ["198.51.100.7"]);
        assert_eq!(who(&form("networks"), Kind::Limit).expect("fine"), ["own-networks"]);
        assert_eq!(who(&form("everybody"), Kind::Open).expect("fine"), Vec::<String>::new());
        let office = AdmitForm { list: "office".into(), ..form("list") };
        assert_eq!(who(&office, Kind::Open).expect("fine"), ["list:office"]);
        let some = AdmitForm { addresses: "203.0.113.0/24, 2001:db8::1".into(), ..form("some") };
        assert_eq!(who(&some, Kind::Limit).expect("fine"), ["203.0.113.0/24", "2001:db8::1"]);
    }

    #[test]
    fn what_is_wrong_is_told_beside_its_field() {
        let field = |form: AdmitForm, field: &str| {
            let problems = form.read(Kind::Limit, ME).expect_err("wrong");
            assert!(problems.of(field).is_some(), "{field}: {problems:?}");
        };
        field(form("everybody"), "who");
        field(form(""), "who");
        field(form("list"), "list");
        field(form("some"), "addresses");
        field(AdmitForm { addresses: "nobody".into(), ..form("some") }, "addresses");
        field(AdmitForm { span: "9h".into(), ..form("me") }, "span");
        field(AdmitForm { note: "a\nb".into(), ..form("me") }, "note");
    }
}
