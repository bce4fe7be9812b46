//! The command line, one file per subcommand.
//!
//! Neighbours: uses `actions`, `store`, `boundary` and `firewall`, and starts `daemon`; `bin/portreeve.rs` calls it.
//!
//! Invariant: the only room that prints. What a subcommand changes, it changes through `actions`.

mod explain;
mod rules;
mod serve;

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
    Serve(serve::Serve),
    /// Works with a ruleset in a file.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    Explain(explain::Explain),
}

/// Runs the subcommand of the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Rules(rules) => rules.run(),
        Command::Explain(explain) => explain.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the command line is the room that prints")]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("portreeve: {error:#}");
    ExitCode::FAILURE
}
