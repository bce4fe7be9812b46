//! The command line as root on the console, with a real helper that guards a host of its own. There is no web server and
//! no database.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod blocked;
mod break_glass;
mod doctor;
mod lifeline;
mod ports;
mod rules;

use std::process::Stdio;

use crate::helper::{guarded::Guarded, running::program};

struct Run {
    code: Option<i32>,
    out: String,
    error: String,
}

/// Runs `portreeve` against the host's helper.
fn portreeve(host: &Guarded, arguments: &[&str]) -> Run {
    let mut command = program(env!("CARGO_BIN_EXE_portreeve"));
    command.args(arguments).arg("--socket").arg(host.socket()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), error: text(output.stderr) }
}

/// Runs a command that must succeed and gives what it printed.
fn said(host: &Guarded, arguments: &[&str]) -> String {
    let run = portreeve(host, arguments);
    assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.error);
    run.out
}

/// Runs a command that must fail and gives what it complained of.
fn complained(host: &Guarded, arguments: &[&str]) -> String {
    let run = portreeve(host, arguments);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{arguments:?}");
    run.error
}
