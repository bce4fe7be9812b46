//! The same acts for whoever runs commands on the host: he has no account, and no draft.

use std::net::IpAddr;

use super::{Actions, CloseError, ClosePort, Closed, UndoError, Undone, author::Author, sign_in::to_the_end};
use crate::store::ClosureId;

/// Whoever sits at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Console {
    /// The user id the command was started with.
    pub uid: u32,
    /// From where he came by SSH, if he did.
    pub from: Option<IpAddr>,
}

impl Console {
    fn author(self) -> Author {
        Author::on_console(self.uid, self.from)
    }
}

impl Actions {
    /// Asks the helper for everything that acts on ports are judged by. A fault is part of the views.
    pub async fn look_around(&self) {
        self.refresh_firewall().await;
        self.refresh_surroundings().await;
        self.refresh_listeners().await;
    }

    /// Closes ports as [`Self::close_many`] does. The caller has shown by being at the console that he may.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was closed then.
    pub async fn close_on_console(&self, console: Console, ports: Vec<ClosePort>) -> Result<Closed, CloseError> {
        let actions = self.clone();
        to_the_end(async move { actions.close_in_turn(&console.author(), &ports).await }).await
    }

    /// Takes an act back as [`Self::undo`] does.
    ///
    /// # Errors
    /// [`UndoError`]; nothing has changed then.
    pub async fn undo_on_console(&self, console: Console, id: ClosureId) -> Result<Undone, UndoError> {
        let actions = self.clone();
        to_the_end(async move { actions.undo_in_turn(&console.author(), id).await }).await
    }
}
