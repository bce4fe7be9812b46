//! What part of the list is shown, and in which order. All of it stands in the page's address.

use std::cmp::Ordering;

use crate::{
    firewall::{catalogue::Need, listener::Transport},
    store::ClosureId,
    web::kit::{
        Column, Direction, Query, Select, Shown,
        select::{choose, select},
    },
};

use super::{
    PATH, Place,
    choices::{Sort, TRANSPORTS, Use, Wanted, upper},
    entry::Entry,
};

const LONGEST_SEARCH: usize = 200;

/// The page's parameters.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that must all occur.
    pub search: String,
    place: Option<Place>,
    transport: Option<Transport>,
    need: Option<Wanted>,
    used: Option<Use>,
    sort: Sort,
    direction: Direction,
    /// The page of the list, from 1; 0 when not given.
    pub page: usize,
    /// What was closed just now, to be said above the list.
    pub(super) closed: Option<ClosureId>,
    /// What of the address made no sense and was left out, for the reader.
    pub ignored: Vec<String>,
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
            "from" => return choose(&mut self.place, &Place::ALL, Place::as_str, value),
            "protocol" => return choose(&mut self.transport, &TRANSPORTS, Transport::as_str, value),
            "need" => return choose(&mut self.need, &Wanted::ALL, Wanted::as_str, value),
            "use" => return choose(&mut self.used, &Use::ALL, Use::as_str, value),
            "sort" => return self.take_sort(value),
            "closed" => self.closed = ClosureId::parse(value),
            "page" => return value.parse().map(|page| self.page = page).is_ok(),
            _ => {}
        }
        true
    }

    /// `port` rises, `-port` falls.
    fn take_sort(&mut self, value: &str) -> bool {
        let (name, direction) = match value.strip_prefix('-') {
            Some(name) => (name, Direction::Falling),
            None => (value, Direction::Rising),
        };
        let found = Sort::ALL.into_iter().find(|sort| sort.as_str() == name);
        if let Some(sort) = found {
            (self.sort, self.direction) = (sort, direction);
        }
        found.is_some()
    }

    /// The list with nothing but what a web server doesn't need.
    pub(super) fn not_needed() -> Self {
        Self { need: Some(Wanted::Judged(Need::NotNeeded)), ..Self::default() }
    }

    /// The list of what can be reached from one place.
    pub(super) fn from_place(place: Place) -> Self {
        Self { place: Some(place), ..Self::default() }
    }

    /// Whether something is left out of the list.
    #[must_use]
    pub fn is_set(&self) -> bool {
        let chosen = [self.place.is_some(), self.transport.is_some(), self.need.is_some(), self.used.is_some()];
        !self.search.is_empty() || chosen.contains(&true)
    }

    /// Whether the list stands in groups of where the ports can be reached from.
    pub(super) fn is_grouped(&self) -> bool {
        self.sort == Sort::From
    }

    /// The value of the field `sort`; empty for the order the page has by itself.
    #[must_use]
    pub fn sort_value(&self) -> String {
        match (self.sort, self.direction) {
            (Sort::From, Direction::Rising) => String::new(),
            (sort, Direction::Rising) => sort.as_str().to_owned(),
            (sort, Direction::Falling) => format!("-{}", sort.as_str()),
        }
    }

    /// The address that this was read from, as we would write it.
    pub(super) fn own_address(&self) -> String {
        self.address(self.page)
    }

    /// The address of page `page` of this list.
    pub(super) fn address(&self, page: usize) -> String {
        self.address_on(PATH, page)
    }

    pub(super) fn address_on(&self, path: &str, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        Query::default()
            .with("q", &self.search)
            .with("from", self.place.map_or("", Place::as_str))
            .with("protocol", self.transport.map_or("", Transport::as_str))
            .with("need", self.need.map_or("", Wanted::as_str))
            .with("use", self.used.map_or("", Use::as_str))
            .with("sort", &self.sort_value())
            .with("page", &page)
            .on(path)
    }

    /// The choices above the list.
    #[must_use]
    pub fn selects(&self) -> [Select; 4] {
        [
            select("from", "Reachable from", &Place::ALL, Place::as_str, Place::label, self.place),
            select("protocol", "Protocol", &TRANSPORTS, Transport::as_str, upper, self.transport),
            select("need", "Web server", &Wanted::ALL, Wanted::as_str, Wanted::label, self.need),
            select("use", "Use", &Use::ALL, Use::as_str, Use::label, self.used),
        ]
    }

    /// The headings of the list.
    pub(super) fn columns(&self, with_use: bool) -> Vec<Column> {
        let shown = Sort::ALL.into_iter().filter(|sort| with_use || *sort != Sort::Used);
        shown.map(|sort| self.column(sort)).collect()
    }

    fn column(&self, sort: Sort) -> Column {
        let sorted = (sort == self.sort).then_some(self.direction);
        let direction = sorted.map(Direction::reversed).unwrap_or_default();
        let other = Self { sort, direction, ..self.clone() };
        Column { label: sort.label(), class: sort.as_str(), href: other.address(1), sorted }
    }

    /// Keeps what the filter lets through, in its order.
    pub(super) fn select<'a>(&self, mut entries: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
        let words: Vec<String> = self.search.split_whitespace().map(str::to_lowercase).collect();
        entries.retain(|entry| {
            self.place.is_none_or(|place| place == entry.place)
                && self.transport.is_none_or(|transport| transport == entry.transport)
                && self.need.is_none_or(|need| need.fits(entry.need()))
                && self.used.is_none_or(|used| used.fits(entry))
                && entry.fits(&words)
        });
        // The entries come in order of port and the sort is stable, so equals stay in that order.
        entries.sort_by(|one, other| match self.direction {
            Direction::Rising => self.compare(one, other),
            Direction::Falling => self.compare(other, one),
        });
        entries
    }

    fn compare(&self, one: &Entry<'_>, other: &Entry<'_>) -> Ordering {
        match self.sort {
            Sort::Port => one.port.cmp(&other.port),
            Sort::Name => {
                let name = |entry: &Entry<'_>| entry.name().unwrap_or("~").to_lowercase();
                name(one).cmp(&name(other))
            }
            Sort::Program => one.program().cmp(&other.program()),
            Sort::From => one.place.cmp(&other.place),
            Sort::Used => one.use_rank().cmp(&other.use_rank()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pairs: &[(&str, &str)]) -> Filter {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::from_pairs(&pairs)
    }

    #[test]
    fn an_address_comes_back_as_it_was() {
        let filter = filter(&[
            ("q", "ssh & co"),
            ("from", "host"),
            ("protocol", "udp"),
            ("need", "not-needed"),
            ("sort", "-port"),
        ]);
        assert_eq!(filter.ignored, Vec::<String>::new());
        assert_eq!(
            filter.address(3),
            "/ports?q=ssh%20%26%20co&from=host&protocol=udp&need=not-needed&sort=-port&page=3"
        );
        assert!(filter.is_set());
    }

    #[test]
    fn nothing_asked_leaves_the_address_bare() {
        let filter = filter(&[("q", "  "), ("from", ""), ("utm_source", "x")]);
        assert_eq!(filter.address(1), "/ports");
        assert!(!filter.is_set() && filter.ignored.is_empty());
    }

    #[test]
    fn nonsense_is_left_out_and_noted() {
        let filter = filter(&[("from", "\u{202e}moon"), ("sort", "--port"), ("page", "-1"), ("need", "not-needed")]);
        assert_eq!(filter.ignored.len(), 3, "{:?}", filter.ignored);
        assert!(filter.ignored[0].contains(r"“\u{202e}moon” isn't a choice for “from”"));
        assert_eq!(filter.address(1), "/ports?need=not-needed");
    }

    #[test]
    fn a_heading_turns_the_order_it_has() {
        let columns = filter(&[("sort", "port"), ("page", "4")]).columns(true);
        assert_eq!((columns[0].href.as_str(), columns[0].sorted), ("/ports?sort=-port", Some(Direction::Rising)));
        assert_eq!((columns[2].href.as_str(), columns[2].sorted), ("/ports?sort=program", None));
        assert_eq!(columns[3].href, "/ports");
    }
}
