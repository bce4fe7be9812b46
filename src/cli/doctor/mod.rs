//! `portreeve doctor`: looks at everything that the firewall and the panel need on this host, and says for each what to do.

mod firewall;
mod host;
mod neighbours;
mod panel;

use std::{fmt::Write as _, path::PathBuf};

use anyhow::bail;
use serde::Serialize;

use super::{console::Console, identity::StateDir};
use crate::firewall::untrusted::tame;

/// The most that is printed of one finding: some quote what other programs wrote.
const LONGEST: usize = 600;

/// Checks this host and the installation, and says what to do about each thing that isn't well.
#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    console: Console,
    #[command(flatten)]
    state_dir: StateDir,
    /// The panel's settings [default: /etc/portreeve/portreeve.toml, if it is there].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    /// As it should be.
    Good,
    /// It works, and somebody should look at it.
    Look,
    /// It doesn't work.
    Bad,
}

/// What was found out about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    /// What was looked at.
    about: &'static str,
    health: Health,
    found: String,
    /// What to do; empty if there is nothing to do.
    advice: String,
}

impl Finding {
    fn good(about: &'static str, found: impl Into<String>) -> Self {
        Self { about, health: Health::Good, found: found.into(), advice: String::new() }
    }

    fn look(about: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { about, health: Health::Look, found: found.into(), advice: advice.into() }
    }

    fn bad(about: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { about, health: Health::Bad, found: found.into(), advice: advice.into() }
    }
}

impl Doctor {
    /// Fails if something doesn't work.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut findings = firewall::examine(&self.console);
        findings.extend(host::examine(&self.console));
        // The last, because it gives root's rights up.
        findings.extend(panel::examine(&self.console, &self.state_dir, self.config.as_deref()));
        self.console.print(&findings, &words(&findings))?;
        match findings.iter().filter(|finding| finding.health == Health::Bad).count() {
            0 => Ok(()),
            1 => bail!("one thing doesn't work"),
            several => bail!("{several} things don't work"),
        }
    }
}

fn words(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.health {
            Health::Good => "good",
            Health::Look => "LOOK",
            Health::Bad => "BAD ",
        };
        let _ = writeln!(text, "{mark}  {:<14} {}", finding.about, tame(&finding.found, LONGEST));
        if !finding.advice.is_empty() {
            let _ = writeln!(text, "{:21}{}", "", finding.advice);
        }
    }
    text
}
