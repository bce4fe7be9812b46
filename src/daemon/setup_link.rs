//! The one-time link that makes the first account.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{actions::Actions, store::Actor};

/// The file that holds the link until it is used.
pub(super) struct SetupLink;

impl SetupLink {
    pub(super) fn path(state_dir: &Path) -> PathBuf {
        state_dir.join("setup-link")
    }

    /// Issues a fresh link while nobody has an account, and keeps it in a file that only root and the panel can read. A link
    /// issued before is void.
    pub(super) async fn issue(actions: &Actions, state_dir: &Path, panel: &str) -> anyhow::Result<Option<String>> {
        let path = Self::path(state_dir);
        remove(&path);
        let Some(token) = actions.issue_setup_token(Actor::System).await? else { return Ok(None) };
        let link = format!("{panel}/setup?token={token}");
        write(&path, &link).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(Some(link))
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
