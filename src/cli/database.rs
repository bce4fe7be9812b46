//! `portreeve database check` and `portreeve database backup FILE`

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::identity::{self, StateDir};
use crate::{firewall::untrusted, store};

/// The most that is printed of one fault: it may quote a name from the file, which a taken-over panel can choose.
const LONGEST_FAULT: usize = 500;

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Database {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Reads the whole database and says whether it is sound. The panel may be running.
    Check {
        #[command(flatten)]
        state_dir: StateDir,
    },
    /// Writes a copy of the database as of now to a new file. The panel may be running.
    Backup {
        /// The file to make; only its owner may read it. It holds password hashes.
        file: PathBuf,
        #[command(flatten)]
        state_dir: StateDir,
    },
}

impl Database {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.act {
            Act::Check { state_dir } => check(&state_dir),
            Act::Backup { file, state_dir } => back_up(&state_dir, &file),
        }
    }
}

fn check(state_dir: &StateDir) -> anyhow::Result<()> {
    let state_dir = state_dir.enter()?;
    let faults = identity::block_on(async { Ok(store::check(state_dir).await?) })?;
    let mut out = io::stdout();
    for fault in &faults {
        writeln!(out, "{}", untrusted::tame(fault, LONGEST_FAULT))?;
    }
    if !faults.is_empty() {
        bail!("the database is damaged: stop the panel, keep a copy of the file and put back a backup");
    }
    Ok(writeln!(out, "The database is sound.")?)
}

/// The file is made before root's rights are given up, so that root can keep backups where the panel can't reach.
/// SQLite writes a copy inside the state directory, which is then poured into the file.
fn back_up(state_dir: &StateDir, file: &Path) -> anyhow::Result<()> {
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut out = new.with_context(|| format!("{} can't be made", file.display()))?;
    let result = pour(state_dir, &mut out);
    if result.is_err() && fs::remove_file(file).is_err() {
        writeln!(io::stderr(), "portreeve: the unfinished {} is no backup: remove it", file.display())?;
    }
    result?;
    Ok(writeln!(io::stdout(), "The database is copied to {}.", file.display())?)
}

fn pour(state_dir: &StateDir, out: &mut File) -> anyhow::Result<()> {
    let state_dir = state_dir.enter()?;
    let copy = state_dir.join(format!("backup-{}.db", process::id()));
    identity::block_on(async { Ok(store::back_up(state_dir, &copy).await?) })?;
    let poured = File::open(&copy).and_then(|mut copy| io::copy(&mut copy, out)).and_then(|_| out.sync_all());
    fs::remove_file(&copy).with_context(|| format!("{} can't be removed", copy.display()))?;
    poured.context("the copy could not be written")
}
