//! The firewall on a real host: turned on from the console, scanned, stopped and killed within a window, removed.

use std::{
    fs,
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use super::{
    boot::{Answer, probe},
    browser::{Browser, setup_token},
    command::command,
    machine::Machine,
    network::SERVER_TO_STRANGER,
    package,
    ports::open_ports,
};
use crate::helper::running::wait_until;

const HELPER: &str = "portreeve-helper.service";

/// Lets in what this host is there for. A scan of all ports must not look like a flood.
const WEB_SERVER: &str = r#"
[policy]
syn_flood = "off"
[[rules]]
id = 1
action = "allow"
direction = "in"
to = ["ssh", "8470/tcp", "http"]
"#;

/// Applies a ruleset from the console; gives what is printed.
fn apply(machine: &Machine, ruleset: &str) -> String {
    fs::write(machine.path("/root/ruleset.toml"), ruleset).expect("room in the machine");
    machine.run("portreeve rules apply /root/ruleset.toml --yes")
}

/// Applies and confirms [`WEB_SERVER`].
pub fn turn_on(machine: &Machine) {
    apply(machine, WEB_SERVER);
    machine.run("portreeve confirm");
}

pub fn status(machine: &Machine) -> String {
    machine.run("portreeve status").lines().next().unwrap_or_default().to_owned()
}

/// Which revision's receipts our table names.
pub fn enforced(machine: &Machine) -> String {
    machine.run("nft list table inet portreeve 2>/dev/null | grep -o 'pr:default-in:[0-9]*' | sort -u || true")
}

#[test]
fn off_at_first_and_turned_on_from_the_console_it_lets_in_what_it_should() {
    let machine = Machine::boot();
    package::install(&machine);
    assert_eq!(status(&machine), "The firewall is off: nothing of Portreeve is in the kernel.");
    assert_eq!(enforced(&machine), "");

    let said = apply(&machine, WEB_SERVER);
    assert!(said.contains("everybody can no longer reach"), "{said}");
    let planned = machine.run("portreeve rules plan /root/ruleset.toml");
    let rehearsed =
        planned.lines().find(|line| line.starts_with("Rehearsed with ")).expect("the outcome of a rehearsal");
    assert!(!rehearsed.starts_with("Rehearsed with 0 "), "{planned}");
    assert!(machine.run("portreeve confirm").starts_with("Revision 1 is confirmed.\n"));
    let [v4, v6] = SERVER_TO_STRANGER;
    assert_eq!(open_ports(&machine, v4), [22, 80, 8470].into());
    assert_eq!(open_ports(&machine, &format!("-6 {v6}")), [22, 80, 8470].into());
}

#[test]
fn a_window_ends_with_the_service_however_that_ends() {
    let machine = Machine::boot();
    package::install(&machine);
    apply(&machine, WEB_SERVER);
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
    machine.run(&format!("systemctl stop {HELPER}"));
    assert_eq!(enforced(&machine), "", "it was never confirmed");

    // The socket starts the helper again.
    turn_on(&machine);
    assert_eq!(enforced(&machine), "pr:default-in:2\n");
    for (revision, end) in [(3, "stop"), (4, "restart"), (5, "kill --signal KILL")] {
        apply(&machine, &WEB_SERVER.replace("http", "https"));
        assert_eq!(enforced(&machine), format!("pr:default-in:{revision}\n"));
        let killed = Instant::now();
        machine.run(&format!("systemctl {end} {HELPER}"));
        while enforced(&machine) != "pr:default-in:2\n" {
            assert!(killed.elapsed() < Duration::from_secs(2), "{end}: {}", enforced(&machine));
        }
        let status = machine.run("portreeve status");
        assert!(status.starts_with("Enforcing revision 2.\n"), "{status}");
        assert!(status.contains(&format!("Revision {revision} was rolled back")), "{status}");
    }
}

#[test]
fn the_firewall_stays_up_without_its_programs() {
    let machine = Machine::boot();
    package::install(&machine);
    turn_on(&machine);
    machine.run("systemctl stop portreeve.service portreeve-helper.socket portreeve-helper.service");
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
    assert_eq!(machine.run("pgrep --list-name portreeve || true"), "");
    assert_eq!(machine.network.as_stranger(|| probe(SERVER_TO_STRANGER[0], 21)), Answer::Silence);
    assert_eq!(machine.network.as_stranger(|| probe(SERVER_TO_STRANGER[0], 22)), Answer::Accepted);
}

#[test]
fn a_removed_package_leaves_no_rules_and_a_reinstalled_one_brings_them_back() {
    let machine = Machine::boot();
    package::install(&machine);
    turn_on(&machine);
    machine.run("nft add table inet other");

    package::install(&machine);
    assert_eq!(enforced(&machine), "pr:default-in:1\n", "an upgrade keeps them");

    let console = machine.run("dpkg --remove portreeve");
    assert!(console.contains("rules are taken out of the kernel"), "{console}");
    assert_eq!(machine.run("nft list tables"), "table inet other\n");

    package::install(&machine);
    assert_eq!(status(&machine), "Enforcing revision 1.");
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
}

#[test]
fn who_is_signed_in_over_ssh_is_named_before_the_rules_change() {
    let machine = Machine::boot();
    let console = package::install(&machine);
    let browser = Browser::new(&machine);
    browser.set_up(setup_token(&console));
    browser.submit("/turn-on", "/turn-on", &[]);
    let is_named = || {
        // Whoever looks at the ports makes the panel look more often.
        browser.get("/ports");
        browser.get("/review").contains("signed in on this host now")
    };
    assert!(!is_named());

    let keys = tempfile::tempdir().expect("a directory");
    let mut session = sign_in_over_ssh(&machine, keys.path());
    wait_until("who is signed in is named", is_named);
    session.kill().expect("a running ssh");
    session.wait().expect("an ended ssh");
    wait_until("nobody is named any more", || !is_named());
}

/// Signs in as root from the stranger's host with a key made for it, and stays.
fn sign_in_over_ssh(machine: &Machine, keys: &Path) -> Child {
    let key = keys.join("key");
    let made = command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.expect("openssh-client").success());
    fs::create_dir_all(machine.path("/root/.ssh")).expect("room in the machine");
    fs::copy(key.with_extension("pub"), machine.path("/root/.ssh/authorized_keys")).expect("room in the machine");
    let mut ssh = command("ssh");
    ssh.args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-i"]);
    ssh.arg(&key).args([&format!("root@{}", SERVER_TO_STRANGER[0]), "sleep", "120"]);
    machine.network.as_stranger(|| ssh.spawn().expect("openssh-client"))
}
