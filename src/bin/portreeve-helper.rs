//! `portreeve-helper`: the privileged half.

use std::process::ExitCode;

fn main() -> ExitCode {
    portreeve::helper::run()
}
