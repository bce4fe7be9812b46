//! What an administrator chose, and how it is read again while the panel runs.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{CertificateFiles, metrics_token};
use crate::web::{
    kit::{App, Names},
    server::Identity,
};

/// The choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where to accept.
    pub listen: Vec<SocketAddr>,
    /// The administrator's own certificate, instead of a self-made one.
    pub certificate: Option<CertificateFiles>,
    /// More names under which the panel answers.
    pub names: Vec<String>,
    /// The file with the token for `/metrics`; without one the page isn't there.
    pub metrics_token: Option<PathBuf>,
}

impl Settings {
    /// The folders that have to stay readable: of each file as given and, where it is a link, of what it leads to. A renewal
    /// replaces files and turns links over.
    pub(super) fn dirs(&self) -> impl Iterator<Item = PathBuf> {
        let certificate = self.certificate.iter().flat_map(|files| [&files.certificate, &files.key]);
        let files = certificate.chain(&self.metrics_token);
        let whole = files.flat_map(|file| [Some(file.clone()), file.canonicalize().ok()]).flatten();
        whole.filter_map(|file| file.parent().map(Path::to_owned))
    }
}

/// Reads the settings as they are then.
pub struct Source {
    /// The folder they are read from, which has to stay readable.
    pub dir: PathBuf,
    /// How.
    pub read: Box<dyn Fn() -> anyhow::Result<Settings> + Send + Sync>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Takes changed settings over, as far as a running panel can.
pub(super) struct Reload {
    pub(super) source: Source,
    pub(super) state_dir: PathBuf,
    pub(super) listen: Vec<SocketAddr>,
    pub(super) host_names: Vec<String>,
    pub(super) names: Names,
    pub(super) identity: Arc<Identity>,
    pub(super) app: App,
}

impl Reload {
    /// What can't be taken over stays as it was, and the log says so.
    pub(super) fn run(&self) {
        match (self.source.read)() {
            Ok(settings) => self.take(settings),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the settings can't be used; those before stay");
                self.take_certificate(None);
            }
        }
    }

    fn take(&self, settings: Settings) {
        if settings.listen != self.listen {
            tracing::warn!("another address to accept on takes a restart: systemctl restart portreeve");
        }
        self.names.replace(settings.names.into_iter().chain(self.host_names.iter().cloned()));
        match settings.metrics_token.as_deref().map(metrics_token::read).transpose() {
            Ok(token) => self.app.metrics_key().set(token.as_deref()),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the token for /metrics can't be used; the one before stays"
                );
            }
        }
        let files = settings.certificate.unwrap_or_else(|| CertificateFiles::self_made(&self.state_dir));
        self.take_certificate(Some(files));
        tracing::info!("the settings were read again");
    }

    /// From other files, or the same ones again.
    fn take_certificate(&self, files: Option<CertificateFiles>) {
        let taken = files.map_or_else(|| self.identity.reload(), |files| self.identity.move_to(files));
        match taken {
            Ok(()) => {
                tracing::info!(
                    fingerprint = self.identity.fingerprint(),
                    "new connections get the certificate read now"
                );
            }
            Err(error) => {
                tracing::error!(%error, "the certificate can't be used; the one before stays. A new folder takes a restart");
            }
        }
    }
}
