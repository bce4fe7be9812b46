//! Turning the firewall off.

use super::{Actions, ConfirmError, Origin, Right, SignedIn};
use crate::store::{Entry, Verb};

impl Actions {
    /// Takes everything of Portreeve out of the kernel.
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn turn_off(&self, signed_in: &SignedIn, expected: u64, origin: &Origin) -> Result<(), ConfirmError> {
        self.carry_out(Verb::TurnOff, expected, signed_in, origin, move |actions, signed_in, origin| async move {
            signed_in.need(Right::TurnOff).ok_or(ConfirmError::Forbidden)?;
            actions.need_fresh(&signed_in).ok_or(ConfirmError::Unproved)?;
            actions.act(move |helper| helper.turn_off(expected)).await?;
            let tx = actions.store().write(signed_in.actor(&origin), actions.now()).await?;
            Ok(tx.commit(Entry::done(Verb::TurnOff, format!("revision {expected}"))).await?)
        })
        .await
    }
}
