//! What the commands share that act as the panel does, on its database and by the helper, without its web server.

use anyhow::anyhow;

use super::{
    console::{self, Console},
    identity::{self, StateDir},
    rules::lifeline::Connection,
};
use crate::{
    actions::{self, Actions, Clock, CloseError, HelperFault, UndoError},
    store::Store,
};

/// Where the panel's things are, and how to answer.
#[derive(Debug, clap::Args)]
pub(super) struct Panel {
    #[command(flatten)]
    pub(super) console: Console,
    #[command(flatten)]
    state_dir: StateDir,
}

impl Panel {
    /// Works on the panel's database in the name of whoever started the command. The helper was asked for everything first.
    pub(super) fn act<T>(
        &self,
        work: impl AsyncFnOnce(&Actions, actions::Console) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let who = actions::Console {
            uid: identity::caller(),
            from: Connection::of_terminal().map(|connection| connection.from()),
        };
        let state_dir = self.state_dir.enter()?;
        identity::block_on(async {
            let store = Store::open(state_dir).await?;
            let actions = Actions::new(store, self.console.helper(), Clock::system());
            actions.look_around().await;
            let outcome = work(&actions, who).await;
            actions.store().close().await;
            outcome
        })
    }
}

/// Says why ports weren't closed, and what to do about it.
pub(super) fn not_closed(error: CloseError) -> anyhow::Error {
    match error {
        CloseError::Helper(fault) => unanswered(&fault),
        other => other.into(),
    }
}

/// Says why nothing was taken back, and what to do about it.
pub(super) fn not_undone(error: UndoError) -> anyhow::Error {
    match error {
        UndoError::Helper(fault) => unanswered(&fault),
        other => other.into(),
    }
}

fn unanswered(fault: &HelperFault) -> anyhow::Error {
    anyhow!(console::explain(fault))
}

/// Fails when there is something that wasn't done; it was printed already.
pub(super) fn complete(trouble: &[String]) -> anyhow::Result<()> {
    if trouble.is_empty() { Ok(()) } else { Err(anyhow!("not all of it was done: {}", trouble.join("; "))) }
}
