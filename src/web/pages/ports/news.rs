//! What listened when the viewer looked last and doesn't any more.

use crate::{
    firewall::{Moment, usage::ListenerNews},
    web::kit::{Shown, Stamp},
};

use super::PortKey;

const NAME_LENGTH: usize = 40;
const MOST: usize = 12;

/// One that is gone.
#[derive(Debug)]
pub struct Gone {
    /// The port.
    pub key: PortKey,
    /// Who held it.
    pub owner: Shown,
    /// When it was seen last.
    pub last: Stamp,
}

impl Gone {
    pub(super) fn all(news: &ListenerNews, now: Moment) -> Vec<Self> {
        let gone = news.gone.iter().take(MOST).map(|seen| Self {
            key: PortKey { port: seen.port, transport: seen.transport },
            owner: Shown::new(&seen.owner, NAME_LENGTH),
            last: Stamp::new(seen.last_seen_at, now),
        });
        gone.collect()
    }
}
