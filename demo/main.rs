//! `make demo`: a little town behind a real firewall. A server with web, mail, SSH and a database, visitors who use it, a
//! scanner and guessers of passwords who try, and the panel in front, with all its traffic real.
//!
//! Started by `demo/run.sh` inside a process and a mount namespace of its own; the hosts are network namespaces below that.
//! Nothing of the machine is touched but one port at its loopback address, and all is gone when this process ends, however.

mod account;
mod hosts;
mod panel;
mod relay;
mod servers;
mod traffic;

use std::{env, error::Error, fs, net::TcpListener, path::Path};

/// What every part ends with if something goes wrong.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Where the browser of whoever started it reaches the panel.
const DOOR: &str = "127.0.0.1:8471";

/// Everything that is written lies in memory, in this folder.
const HOME: &str = "/run/town";

fn main() -> Outcome {
    let mut arguments = env::args().skip(1);
    let door = arguments.next().unwrap_or_else(|| DOOR.to_owned());
    match (door.as_str(), arguments.next()) {
        ("serve", Some(name)) => servers::serve(&name, arguments),
        ("relay", None) => relay::run(),
        ("visit", None) => traffic::visit(),
        ("guess", None) => traffic::guess(),
        ("scan", None) => traffic::scan(),
        ("chatter", None) => traffic::chatter(),
        _ => live(&door),
    }
}

/// Builds the town and waits for Ctrl-C. Being the first process of its namespace, it takes everything with it.
#[expect(clippy::print_stdout, reason = "whoever started it wants to know where to look")]
fn live(door: &str) -> Outcome {
    if std::process::id() != 1 || Path::new("/run/systemd").exists() {
        return Err("start it with `make demo`: it needs namespaces of its own".into());
    }
    let listener = TcpListener::bind(door).map_err(|error| format!("{door}: {error}"))?;
    fs::create_dir_all(HOME)?;
    hosts::build()?;
    let password = account::make(&panel::state_dir())?;
    panel::start()?;
    hosts::people(listener.into())?;
    println!(
        "The town lives. Open https://{}/ (the browser warns: its certificate was made a moment ago).",
        listener_name(door)
    );
    println!("Sign in as {} with the password: {password}", account::NAME);
    println!("Ctrl-C ends it, and nothing of it stays.");
    wait_for_the_end()
}

/// Browsers refuse cookies of some bare addresses on some systems; this name always is this machine.
fn listener_name(door: &str) -> String {
    door.replace("127.0.0.1", "localhost")
}

fn wait_for_the_end() -> Outcome {
    use tokio::signal::unix::{SignalKind, signal};
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (mut interrupt, mut end) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
        }
        Ok(())
    })
}
