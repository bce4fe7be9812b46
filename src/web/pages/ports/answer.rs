//! The page's first line: what listens here, in words.

use crate::{firewall::catalogue::Need, web::kit::words};

use super::{Bound, Filter, entry::Entry};

/// The sentences above the list. They count the whole list, whatever the filter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How many ports listen, and where.
    pub sentence: String,
    /// How many of them a web server doesn't need, and the address of the list of those.
    pub not_needed: Option<(String, String)>,
}

impl Answer {
    pub(super) fn new(entries: &[Entry<'_>]) -> Self {
        let total = entries.len();
        let needless = entries.iter().filter(|entry| entry.need() == Some(Need::NotNeeded)).count();
        Self {
            sentence: format!("{}.", sentence(&classes(entries))),
            not_needed: (needless > 0).then(|| (needless_sentence(needless, total), Filter::not_needed().address(1))),
        }
    }
}

fn classes(entries: &[Entry<'_>]) -> Vec<(usize, Bound)> {
    let count = |bound| entries.iter().filter(|entry| entry.bound == bound).count();
    Bound::ALL.map(|bound| (count(bound), bound)).into_iter().filter(|(number, _)| *number > 0).collect()
}

fn sentence(classes: &[(usize, Bound)]) -> String {
    let total = classes.iter().map(|(number, _)| number).sum();
    let verb = if total == 1 { "listens" } else { "listen" };
    let head = format!("{} {verb} on this host", words::count(total, "port"));
    match classes {
        [] => String::from("Nothing listens on this host"),
        [(_, bound)] if total == 1 => format!("{head}, {}", bound.phrase()),
        [(_, bound)] => format!("{head}, all {}", bound.phrase()),
        several => {
            let parts: Vec<String> = several
                .iter()
                .map(|(number, bound)| format!("{} {}", words::grouped(*number), bound.phrase()))
                .collect();
            format!("{head}: {}", parts.join(", "))
        }
    }
}

fn needless_sentence(needless: usize, total: usize) -> String {
    let them = match (needless, total) {
        (1, 1) => String::from("It isn't"),
        (1, _) => String::from("1 of them isn't"),
        (needless, total) if needless == total => String::from("None of them is"),
        _ => format!("{} of them aren't", words::grouped(needless)),
    };
    format!("{them} needed on a web server.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_counts_and_agrees() {
        let cases: [(&[(usize, Bound)], &str); 5] = [
            (&[], "Nothing listens on this host"),
            (&[(1, Bound::Every)], "1 port listens on this host, on every address"),
            (&[(3, Bound::Host)], "3 ports listen on this host, all for this host only"),
            (
                &[(9, Bound::Every), (5, Bound::Host)],
                "14 ports listen on this host: 9 on every address, 5 for this host only",
            ),
            (
                &[(1100, Bound::Named), (100, Bound::Host)],
                "1,200 ports listen on this host: 1,100 on single addresses, 100 for this host only",
            ),
        ];
        for (classes, expected) in cases {
            assert_eq!(sentence(classes), expected);
        }
    }

    #[test]
    fn the_second_sentence_agrees_too() {
        assert_eq!(needless_sentence(3, 14), "3 of them aren't needed on a web server.");
        assert_eq!(needless_sentence(1, 14), "1 of them isn't needed on a web server.");
        assert_eq!(needless_sentence(1, 1), "It isn't needed on a web server.");
        assert_eq!(needless_sentence(2, 2), "None of them is needed on a web server.");
    }
}
