//! What databases say of addresses, as they were read last.

use crate::firewall::whereabouts::Geography;

use super::Actions;

impl Actions {
    /// The databases there are. Asks nobody.
    #[must_use]
    pub fn geography(&self) -> Geography {
        self.shared.geography.borrow().clone()
    }

    /// Takes in the databases that were read.
    pub fn note_geography(&self, geography: Geography) {
        self.shared.geography.send_replace(geography);
    }
}
