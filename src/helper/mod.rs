//! PRIVILEGED. The only code that runs as root: it serves the verbs of `boundary` over a unix socket.
//!
//! Neighbours: uses `boundary` and `firewall`; nobody may use it but its own binary.
//!
//! Invariant: small enough to read in an evening, blocking, without network. It re-checks every field it is handed and
//! has no shell and no string that becomes a command, a path or a chain name. It keeps nothing that a kill could spoil,
//! so a signal may end it at any moment.

use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

mod accounts;
mod arguments;
mod confine;
mod listing;
mod serve;
mod socket;

pub use listing::sock_diag;

use arguments::{Asked, Settings};
use socket::Doorway;

/// Runs the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Asked::Help) => say(&mut io::stdout(), &arguments::HELP, ExitCode::SUCCESS),
        Ok(Asked::Version) => say(&mut io::stdout(), &arguments::VERSION, ExitCode::SUCCESS),
        Ok(Asked::Serve(settings)) => match start(&settings) {
            Ok(server) => server.run(),
            Err(fault) => say(&mut io::stderr(), &fault, ExitCode::FAILURE),
        },
        Err(wrong) => say(&mut io::stderr(), &wrong, ExitCode::from(2)),
    }
}

/// Everything that needs full privilege happens here, before the first byte of a client is read.
fn start(settings: &Settings) -> Result<serve::Server, Fault> {
    let panel = accounts::find(&settings.panel_user)?;
    let doorway = Doorway::open(settings, &panel)?;
    confine::confine().map_err(Fault::Confine)?;
    say(&mut io::stderr(), &format_args!("serving user {} on {}", panel.name, settings.socket.display()), ());
    Ok(serve::Server::new(doorway, panel.uid))
}

/// A closed standard stream must not stop a firewall helper, so a failed write is nothing.
fn say<T>(stream: &mut impl Write, text: &impl Display, outcome: T) -> T {
    let _ = writeln!(stream, "portreeve-helper: {text}");
    outcome
}

/// Why the helper can't serve.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("/etc/passwd can't be read, so the panel's user isn't known: {0}")]
    Accounts(#[source] io::Error),
    #[error("/etc/passwd has no user {0:?}: create it, or name the panel's user with --panel-user")]
    UnknownUser(String),
    #[error(transparent)]
    Socket(#[from] socket::Fault),
    #[error("the privileges could not be dropped, so nothing is served: {0}")]
    Confine(#[source] io::Error),
}
