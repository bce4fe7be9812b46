//! What the documentation is made of: the definition of the command line, and what it says of itself.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use super::Arguments;

/// The definition, for manual pages and completions.
#[must_use]
pub fn definition() -> Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The help of every command, one after the other, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("# Every command\n\nWhat `--help` says of each; made by `make reference`.\n");
    describe(&mut definition(), "portreeve", &mut text);
    text
}

fn describe(command: &mut Command, path: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let _ = write!(text, "\n## {path}\n\n```text\n{}\n```\n", help.trim_end());
    for inner in command.get_subcommands_mut() {
        let path = format!("{path} {}", inner.get_name());
        describe(inner, &path, text);
    }
}
