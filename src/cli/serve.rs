//! `portreeve serve`: runs the panel.

use std::{io::IsTerminal, net::SocketAddr, path::PathBuf};

use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::daemon::{self, Announcement, CertificateFiles, Options};

/// Runs the panel until it is told to stop.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to accept on; can be given several times. `[::]` accepts IPv4 too.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "[::]:8470")]
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
        log_to_stderr();
        let certificate =
            self.certificate.zip(self.key).map(|(certificate, key)| CertificateFiles { certificate, key });
        let options = Options {
            listen: self.listen,
            state_dir: self.state_dir,
            helper_socket: self.helper_socket,
            certificate,
            names: self.names,
        };
        daemon::run(options, print)
    }
}

/// The journal adds time and unit. `RUST_LOG` chooses what is said, `info` unless it is set.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .init();
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
