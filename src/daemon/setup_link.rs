//! The one-time link that makes the first account.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use rustix::fs::{Mode, OFlags};

use crate::{actions::Actions, store::Actor};

const PAGE: &str = "/setup?token=";
const LONGEST: u64 = 1024;

/// The file that holds the link until it is used.
#[derive(Debug)]
pub struct SetupLink;

impl SetupLink {
    pub(super) fn path(state_dir: &Path) -> PathBuf {
        state_dir.join("setup-link")
    }

    /// Issues a fresh link while nobody has an account, and keeps it. A link issued before is void.
    pub(super) async fn issue(actions: &Actions, state_dir: &Path, panel: &str) -> anyhow::Result<Option<String>> {
        remove(&Self::path(state_dir));
        let Some(token) = actions.issue_setup_token(Actor::System).await? else { return Ok(None) };
        Self::keep(state_dir, panel, &token).map(Some)
    }

    /// Makes a token into a link to a panel, which is kept in a file that only root and the panel can read in place of the
    /// one before.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn keep(state_dir: &Path, panel: &str, token: &str) -> anyhow::Result<String> {
        let path = Self::path(state_dir);
        let link = format!("{}{PAGE}{token}", panel.trim_end_matches('/'));
        remove(&path);
        write(&path, &link).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(link)
    }

    /// The panel's address in the link that is kept. The file is the panel's, who may have been taken over: nothing but an
    /// address comes out, and a link or a pipe in its place is left alone.
    #[must_use]
    pub fn last_panel(state_dir: &Path) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(Self::path(state_dir), flags, Mode::empty()).ok()?);
        let mut link = String::new();
        file.take(LONGEST).read_to_string(&mut link).ok()?;
        let (panel, _) = link.split_once(PAGE)?;
        let host = panel.strip_prefix("https://")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        (!host.is_empty() && host.chars().all(fits)).then(|| panel.to_owned())
    }
}

fn write(path: &Path, link: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{link}")
}

/// Removes the file of a link that is void. That it stays would only confuse, so a failure is logged and no more.
pub(super) fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the used setup link could not be removed from {}", path.display());
        }
        _ => {}
    }
}
