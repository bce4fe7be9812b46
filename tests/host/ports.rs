//! What listens on the host: named by its unit from inside, and the same set that a stranger's scan finds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    command::{run, wait_for},
    machine::Machine,
    network::SERVER_TO_STRANGER,
    package,
};

/// A port that systemd holds until somebody comes.
pub const ON_DEMAND: &str = "
printf '[Socket]\nListenStream=7007\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' >/etc/systemd/system/door.socket
printf '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n' >/etc/systemd/system/door@.service
systemctl enable --now door.socket";

#[test]
fn every_port_a_stranger_finds_is_named_by_its_unit() {
    let machine = Machine::boot();
    package::install(&machine);
    machine.run(ON_DEMAND);
    // The helper may answer with what it found a second ago.
    let named = wait_for("the new port in the list", || {
        Some(units_by_port(&machine)).filter(|units| units.contains_key(&7007))
    });
    let expected = [
        (21, "vsftpd.service"),
        (22, "ssh.service"),
        (25, "postfix@-.service"),
        (80, "nginx.service"),
        (110, "dovecot.service"),
        (111, "rpcbind.socket"),
        (143, "dovecot.service"),
        (993, "dovecot.service"),
        (995, "dovecot.service"),
        (7007, "door.socket"),
        (8470, "portreeve.service"),
    ];
    assert_eq!(named, expected.map(|(port, unit)| (port, unit.to_owned())).into());

    let listed: BTreeSet<u64> = named.into_keys().collect();
    let [v4, v6] = SERVER_TO_STRANGER;
    assert_eq!(open_ports(&machine, v4), listed);
    assert_eq!(open_ports(&machine, &format!("-6 {v6}")), listed);
}

/// What `portreeve ports` says of every TCP port that isn't on loopback only.
fn units_by_port(machine: &Machine) -> BTreeMap<u64, String> {
    let listing: Value = serde_json::from_str(&machine.run("portreeve ports --json")).expect("JSON");
    let listeners = listing["listeners"].as_array().expect("a list").iter();
    let is_loopback = |bind: &str| bind.contains("127.0.0.1") || bind.contains("\"::1\"");
    let reachable =
        listeners.filter(|listener| listener["transport"] == "tcp" && !is_loopback(&listener["bind"].to_string()));
    let unit = |listener: &Value| listener["unit"].as_str().map(str::to_owned).unwrap_or_default();
    reachable.map(|listener| (listener["port"].as_u64().expect("a port"), unit(listener))).collect()
}

/// The ports that nmap finds open from the stranger's host, of all ports.
pub fn open_ports(machine: &Machine, target: &str) -> BTreeSet<u64> {
    open_ports_of(machine, target, "-p-")
}

/// Where something ever listens here, and the neighbours of that.
const NEIGHBOURHOOD: &str = "-p 1-150,990-1000,7000-7010,8470";

/// Scans of a busy machine miss ports, and none of them takes long.
const SCANS: u32 = 20;

/// Waits until a stranger finds just these ports in the neighbourhood, in both families.
pub fn wait_for_open(machine: &Machine, expected: impl IntoIterator<Item = u64>, when: &str) {
    let expected: BTreeSet<u64> = expected.into_iter().collect();
    for target in SERVER_TO_STRANGER {
        let target = if target.contains(':') { format!("-6 {target}") } else { target.to_owned() };
        let mut scans = (0..SCANS).map(|_| open_ports_of(machine, &target, NEIGHBOURHOOD));
        let is_right = scans.any(|found| found == expected);
        assert!(is_right, "{when}: {:?} at {target}", open_ports_of(machine, &target, NEIGHBOURHOOD));
    }
}

/// The same of some ports.
fn open_ports_of(machine: &Machine, target: &str, ports: &str) -> BTreeSet<u64> {
    let report = nmap(machine, &format!("--open {ports} -oG - {target}"));
    let ports = report.split("Ports: ").nth(1).unwrap_or_default().split(", ");
    ports.filter_map(|port| port.split('/').next()?.parse().ok()).collect()
}

/// What nmap prints on the stranger's host.
pub fn nmap(machine: &Machine, arguments: &str) -> String {
    let stranger = &machine.network.stranger;
    // A machine that does much besides answers late.
    let scan = "nmap -n -Pn -T5 --max-rtt-timeout 1500ms --max-retries 4 --min-rate 10000";
    run(&format!("ip netns exec {stranger} {scan} {arguments}"))
}
