//! Programs of the machine that runs the tests.

use std::{
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

const DEADLINE: Duration = Duration::from_mins(1);

/// A program of this machine; tests may start any.
#[expect(clippy::disallowed_methods, reason = "the tests are no part of the product")]
pub fn command(program: &str) -> Command {
    Command::new(program)
}

/// Runs to the end. The arguments are the words of `line`.
pub fn output(line: &str) -> Output {
    let mut words = line.split_whitespace();
    let mut command = command(words.next().expect("a program"));
    command.args(words).output().unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// Runs to the end and must succeed; gives what it printed.
pub fn run(line: &str) -> String {
    printed(line, &output(line))
}

/// What a program printed that must have succeeded.
pub fn printed(line: &str, output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {}\n{out}{err}", output.status);
    out
}

/// Asks again and again until there is an answer.
pub fn wait_for<T>(what: &str, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
