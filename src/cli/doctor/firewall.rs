//! Whether the helper answers, nft and the kernel take rules, and what is in force is what should be.

use rustix::system::uname;

use super::{Finding, neighbours};
use crate::{
    actions::HelperSocket,
    cli::console::Console,
    firewall::{
        Ruleset,
        enforcement::{Enforcement, ForeignTables, Mode},
        foreign::Foreign,
    },
};

/// The oldest nft that was tried.
const OLDEST: [u32; 3] = [1, 0, 6];

pub(super) fn examine(console: &Console) -> Vec<Finding> {
    let state = match console.ask(HelperSocket::read_state) {
        Ok(state) => state,
        Err(error) => {
            let advice = "Nothing else about the firewall can be said before it answers.";
            return vec![Finding::bad("helper", error.to_string(), advice)];
        }
    };
    let mut findings = vec![Finding::good("helper", "It answers, and speaks this program's version."), kernel(console)];
    findings.push(in_force(&state));
    findings.extend(state.notice.clone().map(|notice| {
        Finding::look("state", notice, "The journal says more: journalctl -u portreeve-helper -u portreeve-restore")
    }));
    if state.mode != Mode::Off {
        findings.push(drift(console));
    }
    findings.extend(tables(console));
    findings
}

/// A rehearsal needs everything that an Apply needs: nft, its kernel modules and network namespaces.
fn kernel(console: &Console) -> Finding {
    let release = uname().release().to_string_lossy().into_owned();
    match console.ask(|helper| helper.plan(Ruleset::default(), Vec::new())) {
        Ok((_, millis)) => {
            let found = format!("Linux {release} takes the rules; rehearsing the built-in ones took {millis} ms.");
            Finding::good("kernel", found)
        }
        Err(error) => {
            let found = format!("Linux {release}: {error}");
            let advice =
                "It needs nf_tables, conntrack, NFLOG and network namespaces, and the programs nft, ip and unshare.";
            Finding::bad("kernel", found, advice)
        }
    }
}

fn in_force(state: &Enforcement) -> Finding {
    let about = "firewall";
    match (state.mode, state.pending, state.confirmed) {
        (Mode::Panic, ..) => Finding::look(about, "Panic: nothing new gets in.", "To end it: portreeve resume"),
        (Mode::Rescue, ..) => {
            let found = "Rescue: only SSH, the panel and established connections get in.";
            Finding::look(about, found, "To end it: portreeve resume")
        }
        (Mode::Off, ..) => {
            let found = "It isn't turned on: nothing of Portreeve is in the kernel.";
            Finding::look(about, found, "Turn it on in the panel, or with: portreeve rules apply FILE")
        }
        (Mode::Enforcing | Mode::Observing, Some(pending), _) => {
            let found = format!("Revision {} waits to be confirmed.", pending.revision);
            Finding::look(about, found, "portreeve confirm keeps it; without that it is rolled back.")
        }
        (Mode::Observing, None, confirmed) => {
            let found = format!("Revision {} only observes: nothing is turned away.", confirmed.unwrap_or(0));
            Finding::look(about, found, "Enforce it in the panel once Blocked shows nobody who should get in.")
        }
        (Mode::Enforcing, None, confirmed) => {
            Finding::good(about, format!("Revision {} is confirmed and in force.", confirmed.unwrap_or(0)))
        }
    }
}

fn drift(console: &Console) -> Finding {
    match console.ask(HelperSocket::read_drift) {
        Ok(drift) if drift.is_empty() => Finding::good("table", "It is in the kernel exactly as it was committed."),
        Ok(drift) => {
            let found = format!("Another program changed it in {} place(s).", drift.len());
            Finding::look("table", found, "The panel's page History shows what, and puts it back.")
        }
        Err(error) => Finding::bad("table", error.to_string(), "Ask again; if it stays, restart portreeve-helper."),
    }
}

/// What nft lists tells its own version, and what others keep in the kernel.
fn tables(console: &Console) -> Vec<Finding> {
    match console.ask(|helper| helper.read_foreign(false)) {
        Ok(tables) => {
            let mut findings: Vec<_> = version(&tables).map(|version| nft(&version)).into_iter().collect();
            findings.extend(neighbours::examine(&Foreign::read(&tables)));
            findings
        }
        Err(error) => {
            let advice = "From where ports can be reached can't be told for sure on this host.";
            vec![Finding::look("others", format!("The tables of others can't be read: {error}"), advice)]
        }
    }
}

fn version(tables: &ForeignTables) -> Option<String> {
    let entries = tables.nft["nftables"].as_array()?;
    entries.iter().find_map(|entry| Some(entry["metainfo"]["version"].as_str()?.to_owned()))
}

fn nft(version: &str) -> Finding {
    let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    if parts.as_slice() < OLDEST.as_slice() {
        let found = format!("nft has version {version}; the oldest that was tried is 1.0.6.");
        return Finding::look("nft", found, "Take the nftables of a newer release of your distribution.");
    }
    Finding::good("nft", format!("It has version {version}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Health;

    #[test]
    fn an_nft_older_than_what_was_tried_is_to_be_looked_at() {
        for (version, health) in [
            ("1.0.6", Health::Good),
            ("1.1.3", Health::Good),
            ("1.0.5", Health::Look),
            ("0.9.8", Health::Look),
            ("unknown", Health::Look),
        ] {
            assert_eq!(nft(version).health, health, "{version}");
        }
    }
}
