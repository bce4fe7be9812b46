//! The command line, one file per subcommand.
//!
//! Neighbours: uses `actions`, `store`, `boundary` and `firewall`, and starts `daemon`; `bin/portreeve.rs` calls it.
//!
//! Invariant: the only room that prints, and nothing that others wrote without taming it. What a subcommand changes, it
//! changes through `actions`.

mod audit;
mod blocked;
mod close;
mod closures;
mod configuration;
mod confirm;
mod console;
mod database;
mod doctor;
mod explain;
mod identity;
mod log;
mod panel;
mod panic;
mod password;
mod ports;
mod reached;
mod reference;
mod rescue;
mod resume;
mod rollback;
mod rules;
mod second_factor;
mod serve;
mod setup_link;
mod standing;
mod status;
mod unban;
mod undo;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
pub use reference::{definition, reference};

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
    /// Says what the firewall enforces and what to do next. Works without the panel, like the next six.
    Status(status::Status),
    /// Keeps the revision that waits for a confirmation.
    Confirm(confirm::Confirm),
    /// Goes back to what was in force before the revision that waits.
    Rollback(rollback::RollBack),
    /// Lets nothing new in until `portreeve resume`; established connections go on.
    Panic(panic::Panic),
    /// Lets only SSH, the panel and established connections in until `portreeve resume`.
    Rescue(rescue::Rescue),
    /// Ends panic or rescue and brings the confirmed revision back.
    Resume(resume::Resume),
    /// Lifts the bans that keep an address out.
    Unban(unban::Unban),
    Ports(ports::Ports),
    Close(close::Close),
    Undo(undo::Undo),
    Closures(closures::Closures),
    Blocked(blocked::Blocked),
    Doctor(doctor::Doctor),
    Serve(serve::Serve),
    /// Works with rulesets in files: checks, compares, plans and applies them.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    Explain(explain::Explain),
    /// Looks after the log of what was done by whom.
    Audit(audit::Audit),
    /// Looks after the panel's database.
    Database(database::Database),
    /// Sets a forgotten password and signs its user out everywhere.
    Password(password::Password),
    /// Looks after second factors when phone and recovery codes are lost.
    #[command(subcommand)]
    SecondFactor(second_factor::SecondFactorCommand),
    /// Prints a fresh link for making the first account.
    SetupLink(setup_link::SetupLink),
}

/// Runs the subcommand of the command line. The exit code is 0 for success, 1 for failure, 2 for bad usage.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Status(status) => status.run(),
        Command::Confirm(confirm) => confirm.run(),
        Command::Rollback(roll_back) => roll_back.run(),
        Command::Panic(panic) => panic.run(),
        Command::Rescue(rescue) => rescue.run(),
        Command::Resume(resume) => resume.run(),
        Command::Unban(unban) => unban.run(),
        Command::Ports(ports) => ports.run(),
        Command::Close(close) => close.run(),
        Command::Undo(undo) => undo.run(),
        Command::Closures(closures) => closures.run(),
        Command::Blocked(blocked) => blocked.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Serve(serve) => serve.run(),
        Command::Rules(rules) => rules.run(),
        Command::Explain(explain) => explain.run(),
        Command::Audit(audit) => audit.run(),
        Command::Database(database) => database.run(),
        Command::Password(password) => password.run(),
        Command::SecondFactor(second_factor) => second_factor.run(),
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
