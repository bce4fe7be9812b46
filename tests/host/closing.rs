//! Ports are closed on the command line at each level: what a stranger finds before and after, over a reboot, and undone.

use std::{collections::BTreeSet, fs};

use super::{
    machine::Machine,
    package,
    ports::{ON_DEMAND, wait_for_open},
    services::settled,
};

/// What a host that was never tidied up lets in.
const EVERYTHING: &str = r#"
[policy]
syn_flood = "off"
[[rules]]
id = 1
action = "allow"
direction = "in"
to = ["ssh", "8470/tcp", "http"]
[[rules]]
id = 2
action = "allow"
direction = "in"
to = ["ftp", "smtp", "pop3", "pop3s", "imap", "imaps", "rpcbind", "7000-7010/tcp"]
"#;

/// What a stranger finds of it at first.
pub const OPEN: [u64; 11] = [21, 22, 25, 80, 110, 111, 143, 993, 995, 7007, 8470];

const CLOSED: [u64; 5] = [21, 25, 110, 111, 7007];

/// Dovecot's other ports: they end with 110 when it is stopped.
const ALONG: [u64; 3] = [143, 993, 995];

/// A host with all of that open and confirmed rules that let it in.
pub fn untidy() -> Machine {
    let machine = Machine::boot();
    package::install(&machine);
    machine.run(ON_DEMAND);
    fs::write(machine.path("/root/ruleset.toml"), EVERYTHING).expect("room in the machine");
    machine.run("portreeve rules apply /root/ruleset.toml --yes && portreeve confirm");
    wait_for_open(&machine, OPEN, "at first");
    machine
}

/// What is closed at a level; an administrator's own unit can't be masked.
fn ports(level: &str) -> Vec<u64> {
    CLOSED.into_iter().filter(|port| level != "mask" || *port != 7007).collect()
}

fn close(machine: &Machine, level: &str) -> String {
    let names: Vec<String> = ports(level).iter().map(|port| format!("{port}/tcp")).collect();
    machine.run(&format!("portreeve close {} --level {level}", names.join(" ")))
}

#[test]
fn ports_are_closed_at_each_level_and_one_undo_brings_all_back() {
    let machine = untidy();
    let before = settled(&machine);
    for (level, act) in ["block", "stop", "disable", "mask"].into_iter().zip(1..) {
        let foretold = machine.run(&format!("portreeve close 110/tcp --level {level} --dry-run"));
        assert!(foretold.contains("110/tcp:") && !foretold.contains("can't be closed"), "{foretold}");
        wait_for_open(&machine, OPEN, &format!("{level}, only foretold"));
        let said = close(&machine, level);
        assert!(said.ends_with(&format!("To take it back: portreeve undo {act}\n")), "{said}");
        let along = if level == "block" { &[][..] } else { &ALONG };
        wait_for_open(&machine, less(&[&ports(level), along]), level);

        machine.reboot();
        machine.main_pid("portreeve-helper.service");
        let along = if ["block", "stop"].contains(&level) { &[][..] } else { &ALONG };
        wait_for_open(&machine, less(&[&ports(level), along]), &format!("{level} and a reboot"));

        let undone = machine.run(&format!("portreeve undo {act}"));
        assert!(undone.starts_with(&format!("Act {act} is taken back.")), "{undone}");
        wait_for_open(&machine, OPEN, &format!("{level}, undone"));
        assert_eq!(settled(&machine), before, "{level}, undone");
    }
    assert_eq!(less(&[&CLOSED, &ALONG]), [22, 80, 8470].into(), "all that a stranger finds of a host tidied up");
}

fn less(gone: &[&[u64]]) -> BTreeSet<u64> {
    OPEN.into_iter().filter(|port| !gone.iter().any(|gone| gone.contains(port))).collect()
}

#[test]
fn ssh_and_the_panel_stay_open_whatever_is_asked_for() {
    let machine = Machine::boot();
    package::install(&machine);
    for (arguments, words) in [
        ("22/tcp", "administrators come in there by SSH"),
        ("22/tcp --level mask", "administrators come in there by SSH"),
        ("8470/tcp --level stop", "this panel answers there"),
        ("80/tcp 22/tcp --level stop", "administrators come in there by SSH"),
        ("80/tcp", "the firewall is off"),
    ] {
        let refused = machine.output(&format!("portreeve close {arguments}"));
        let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && complaint.contains(words), "{arguments}: {complaint}");
    }
    wait_for_open(&machine, OPEN.map(|port| if port == 7007 { 22 } else { port }), "nothing was closed");
    // Without the firewall a service can still be stopped, and only that is taken back.
    machine.run("portreeve close 21/tcp --level disable");
    assert_eq!(machine.run("systemctl is-enabled vsftpd || true").trim(), "disabled");
    machine.run("portreeve undo 1");
    assert_eq!(machine.run("systemctl is-enabled vsftpd").trim(), "enabled");
    wait_for_open(&machine, OPEN.map(|port| if port == 7007 { 22 } else { port }), "undone");
}
