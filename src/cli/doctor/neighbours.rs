//! Other programs that write firewall rules on this host, and what runs containers.

use std::path::Path;

use super::Finding;
use crate::firewall::foreign::Foreign;

/// What gives a program away: the beginning of the name of one of its tables or chains; and what to know about it.
const KNOWN: [(&str, &[&str], &str); 4] = [
    ("ufw", &["ufw-", "ufw6-"], "Both filter, and what either drops is dropped. Keep one: ufw disable"),
    (
        "firewalld",
        &["firewalld"],
        "Both filter, and what either drops is dropped. Keep one: systemctl disable --now firewalld",
    ),
    (
        "ConfigServer Firewall",
        &["LOCALINPUT", "DENYIN"],
        "Both filter, and what either drops is dropped. Keep one: csf -x",
    ),
    ("fail2ban", &["f2b-", "f2b_"], ""),
];

/// What gives a container engine away: its chains and its socket.
const ENGINES: [(&str, &[&str], &str); 4] = [
    ("Docker", &["DOCKER"], "/run/docker.sock"),
    ("Podman", &["NETAVARK", "netavark", "CNI-"], "/run/podman/podman.sock"),
    ("containerd", &[], "/run/containerd/containerd.sock"),
    ("libvirt", &["libvirt_network", "LIBVIRT_"], "/run/libvirt/libvirt-sock"),
];

pub(super) fn examine(foreign: &Foreign) -> Vec<Finding> {
    let known = KNOWN.iter().filter(|(_, marks, _)| has_rules(foreign, marks));
    let mut findings: Vec<Finding> = known.map(|(name, _, advice)| filters(name, advice)).collect();
    findings.extend(foreign.unreadable.iter().map(|words| {
        Finding::look("others", words.clone(), "From where ports can be reached can't be told for sure on this host.")
    }));
    if findings.is_empty() {
        findings.push(Finding::good("others", "No other firewall was found that gets in the way."));
    }
    findings.push(engines(foreign, |socket| Path::new(socket).exists()));
    findings
}

fn has_rules(foreign: &Foreign, marks: &[&str]) -> bool {
    let is_marked = |name: &str| marks.iter().any(|mark| name.starts_with(mark));
    foreign.tables.iter().any(|table| is_marked(&table.name) || table.chains.iter().any(|chain| is_marked(&chain.name)))
}

fn filters(name: &str, advice: &str) -> Finding {
    let found = format!("{name} has rules on this host.");
    if advice.is_empty() { Finding::good("others", found) } else { Finding::look("others", found, advice) }
}

fn engines(foreign: &Foreign, is_there: impl Fn(&str) -> bool) -> Finding {
    let here: Vec<_> = ENGINES
        .iter()
        .filter(|(_, marks, socket)| has_rules(foreign, marks) || is_there(socket))
        .map(|(name, ..)| *name)
        .collect();
    match here.as_slice() {
        [] => Finding::good("containers", "Nothing that runs containers or guests was found."),
        names => {
            let published = "what they publish meets the rules for what comes in; the page Ports shows each port.";
            Finding::good("containers", format!("{} found: {published}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Health;

    fn foreign(chain: &str) -> Foreign {
        let listing = serde_json::json!({"nftables": [
            {"table": {"family": "ip", "name": "filter", "handle": 1}},
            {"chain": {"family": "ip", "table": "filter", "name": chain, "handle": 1}},
        ]});
        Foreign::from_nft(&listing)
    }

    #[test]
    fn each_firewall_is_known_by_its_chains_and_says_how_to_keep_one() {
        for (chain, health, said) in [
            ("ufw-user-input", Health::Look, "ufw disable"),
            ("LOCALINPUT", Health::Look, "csf -x"),
            ("f2b-sshd", Health::Good, ""),
            ("INPUT", Health::Good, ""),
        ] {
            let finding = &examine(&foreign(chain))[0];
            assert_eq!((finding.health, finding.advice.contains(said)), (health, true), "{chain}: {finding:?}");
        }
    }

    #[test]
    fn an_engine_is_known_by_its_chains_or_its_socket() {
        assert!(engines(&foreign("DOCKER-USER"), |_| false).found.starts_with("Docker found"));
        assert!(engines(&foreign("INPUT"), |socket| socket.contains("podman")).found.starts_with("Podman found"));
        assert!(engines(&foreign("INPUT"), |_| false).found.starts_with("Nothing"));
    }
}
