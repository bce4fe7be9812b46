//! `portreeve second-factor remove NAME`

use std::{
    io::{self, Write},
    path::Path,
};

use anyhow::bail;
use clap::Subcommand;

use super::{
    identity::{self, StateDir},
    setup_link,
};
use crate::store::UserName;

#[derive(Debug, Subcommand)]
pub(super) enum SecondFactorCommand {
    /// Takes the second factor of somebody away who lost phone and recovery codes, and signs him out everywhere.
    Remove {
        /// The account.
        name: String,
        #[command(flatten)]
        state_dir: StateDir,
    },
}

impl SecondFactorCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Remove { name, state_dir } = self;
        let uid = identity::caller();
        let state_dir = state_dir.enter()?;
        if !identity::block_on(remove(state_dir, &name, uid))? {
            bail!("there is no account of that name with a second factor");
        }
        Ok(writeln!(io::stdout(), "The second factor is removed. The password alone opens the account.")?)
    }
}

async fn remove(state_dir: &Path, name: &str, uid: u32) -> anyhow::Result<bool> {
    let Ok(name) = UserName::parse(name) else { return Ok(false) };
    let actions = setup_link::open(state_dir).await?;
    let outcome = actions.remove_factor_on_console(&name, uid).await;
    actions.store().close().await;
    Ok(outcome?)
}
