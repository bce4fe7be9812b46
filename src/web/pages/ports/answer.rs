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
            sentence: format!("{}.", sentence(total, &classes(entries))),
            not_needed: (needless > 0).then(|| (needless_sentence(needless, total), Filter::not_needed().address(1))),
        }
    }
}

fn classes(entries: &[Entry<'_>]) -> Vec<(usize, Bound)> {
    let count = |bound| entries.iter().filter(|entry| entry.bound == bound).count();
    Bound::ALL.map(|bound| (count(bound), bound)).into_iter().filter(|(number, _)| *number > 0).collect()
}

fn sentence(total: usize, classes: &[(usize, Bound)]) -> String {
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
