//! What is worth a second look about a row.

use crate::{firewall::catalogue::Need, web::kit::Tag};

use super::{Bound, Place, entry::Entry};

/// The marks of a row, what matters most first.
pub(super) fn badges(entry: &Entry<'_>) -> Vec<Tag> {
    let is_container =
        entry.listeners.iter().any(|listener| listener.is_container_proxy() || listener.container.is_some());
    let waits = entry.listeners.iter().all(|listener| listener.is_on_demand());
    let is_shut = entry.place == Place::Host && entry.bound != Bound::Host && !entry.exposures.is_empty();
    let marks = [
        entry.need().and_then(need),
        entry.is_new.then(|| Tag::new("draft", "plus", "New").meaning("It didn’t listen when you looked last.")),
        is_shut.then(|| {
            Tag::new("host", "lock", "Shut").meaning("It listens for others, and the firewall lets none of them in.")
        }),
        is_container.then(|| Tag::new("", "box", "Container").meaning("It belongs to a container.")),
        waits.then(|| {
            Tag::new("", "clock", "Waits").meaning("systemd holds the port and starts the program when somebody comes.")
        }),
    ];
    marks.into_iter().flatten().collect()
}

/// A port that only may be needed bears no mark: there would be one on every other row.
fn need(need: Need) -> Option<Tag> {
    match need {
        Need::Needed => Some(Tag::new("", "good", "Needed")),
        Need::Depends => None,
        Need::NotNeeded => Some(Tag::new("warn", "needless", "Not needed")),
    }
}
