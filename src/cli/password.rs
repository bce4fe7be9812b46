//! `portreeve password NAME`

use std::{
    io::{self, BufRead, IsTerminal, Stdin, Write},
    path::Path,
};

use anyhow::ensure;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::{
    identity::{self, StateDir},
    setup_link,
};

/// The command's arguments. The password isn't one: other users could see it.
#[derive(Debug, clap::Args)]
pub(super) struct Password {
    /// The account.
    name: String,
    #[command(flatten)]
    state_dir: StateDir,
}

impl Password {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let uid = identity::caller();
        let state_dir = self.state_dir.enter()?;
        let password = read_password()?;
        identity::block_on(reset(state_dir, &self.name, &password, uid))?;
        Ok(writeln!(io::stdout(), "The password of {} is set. Its sessions have ended.", self.name)?)
    }
}

async fn reset(state_dir: &Path, name: &str, password: &str, uid: u32) -> anyhow::Result<()> {
    let actions = setup_link::open(state_dir).await?;
    let outcome = actions.reset_password(name, password, uid).await;
    actions.store().close().await;
    Ok(outcome?)
}

/// Reads one line, twice and unseen when a person types it.
fn read_password() -> anyhow::Result<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Ok(read_line(&stdin)?);
    }
    let silence = Silence::begin(stdin)?;
    let password = silence.ask("New password: ")?;
    let again = silence.ask("The same again: ")?;
    ensure!(password == again, "the two passwords differ; nothing was changed");
    Ok(password)
}

fn read_line(stdin: &Stdin) -> io::Result<String> {
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that doesn't show what is typed, until it is dropped.
struct Silence {
    stdin: Stdin,
    before: Termios,
}

impl Silence {
    fn begin(stdin: Stdin) -> io::Result<Self> {
        let before = tcgetattr(&stdin)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
        Ok(Self { stdin, before })
    }

    fn ask(&self, question: &str) -> io::Result<String> {
        write!(io::stderr(), "{question}")?;
        read_line(&self.stdin)
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing is left to do when even this fails.
        let _ = tcsetattr(&self.stdin, OptionalActions::Flush, &self.before);
    }
}
