//! What part of the log is shown. All of it stands in the page's address.

use std::net::IpAddr;

use super::PATH;
use crate::{
    firewall::{Moment, instant},
    store::AuditFilter,
    web::kit::{Query, Shown},
};

/// Longer ones name nobody.
const LONGEST_NAME: usize = 64;

/// The page's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Which records.
    pub wanted: AuditFilter,
    /// Records below this number; the newest without it.
    pub below: Option<i64>,
    /// What of the address made no sense and was left out, for the reader.
    pub ignored: Vec<String>,
}

impl Filter {
    /// Reads the names and values of an address. Unknown names are none of ours; a value that makes no sense is left
    /// out and noted.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs.iter().map(|(name, value)| (name.as_str(), value.trim())) {
            if !value.is_empty()
                && let Err(reason) = filter.take(name, value)
            {
                filter.ignored.push(format!("“{}” {reason}, so it was left out.", Shown::new(value, 60).short));
            }
        }
        filter
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let wanted = &mut self.wanted;
        match name {
            "who" if value.chars().count() > LONGEST_NAME => return Err("is no name"),
            "who" => wanted.who = Some(value.to_owned()),
            "address" => wanted.address = Some(value.parse::<IpAddr>().map_err(|_| "isn’t an address")?.to_canonical()),
            "what" if value.len() > LONGEST_NAME => return Err("is nothing that can be done"),
            "what" => wanted.verb = Some(value.to_owned()),
            "result" if value == "refused" => wanted.is_refused = true,
            "result" => return Err("isn’t a result"),
            "from" => wanted.from = Some(parse_moment(value).ok_or("isn’t a moment like 2026-11-22T19:00")?),
            "to" => wanted.until = Some(parse_moment(value).ok_or("isn’t a moment like 2026-11-22T19:00")?),
            "below" => self.below = Some(value.parse().map_err(|_| "isn’t the number of a record")?),
            _ => {}
        }
        Ok(())
    }

    /// Whether anything but the place restricts it.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.wanted != AuditFilter::default()
    }

    /// The part of the address behind the question mark, without the place in the log.
    #[must_use]
    pub fn query(&self) -> Query {
        let wanted = &self.wanted;
        Query::default()
            .with("who", self.who())
            .with("address", &self.address_text())
            .with("what", self.what())
            .with("result", if wanted.is_refused { "refused" } else { "" })
            .with("from", &self.from())
            .with("to", &self.to())
    }

    /// The address of the page with this filter.
    #[must_use]
    pub fn address(&self) -> String {
        self.query().on(PATH)
    }

    /// The address of the page that begins below a record.
    #[must_use]
    pub fn below(&self, id: i64) -> String {
        self.query().with("below", &id.to_string()).on(PATH)
    }

    /// Who, as typed.
    #[must_use]
    pub fn who(&self) -> &str {
        self.wanted.who.as_deref().unwrap_or_default()
    }

    /// What, as it is stored.
    #[must_use]
    pub fn what(&self) -> &str {
        self.wanted.verb.as_deref().unwrap_or_default()
    }

    /// From where.
    #[must_use]
    pub fn address_text(&self) -> String {
        self.wanted.address.map(|address| address.to_string()).unwrap_or_default()
    }

    /// From when, as a form field has it.
    #[must_use]
    pub fn from(&self) -> String {
        print(self.wanted.from)
    }

    /// Until when, as a form field has it.
    #[must_use]
    pub fn to(&self) -> String {
        print(self.wanted.until)
    }
}

fn print(moment: Option<Moment>) -> String {
    moment.map(|moment| instant::print(moment).trim_end_matches('Z').to_owned()).unwrap_or_default()
}

/// A moment as a browser's field or a person writes it, in UTC; seconds may be missing.
fn parse_moment(text: &str) -> Option<Moment> {
    let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
    let full = if text.matches(':').count() == 1 { format!("{text}:00Z") } else { format!("{text}Z") };
    instant::parse(&full).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pairs: &[(&str, &str)]) -> Filter {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::from_pairs(&pairs)
    }

    #[test]
    fn every_part_of_an_address_is_read_and_written_back() {
        let whole = filter(&[
            ("who", "anna"),
            ("address", "::ffff:192.0.2.1"),
            ("what", "sign_in"),
            ("result", "refused"),
            ("from", "2026-11-22T19:00"),
            ("to", "2026-11-22 19:30:00Z"),
            ("below", "41"),
        ]);
        assert_eq!((whole.ignored.len(), whole.below), (0, Some(41)));
        assert_eq!(
            whole.address(),
            "/audit?who=anna&address=192.0.2.1&what=sign_in&result=refused&from=2026-11-22T19%3A00%3A00&to=2026-11-22T19%3A30%3A00"
        );
        assert!(whole.is_set() && !Filter::default().is_set());
        assert_eq!(Filter::default().below(7), "/audit?below=7");
    }

    #[test]
    fn nonsense_is_left_out_and_said() {
        let long = "x".repeat(65);
        for pair in [
            ("who", long.as_str()),
            ("what", long.as_str()),
            ("address", "192.0.2"),
            ("result", "perhaps"),
            ("from", "yesterday"),
            ("below", "-"),
        ] {
            let read = filter(&[pair]);
            assert_eq!((read.ignored.len(), read.is_set(), read.below), (1, false, None), "{pair:?}");
        }
    }
}
