//! `portreeve serve`: runs the panel.

use std::{
    net::{Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    configuration::{self, Configuration},
    log,
};
use crate::daemon::{self, Announcement, CertificateFiles, Options, Settings, Source};

/// Where the panel listens unless somebody says otherwise.
const USUAL_PORT: u16 = 8470;

/// Runs the panel until it is told to stop.
#[derive(Debug, Clone, Args)]
pub(super) struct Serve {
    /// Settings to use where the command line says nothing [default: /etc/portreeve/portreeve.toml, if it is there].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to accept on; can be given several times. `[::]` accepts IPv4 too [default: `[::]:8470`].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Vec<SocketAddr>,
    /// Directory of everything the panel keeps.
    #[arg(long, value_name = "DIRECTORY", default_value = "/var/lib/portreeve")]
    state_dir: PathBuf,
    /// Socket of portreeve-helper.
    #[arg(long, value_name = "SOCKET", default_value = "/run/portreeve/helper.sock")]
    helper_socket: PathBuf,
    /// Certificate chain in PEM form, instead of the self-made certificate.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Private key of the certificate in PEM form.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Another name under which browsers reach the panel; can be given several times.
    #[arg(long = "host", value_name = "NAME")]
    names: Vec<String>,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        log::begin();
        let file = self.config.as_deref().unwrap_or(Path::new(configuration::USUAL));
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let options = Options {
            settings: self.settings()?,
            state_dir: self.state_dir.clone(),
            helper_socket: self.helper_socket.clone(),
            source: Source { dir, read: Box::new(move || self.settings()) },
        };
        daemon::run(options, print)
    }

    /// What the command line says, and where it says nothing the file.
    fn settings(&self) -> anyhow::Result<Settings> {
        let file = Configuration::find(self.config.as_deref())?;
        let usual = || vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, USUAL_PORT))];
        let listen = [&self.listen, &file.listen].into_iter().find(|listen| !listen.is_empty());
        let own = self.certificate.clone().zip(self.key.clone());
        let own = own.map(|(certificate, key)| CertificateFiles { certificate, key });
        Ok(Settings {
            listen: listen.cloned().unwrap_or_else(usual),
            names: [self.names.clone(), file.hosts.clone()].concat(),
            metrics_token: file.metrics_token.clone(),
            certificate: own.or_else(|| file.files()),
        })
    }
}

#[expect(clippy::print_stdout, reason = "the command line is the room that prints")]
fn print(announcement: &Announcement) {
    println!("Portreeve is ready:");
    for link in &announcement.links {
        println!("  {link}");
    }
    println!("Fingerprint of its certificate (SHA-256), to compare with what the browser shows:");
    println!("  {}", announcement.fingerprint);
    if let Some(link) = &announcement.setup_link {
        println!("Nobody has an account yet. Open this link once to make the first one; it is a secret:");
        println!("  {link}");
    }
    println!();
}
