//! `portreeve setup-link`

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, bail};

use super::identity::{self, StateDir};
use crate::{
    actions::{Actions, Clock, HelperSocket},
    store::{Actor, Store},
};

const PAGE: &str = "/setup?token=";

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
        let file = state_dir.join("setup-link");
        let printed = fs::read_to_string(&file).ok();
        let panel = self.panel.or_else(|| printed?.split_once(PAGE).map(|(panel, _)| panel.to_owned()));
        let link = format!("{}{PAGE}{token}", panel.unwrap_or_else(default_panel).trim_end_matches('/'));
        // The link in the file is void now.
        write(&file, &link).with_context(|| format!("{} can't be written", file.display()))?;
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

fn write(path: &Path, link: &str) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    writeln!(file, "{link}")
}
