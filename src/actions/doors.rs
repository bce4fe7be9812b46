//! What the first-run assistant starts from.

use super::Actions;
use crate::firewall::propose::{self, Door};

impl Actions {
    /// Every port that others can knock at, as of the last list, and what is proposed for it. Asks nobody.
    #[must_use]
    pub fn doors_of_host(&self) -> Vec<Door> {
        let ways_in = self.doors();
        propose::doors(&self.listeners().listing.listeners, &ways_in.panel, &ways_in.ssh)
    }
}
