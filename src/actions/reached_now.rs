//! From where listeners can be reached, asked of the helper alone: for a console, which needs no database and no panel.

use std::sync::Arc;

use super::{
    Exposures, HelperFault, HelperSocket,
    exposures::{Ground, Ours, panic_ruleset, read_tables, work_out},
};
use crate::firewall::{Listing, Moment, enforcement::Mode};

/// Reads the tables of this host and follows packets through them. Blocks.
///
/// # Errors
/// [`HelperFault`].
pub fn reached_now(helper: &HelperSocket, listing: Arc<Listing>, now: Moment) -> Result<Exposures, HelperFault> {
    let is_changed = !helper.read_drift()?.is_empty();
    let ground = Ground {
        listing,
        survey: Arc::new(helper.read_survey()?),
        foreign: Arc::new(read_tables(helper, is_changed)?),
        ours: ours(helper, is_changed)?,
        bans: helper.read_bans()?.into_iter().map(|ban| ban.addresses).collect(),
    };
    Ok(work_out(&ground, now))
}

/// The helper tells of the confirmed revision, not of one that waits.
fn ours(helper: &HelperSocket, is_changed: bool) -> Result<Ours, HelperFault> {
    let state = helper.read_state()?;
    Ok(match state.mode {
        Mode::Off => Ours::Nothing,
        Mode::Rescue => Ours::Unclear("the rescue rules"),
        Mode::Panic => panic_ruleset().map_or(Ours::Unclear("the rules of panic mode"), Ours::from),
        _ if state.pending.is_some() => Ours::Unclear("the revision that waits for its confirmation"),
        Mode::Enforcing | Mode::Observing => match (helper.read_confirmed()?, state.confirmed) {
            (Some(ruleset), Some(number)) if is_changed => Ours::Changed(number, Arc::new(ruleset)),
            (Some(ruleset), Some(number)) => Ours::Ruleset(number, Arc::new(ruleset)),
            _ => Ours::Unclear("the revision in force"),
        },
    })
}
