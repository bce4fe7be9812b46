//! In whose name a subcommand touches the state directory: always its owner's, also when root runs it.
//!
//! Root opening the files would do two kinds of harm: files it leaves behind lock the panel out, and a taken-over panel
//! could put links in their place for root to follow.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::{
    process::{Gid, Uid, geteuid, getuid},
    thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};

use crate::store;

/// Where the panel keeps its state.
#[derive(Debug, clap::Args)]
pub(super) struct StateDir {
    /// The folder in which the panel keeps its state.
    #[arg(long = "state-dir", value_name = "DIR", default_value = "/var/lib/portreeve")]
    path: PathBuf,
}

impl StateDir {
    /// Gives root's rights up for good in favour of the folder's owner, and names the folder. Must come before any thread
    /// is started: identity belongs to threads, and later ones inherit it.
    pub(super) fn enter(&self) -> anyhow::Result<&Path> {
        let owner = store::owner_of(&self.path).context("the panel has no state there yet: start it first")?;
        if geteuid().is_root() && owner.uid != 0 {
            let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
            set_thread_groups(&[])?;
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)?;
        }
        Ok(&self.path)
    }
}

/// The user id of whoever started the command. To be asked before [`StateDir::enter`].
pub(super) fn caller() -> u32 {
    getuid().as_raw()
}

/// Runs a subcommand's asynchronous part.
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
