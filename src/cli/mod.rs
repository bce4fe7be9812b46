//! The command line, one file per subcommand.
//!
//! Neighbours: uses `actions`, `store`, `boundary` and `firewall`, and starts `daemon`; `bin/portreeve.rs` calls it.
//!
//! Invariant: the only room that prints, and nothing that others wrote without taming it. What a subcommand changes, it
//! changes through `actions`.

mod database;
mod explain;
mod identity;
mod password;
mod ports;
mod rules;
mod serve;
mod setup_link;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::firewall::untrusted;

const LONGEST_COMPLAINT: usize = 4096;

/// A web-based firewall panel for Linux servers.
#[derive(Debug, Parser)]
#[command(name = "portreeve", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ports(ports::Ports),
    Serve(serve::Serve),
    /// Works with a ruleset in a file.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    Explain(explain::Explain),
    /// Looks after the panel's database.
    Database(database::Database),
    /// Sets a forgotten password and signs its user out everywhere.
    Password(password::Password),
    /// Prints a fresh link for making the first account.
    SetupLink(setup_link::SetupLink),
}

/// Runs the subcommand of the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Ports(ports) => ports.run(),
        Command::Serve(serve) => serve.run(),
        Command::Rules(rules) => rules.run(),
        Command::Explain(explain) => explain.run(),
        Command::Database(database) => database.run(),
        Command::Password(password) => password.run(),
        Command::SetupLink(setup_link) => setup_link.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

/// The causes may quote what the database holds, which a taken-over panel can write.
#[expect(clippy::print_stderr, reason = "the command line is the room that prints")]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("portreeve: {}", untrusted::tame(&format!("{error:#}"), LONGEST_COMPLAINT));
    ExitCode::FAILURE
}
