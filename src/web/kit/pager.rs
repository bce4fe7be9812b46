//! Cuts a long list into pages.

use super::words::grouped;

/// Where a reader stands in a list. Counts start at 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// The page shown.
    pub page: usize,
    /// How many there are, at least 1.
    pub pages: usize,
    /// The first entry shown.
    pub first: usize,
    /// The last entry shown.
    pub last: usize,
    /// How many entries there are.
    pub total: usize,
    /// The address of the page before.
    pub previous: Option<String>,
    /// The address of the page after.
    pub next: Option<String>,
}

impl Pager {
    /// Places a reader who asked for page `asked`; a page past the end is the last one.
    #[must_use]
    pub fn new(total: usize, per_page: usize, asked: usize, address: impl Fn(usize) -> String) -> Self {
        let pages = total.div_ceil(per_page).max(1);
        let page = asked.clamp(1, pages);
        let first = (page - 1) * per_page + 1;
        Self {
            page,
            pages,
            first,
            last: total.min(page * per_page),
            total,
            previous: (page > 1).then(|| address(page - 1)),
            next: (page < pages).then(|| address(page + 1)),
        }
    }

    /// `201–400 of 10,000`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}–{} of {}", grouped(self.first), grouped(self.last), grouped(self.total))
    }

    /// The entries shown, as a range of indexes from 0.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.first - 1..self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pager(total: usize, asked: usize) -> Pager {
        Pager::new(total, 200, asked, |page| format!("?page={page}"))
    }

    #[test]
    fn the_middle_has_both_neighbours() {
        let middle = pager(450, 2);
        assert_eq!((middle.first, middle.last, middle.pages), (201, 400, 3));
        assert_eq!(middle.previous.as_deref(), Some("?page=1"));
        assert_eq!(middle.next.as_deref(), Some("?page=3"));
    }

    #[test]
    fn the_ends_hold() {
        assert_eq!(pager(450, 3).range(), 400..450);
        assert_eq!(pager(450, 99).page, 3);
        assert_eq!(pager(450, 0).page, 1);
        assert_eq!(pager(0, 1).range(), 0..0);
        assert_eq!(pager(200, 1).next, None);
    }
}
