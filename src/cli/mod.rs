//! The command line, one file per subcommand.
//!
//! Neighbours: uses `actions`, `store`, `boundary` and `firewall`; `bin/portreeve.rs` calls it.
//!
//! Invariant: the only room that prints. What a subcommand changes, it changes through `actions`.

mod ports;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A web-based firewall panel for Linux servers.
#[derive(Debug, Parser)]
#[command(name = "portreeve", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ports(ports::Arguments),
}

/// Runs the subcommand of the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Ports(arguments) => ports::run(&arguments),
    }
}
