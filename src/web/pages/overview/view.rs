//! The page as the template sees it.

use askama::Template;

use super::{
    Ending, Knocked, Need,
    held::Held,
    knocked::KnockedCard,
    sentence::sentence,
    sessions::{Seat, SeatRow},
};
use crate::{
    actions::{Collecting, FirewallView},
    firewall::{Moment, Ruleset, enforcement::Ban, usage::ListenerNews},
    store::Revision,
    web::{
        kit::{Frame, Stamp, words},
        pages::ports::Census,
    },
};

/// Sessions that are listed; the rest is counted.
const SEATS: usize = 6;

/// What the panel knows.
#[derive(Debug, Clone, Copy)]
pub struct Glance<'a> {
    /// What the helper enforces.
    pub firewall: &'a FirewallView,
    /// The confirmed revision.
    pub revision: Option<&'a Revision>,
    /// The ports in numbers.
    pub census: &'a Census,
    /// What came and went since the viewer looked last.
    pub news: &'a ListenerNews,
    /// How recording goes.
    pub collecting: &'a Collecting,
    /// What was turned away in 24 hours.
    pub knocked: &'a Knocked,
    /// Who is banned, with the time that is left.
    pub bans: &'a [Ban],
    /// The rules in force; none while they aren't known.
    pub in_force: Option<&'a Ruleset>,
    /// Who is signed in, as far as the viewer may know.
    pub seats: &'a [Seat],
    /// Whether that is everybody.
    pub sees_everybody: bool,
    /// That the panel's certificate ends soon.
    pub certificate: Option<Ending>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/overview/overview.html")]
pub struct OverviewView {
    frame: Frame,
    answer: String,
    as_of: Stamp,
    needs: Vec<Need>,
    tiles: Vec<Tile>,
    knocked: KnockedCard,
    held: Held,
    seats: Vec<SeatRow>,
    more_seats: usize,
    sees_everybody: bool,
}

/// How many ports are reached from one place.
#[derive(Debug)]
struct Tile {
    tone: &'static str,
    icon: &'static str,
    label: &'static str,
    number: String,
    href: String,
}

impl OverviewView {
    /// Lays the page out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, known: &Glance<'_>, now: Moment) -> Self {
        let mode = known.firewall.enforcement.as_ref().map(|enforcement| enforcement.mode);
        Self {
            answer: format!("{} {}", sentence(known.firewall, known.revision, now), known.census.answer.sentence),
            as_of: Stamp::new(now, now),
            needs: Need::all(&frame, known, now),
            tiles: if known.census.is_known { tiles(known.census) } else { Vec::new() },
            knocked: KnockedCard::new(known.knocked, mode, now),
            held: Held::new(known.bans, known.in_force, now),
            seats: known.seats.iter().take(SEATS).map(|seat| seat.row(now)).collect(),
            more_seats: known.seats.len().saturating_sub(SEATS),
            sees_everybody: known.sees_everybody,
            frame,
        }
    }
}

fn tiles(census: &Census) -> Vec<Tile> {
    let tile = |(place, number, href): &(crate::web::pages::ports::Place, usize, String)| Tile {
        tone: place.as_str(),
        icon: place.icon(),
        label: place.label(),
        number: words::grouped(*number),
        href: href.clone(),
    };
    census.places.iter().map(tile).collect()
}
