//! `portreeve`: the panel and its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    portreeve::cli::run()
}
