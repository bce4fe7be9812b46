//! PRIVILEGED. The only code that runs as root: it serves the verbs of `boundary` over a unix socket.
//!
//! Neighbours: uses `boundary`, `firewall` and `netlink`; nobody may use it but its own binary.
//!
//! Invariant: small enough to read in an evening, blocking, without network. It re-checks every field it is handed and
//! has no shell and no string that becomes a command, a path or a chain name. It keeps nothing that a kill could spoil,
//! so a signal may end it at any moment.

use std::{
    fmt::Display,
    io::{self, Write},
    process::{Child, ExitCode},
    sync::Arc,
    thread,
    time::Duration,
};

mod accounts;
mod arguments;
mod clock;
mod confine;
mod keeper;
mod listing;
mod netfilter;
mod programs;
mod rehearse;
mod serve;
mod socket;
mod survey;
mod units;

pub use netfilter::{Transaction, nflog::open as open_nflog};

use arguments::{Asked, Settings};
use keeper::{Floor, Keeper, StateDir};
use programs::Programs;
use socket::Doorway;
use units::Units;

/// How long a starting helper waits for one that is just ending, and a child for its helper to be quite gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Asked::Help) => return say(&mut io::stdout(), &arguments::HELP, ExitCode::SUCCESS),
        Ok(Asked::Version) => return say(&mut io::stdout(), &arguments::VERSION, ExitCode::SUCCESS),
        Ok(Asked::Serve(settings)) => start(&settings).map(|server| server.run()),
        Ok(Asked::Restore(settings)) => restore(&settings),
        Ok(Asked::RunChildren(settings)) => run_children(&settings),
        Ok(Asked::RunUnits) => run_units(),
        Ok(Asked::Rehearse) => rehearse::run().map_err(Fault::Rehearse),
        Err(wrong) => return say(&mut io::stderr(), &wrong, ExitCode::from(2)),
    };
    outcome.map_or_else(|fault| say(&mut io::stderr(), &fault, ExitCode::FAILURE), |()| ExitCode::SUCCESS)
}

/// Everything that needs full privilege happens here, before the first byte of a client is read.
fn start(settings: &Settings) -> Result<serve::Server, Fault> {
    let panel = accounts::find(&settings.panel_user)?;
    let state_dir = socket::lock(&settings.state_dir, PATIENCE)?;
    let doorway = Doorway::open(settings, &panel)?;
    let (children, programs) = programs::spawn(settings).map_err(Fault::Child)?;
    confine::confine(&state_dir).map_err(Fault::Confine)?;
    let (state_dir, programs) = (StateDir::new(state_dir), Arc::new(programs));
    let units = Units::new(state_dir.clone(), Arc::clone(&programs), settings.panel_port);
    let keeper = Keeper::open(state_dir, programs, settings.panel_port).above(Floor::at(settings.floor.clone()));
    let keeper = Arc::new(keeper);
    watch(children, Arc::clone(&keeper)).map_err(Fault::Child)?;
    log(&format_args!("serving user {} on {}", panel.name, settings.socket.display()));
    Ok(serve::Server::new(doorway, panel.uid, keeper, units))
}

/// Starts what must go on beside the conversations. Without a child the helper could not go back: it ends, and whoever
/// starts it again makes it find what was pending.
fn watch(children: [Child; 2], keeper: Arc<Keeper>) -> io::Result<()> {
    thread::Builder::new().spawn(move || keeper.keep_time())?;
    for mut child in children {
        thread::Builder::new().spawn(move || {
            let ended = child.wait();
            log(&format_args!("a process that starts programs ended ({ended:?}), so this one ends too"));
            std::process::exit(1);
        })?;
    }
    Ok(())
}

/// At the start of the host, and after the service was stopped.
fn restore(settings: &Settings) -> Result<(), Fault> {
    let state_dir = socket::lock(&settings.state_dir, PATIENCE)?;
    let keeper = Keeper::open(StateDir::new(state_dir), Arc::new(Programs::Direct), settings.panel_port);
    if keeper.read_state().notice.is_some() { Err(Fault::Restored) } else { Ok(()) }
}

/// The child outlives its helper for a moment: if something was pending and no new helper is there, it goes back.
fn run_children(settings: &Settings) -> Result<(), Fault> {
    confine::confine_child().map_err(Fault::Confine)?;
    programs::serve().map_err(Fault::Child)?;
    // The kernel may close the helper's end of the connection before it releases the helper's lock.
    match socket::lock(&settings.state_dir, PATIENCE) {
        Ok(state_dir) => {
            let state_dir = StateDir::new(state_dir);
            if state_dir.has_pending() {
                Keeper::open(state_dir, Arc::new(Programs::Direct), settings.panel_port);
            }
            Ok(())
        }
        Err(socket::Fault::InUse(_)) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

/// The other child has nothing to put right.
fn run_units() -> Result<(), Fault> {
    confine::confine_units().map_err(Fault::Confine)?;
    programs::serve_units().map_err(Fault::Child)
}

/// A line in the journal.
fn log(text: &impl Display) {
    say(&mut io::stderr(), text, ());
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
    #[error("the process that starts programs can't be started: {0}")]
    Child(#[source] io::Error),
    #[error(transparent)]
    Rehearse(rehearse::Fault),
    #[error("what is enforced isn't the last confirmed revision")]
    Restored,
    #[error("the privileges could not be dropped, so nothing is served: {0}")]
    Confine(#[source] io::Error),
}
