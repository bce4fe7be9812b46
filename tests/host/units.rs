//! The units: confined, and up again whatever ends them.

use super::{browser::Browser, machine::Machine, package};

const PANEL: &str = "portreeve.service";
const HELPER: &str = "portreeve-helper.service";

/// What `systemd-analyze security` may say at most: 0 is locked up, 10 is a service without any confinement. It doesn't see
/// that the helper ties itself up further.
const EXPOSURE: [(&str, f64); 2] = [(PANEL, 1.1), (HELPER, 3.4)];

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

    let panel = status(&machine, PANEL);
    for none in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(field(&panel, none), "0000000000000000", "{none}");
    }
    assert_eq!(field(&panel, "NoNewPrivs"), "1");
    assert_ne!(field(&panel, "Uid"), "0");
    // The panel warns when it can't fence itself in.
    assert_eq!(machine.run(&format!("journalctl --unit {PANEL} --output cat | grep WARN || true")), "");

    machine.run("portreeve ports");
    // CAP_DAC_READ_SEARCH, CAP_NET_ADMIN and CAP_SYS_PTRACE are numbers 2, 12 and 19.
    let helper = status(&machine, HELPER);
    for set in ["CapPrm", "CapEff", "CapBnd"] {
        assert_eq!(field(&helper, set), "0000000000081004", "{set}");
    }
    assert_eq!(field(&helper, "NoNewPrivs"), "1");
    // For rehearsals: the switches of a network namespace, and of the kernel's others none.
    let mounts =
        machine.run(&format!("grep ' /proc/sys' /proc/{}/mountinfo | cut -d ' ' -f 5,6", machine.main_pid(HELPER)));
    assert!(mounts.contains("/proc/sys ro,") && mounts.contains("/proc/sys/net rw,"), "{mounts}");
}

#[test]
fn what_is_killed_comes_back_also_after_a_reboot() {
    let machine = Machine::boot();
    package::install(&machine);
    let browser = Browser::new(&machine);
    for unit in [PANEL, HELPER] {
        let before = machine.main_pid(unit);
        machine.run(&format!("systemctl kill --signal KILL {unit}"));
        machine.main_pid_other_than(unit, before);
        assert!(browser.get("/sign-in").contains("<form"), "no page after the death of {unit}");
    }
    machine.reboot();
    for unit in [PANEL, HELPER] {
        machine.main_pid(unit);
    }
    assert!(browser.get("/sign-in").contains("<form"));
}

fn status(machine: &Machine, unit: &str) -> String {
    let pid = machine.main_pid(unit);
    machine.run(&format!("cat /proc/{pid}/status"))
}

/// The first value of a field of `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|values| values.split_whitespace().next()).expect("a field of the kernel's")
}
