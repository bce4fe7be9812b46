//! Whether the panel runs, its certificate is good for a while, and its database is sound.

use std::path::Path;

use super::Finding;
use crate::{
    actions::{Clock, HelperSocket},
    cli::{
        console::Console,
        identity::{self, StateDir},
    },
    daemon::{self, CertificateFiles},
    firewall::Listener,
    store,
};

/// From then on somebody should see to a new certificate.
const SOON: u32 = 14;

const RENEWAL: &str = "systemctl restart portreeve makes a new one; its fingerprint is another then.";

/// Gives root's rights up: what the panel can't read, this mustn't report as fine.
pub(super) fn examine(console: &Console, state_dir: &StateDir) -> Vec<Finding> {
    let port = port(console);
    match state_dir.enter() {
        Ok(path) => vec![port, certificate(path), database(path)],
        Err(error) => {
            let advice = "Start the panel once, or name its folder with --state-dir.";
            vec![port, Finding::bad("database", format!("{error:#}"), advice)]
        }
    }
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

fn certificate(state_dir: &Path) -> Finding {
    let files = CertificateFiles::self_made(state_dir);
    let place = files.certificate.display().to_string();
    match daemon::days_left(files, Clock::system().now()) {
        Ok(0) => Finding::bad("certificate", format!("{place} has ended."), RENEWAL),
        Ok(days) if days < SOON => Finding::look("certificate", format!("{place} ends in {days} days."), RENEWAL),
        Ok(days) => Finding::good("certificate", format!("{place} is good for {days} more days.")),
        Err(error) => Finding::bad("certificate", error.to_string(), RENEWAL),
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
