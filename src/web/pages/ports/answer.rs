//! The page's first line: what can be reached from the world, in words.

use crate::web::kit::words;

use super::{Filter, Place, entry::Entry};

/// The sentences above the list. They count the whole list, whatever the filter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How many ports the world can reach.
    pub sentence: String,
    /// How many of those a web server doesn't need, and the address of the list of them.
    pub not_needed: Option<(String, String)>,
    /// How many ports nothing certain can be said about, and the address of the list of them.
    pub unclear: Option<(String, String)>,
    /// How many ports could be closed at once.
    pub needless: usize,
}

impl Answer {
    pub(super) fn new(entries: &[Entry<'_>], is_known: bool) -> Self {
        let needless = entries.iter().filter(|entry| entry.is_needless()).count();
        if !is_known {
            let listen = if entries.len() == 1 { "listens" } else { "listen" };
            let ports = words::count(entries.len(), "port");
            let sentence = format!("{ports} {listen} on this host. From where they can be reached isn’t known yet.");
            return Self { sentence, not_needed: None, unclear: None, needless };
        }
        let at = |place| entries.iter().filter(move |entry| entry.place == place);
        let (world, unclear) = (at(Place::World).count(), at(Place::Unclear).count());
        let them = at(Place::World).filter(|entry| entry.is_needless()).count();
        Self {
            sentence: reachable(world),
            not_needed: (them > 0).then(|| (not_needed(them, world), Filter::not_needed().address(1))),
            unclear: (unclear > 0).then(|| (cant_tell(unclear, world), Filter::from_place(Place::Unclear).address(1))),
            needless,
        }
    }
}

fn reachable(world: usize) -> String {
    match world {
        0 => "No port is reachable from the world.".to_owned(),
        1 => "1 port is reachable from the world.".to_owned(),
        number => format!("{} ports are reachable from the world.", words::grouped(number)),
    }
}

fn not_needed(them: usize, world: usize) -> String {
    let them = match (them, world) {
        (1, 1) => String::from("It isn’t"),
        (1, _) => String::from("1 of them isn’t"),
        (them, world) if them == world => String::from("None of them is"),
        _ => format!("{} of them aren’t", words::grouped(them)),
    };
    format!("{them} needed on a web server.")
}

fn cant_tell(unclear: usize, world: usize) -> String {
    let more = if world > 0 { " more" } else { "" };
    format!("For {}{more} it can’t be told.", words::grouped(unclear))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_counts_and_agrees() {
        assert_eq!(reachable(0), "No port is reachable from the world.");
        assert_eq!(reachable(1), "1 port is reachable from the world.");
        assert_eq!(reachable(1_200), "1,200 ports are reachable from the world.");
    }

    #[test]
    fn the_second_sentence_agrees_too() {
        assert_eq!(not_needed(3, 14), "3 of them aren’t needed on a web server.");
        assert_eq!(not_needed(1, 14), "1 of them isn’t needed on a web server.");
        assert_eq!(not_needed(1, 1), "It isn’t needed on a web server.");
        assert_eq!(not_needed(2, 2), "None of them is needed on a web server.");
        assert_eq!(cant_tell(2, 6), "For 2 more it can’t be told.");
        assert_eq!(cant_tell(2, 0), "For 2 it can’t be told.");
    }
}
