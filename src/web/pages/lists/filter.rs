//! What part of a list is shown. All of it stands in the page's address.

use crate::{
    firewall::{AddressRange, list::Entry},
    web::kit::Query,
};

const LONGEST_SEARCH: usize = 200;

/// The page's parameters.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// An address that the entries have to do with, or a word of their text.
    pub search: String,
    /// The page, from 1; 0 when not given.
    pub page: usize,
}

impl Filter {
    /// Reads the names and values of an address; what makes no sense is left out.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "q" => filter.search = value.trim().chars().take(LONGEST_SEARCH).collect(),
                "page" => filter.page = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        filter
    }

    /// The address of page `page` of a list.
    #[must_use]
    pub fn address(&self, list: &str, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        Query::default().with("q", &self.search).with("page", &page).on(&format!("/lists/{list}"))
    }

    /// The entries that fit, by their place in the list. A million of them are looked through, none is copied.
    pub(super) fn select(&self, entries: &[Entry]) -> Vec<usize> {
        let addresses = AddressRange::parse(&self.search).ok();
        let word = self.search.to_lowercase();
        let fits = |entry: &Entry| match addresses {
            _ if word.is_empty() => true,
            Some(range) => entry.addresses.overlaps(range),
            None => entry.note.as_str().to_lowercase().contains(&word) || entry.addresses.to_string().contains(&word),
        };
        (0..).zip(entries).filter(|(_, entry)| fits(entry)).map(|(place, _)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_finds_what_holds_it_and_a_word_finds_text() {
        let entries = ["198.51.100.0/24 # Office", "198.51.100.7", "2001:db8::/32 # office 6", "192.0.2.1"];
        let entries = entries.map(|text| Entry::parse(text).expect(text));
        let find = |search: &str| Filter { search: search.to_owned(), page: 0 }.select(&entries);
        assert_eq!(find(""), [0, 1, 2, 3]);
        assert_eq!(find("198.51.100.7"), [0, 1]);
        assert_eq!(find("2001:db8:1::/48"), [2]);
        assert_eq!(find("OFFICE"), [0, 2]);
        assert_eq!(find("51.100"), [0, 1]);
    }
}
