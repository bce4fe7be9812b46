//! Who is signed in.

use crate::{
    firewall::Moment,
    store::{LiveSession, OwnSession, SessionId},
    web::kit::{Session, Shown, Stamp},
};

const LONGEST_NAME: usize = 40;

/// A session, whoever may know of it.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The account.
    pub user: String,
    /// Its role.
    pub role: &'static str,
    /// Where it was opened from.
    pub address: String,
    /// When it was last used.
    pub last_seen_at: Moment,
    /// Whether it is the one that looks.
    pub is_this: bool,
}

/// A line of the card.
#[derive(Debug)]
pub(super) struct SeatRow {
    pub user: Shown,
    pub role: &'static str,
    pub address: String,
    pub last: Stamp,
    pub is_this: bool,
}

impl Seat {
    /// Everybody's where the viewer may know of them, else his own.
    pub(super) fn all(live: Option<Vec<LiveSession>>, own: &[OwnSession], Session(viewer): &Session) -> Vec<Self> {
        let is_this = |id: SessionId| viewer.is_by(id);
        match live {
            Some(live) => live
                .into_iter()
                .map(|one| Self {
                    is_this: is_this(one.id),
                    user: one.user,
                    role: one.role.as_str(),
                    address: one.address,
                    last_seen_at: one.last_seen_at,
                })
                .collect(),
            None => own
                .iter()
                .map(|one| Self {
                    is_this: is_this(one.id),
                    user: viewer.user.name.to_string(),
                    role: viewer.user.role.as_str(),
                    address: one.address.clone(),
                    last_seen_at: one.last_seen_at,
                })
                .collect(),
        }
    }

    pub(super) fn row(&self, now: Moment) -> SeatRow {
        SeatRow {
            user: Shown::new(&self.user, LONGEST_NAME),
            role: self.role,
            address: self.address.clone(),
            last: Stamp::new(self.last_seen_at, now),
            is_this: self.is_this,
        }
    }
}
