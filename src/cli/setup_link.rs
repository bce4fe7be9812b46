//! `portreeve setup-link`

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::bail;

use super::identity::{self, StateDir};
use crate::{
    actions::{Actions, Clock, HelperSocket},
    daemon,
    store::{Actor, Store},
};

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct SetupLink {
    #[command(flatten)]
    state_dir: StateDir,
    /// The panel's address, when it isn't the one the panel last printed.
    #[arg(long, value_name = "URL")]
    panel: Option<String>,
}

impl SetupLink {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let uid = identity::caller();
        let state_dir = self.state_dir.enter()?;
        let token = identity::block_on(issue(state_dir, uid))?;
        let Some(token) = token else {
            bail!("there is an account already; `portreeve password NAME` sets a forgotten password");
        };
        let panel = self.panel.or_else(|| daemon::SetupLink::last_panel(state_dir)).unwrap_or_else(default_panel);
        // The link in the file is void now.
        let link = daemon::SetupLink::keep(state_dir, &panel, &token)?;
        Ok(writeln!(io::stdout(), "{link}")?)
    }
}

async fn issue(state_dir: &Path, uid: u32) -> anyhow::Result<Option<String>> {
    let actions = open(state_dir).await?;
    let token = actions.issue_setup_token(Actor::Console { uid }).await?;
    actions.store().close().await;
    Ok(token)
}

/// Actions over the database alone: no subcommand that uses them asks the helper.
pub(super) async fn open(state_dir: &Path) -> anyhow::Result<Actions> {
    let store = Store::open(state_dir).await?;
    Ok(Actions::new(store, HelperSocket::new(Path::new("/nonexistent")), Clock::system()))
}

fn default_panel() -> String {
    let system = rustix::system::uname();
    format!("https://{}:8470", system.nodename().to_string_lossy())
}
