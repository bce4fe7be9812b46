//! Whether the panel runs, its certificate is good for a while, and its database is sound.

use std::path::Path;

use super::Finding;
use crate::{
    actions::{Clock, HelperSocket},
    cli::{
        configuration::Configuration,
        console::Console,
        identity::{self, StateDir},
    },
    daemon::{self, CertificateFiles},
    firewall::Listener,
    store,
};

/// From then on somebody should see to a new certificate.
const SOON: u32 = 14;

/// Gives root's rights up: what the panel can't read, this mustn't report as fine.
pub(super) fn examine(console: &Console, state_dir: &StateDir, config: Option<&Path>) -> Vec<Finding> {
    let mut findings = vec![port(console)];
    let entered = state_dir.enter();
    let configuration = Configuration::find(config);
    findings.push(settings(&configuration));
    match entered {
        Ok(path) => {
            findings.extend(configuration.ok().map(|configuration| certificate(configuration.files(), path)));
            findings.push(database(path));
        }
        Err(error) => {
            let advice = "Start the panel once, or name its folder with --state-dir.";
            findings.push(Finding::bad("database", format!("{error:#}"), advice));
        }
    }
    findings
}

fn port(console: &Console) -> Finding {
    let listing = console.ask(HelperSocket::list_listeners).unwrap_or_default();
    let is_panel = |listener: &&Listener| listener.processes.iter().any(|process| process.name == "portreeve");
    match listing.listeners.iter().find(is_panel) {
        Some(listener) => Finding::good("panel", format!("It listens at port {}.", listener.port)),
        None => {
            Finding::look("panel", "It isn't running; the firewall stays up without it.", "systemctl start portreeve")
        }
    }
}

fn settings(configuration: &anyhow::Result<Configuration>) -> Finding {
    match configuration {
        Ok(_) => Finding::good("settings", "They are understood."),
        Err(error) => Finding::bad("settings", format!("{error:#}"), "The panel doesn't start with them."),
    }
}

fn certificate(own: Option<CertificateFiles>, state_dir: &Path) -> Finding {
    let renewal = match own {
        Some(_) => "Put a new one in its place; the panel takes it without a restart.",
        None => "systemctl restart portreeve makes a new one; its fingerprint is another then.",
    };
    let files = own.unwrap_or_else(|| CertificateFiles::self_made(state_dir));
    let place = files.certificate.display().to_string();
    match daemon::days_left(files, Clock::system().now()) {
        Ok(0) => Finding::bad("certificate", format!("{place} has ended."), renewal),
        Ok(days) if days < SOON => Finding::look("certificate", format!("{place} ends in {days} days."), renewal),
        Ok(days) => Finding::good("certificate", format!("{place} is good for {days} more days.")),
        Err(error) => Finding::bad("certificate", error.to_string(), renewal),
    }
}

fn database(state_dir: &Path) -> Finding {
    match identity::block_on(async { Ok(store::check(state_dir).await?) }) {
        Ok(faults) if faults.is_empty() => Finding::good("database", "It is sound."),
        Ok(faults) => {
            let advice = "Stop the panel, keep a copy of the file and put back a backup.";
            Finding::bad("database", format!("It is damaged: {}", faults.join("; ")), advice)
        }
        Err(error) => Finding::bad("database", format!("{error:#}"), "Start the panel once, and look again."),
    }
}
