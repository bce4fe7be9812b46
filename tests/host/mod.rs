//! A real host: the package installed on a booted Debian, used and attacked over a network, killed, upgraded, removed.

mod command;
mod machine;
mod network;
mod package;
mod root_fs;

use std::collections::BTreeSet;

use command::run;
use machine::Machine;
use network::SERVER_TO_STRANGER;

/// What `systemd-analyze security` may say at most: 0 is locked up, 10 is a service without any confinement.
const EXPOSURE: [(&str, f64); 2] = [("portreeve.service", 1.2), ("portreeve-helper.service", 2.2)];

#[test]
fn the_units_are_confined() {
    let machine = Machine::boot();
    package::install(&machine);
    for (unit, bound) in EXPOSURE {
        let report = machine.run(&format!("systemd-analyze security --no-pager {unit}"));
        let figure = report.split(&format!("level for {unit}: ")).nth(1).and_then(|rest| rest.split(' ').next());
        let figure: f64 = figure.expect("a figure").parse().unwrap();
        assert!(figure <= bound, "{figure}\n{report}");
    }
    // A line that systemd doesn't understand is ignored, so a typing error would open what it should close.
    assert_eq!(machine.run("systemd-analyze verify /usr/lib/systemd/system/portreeve* 2>&1"), "");
}

#[test]
fn the_same_source_gives_the_same_package() {
    assert!(package::built() == package::build(), "two builds differ");
}

#[test]
fn a_stranger_reaches_what_listens_and_nothing_else() {
    let machine = Machine::boot();
    let both = BTreeSet::from([22, 80]);
    let [v4, v6] = SERVER_TO_STRANGER;
    assert_eq!(open_ports(&machine, v4), both);
    assert_eq!(open_ports(&machine, &format!("-6 {v6}")), both);
    machine.reboot();
    assert_eq!(open_ports(&machine, v4), both);
}

/// What nmap finds from the stranger's host, of all ports.
fn open_ports(machine: &Machine, target: &str) -> BTreeSet<u16> {
    let stranger = &machine.network.stranger;
    let scan = "nmap -n -Pn -T5 --min-rate 10000 --open -p- -oG -";
    let report = run(&format!("ip netns exec {stranger} {scan} {target}"));
    let ports = report.split("Ports: ").nth(1).unwrap_or_default().split(", ");
    ports.filter_map(|port| port.split('/').next()?.parse().ok()).collect()
}
