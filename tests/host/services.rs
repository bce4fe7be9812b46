//! Services are closed at each level, from outside and over a reboot, and opened again exactly as they were.

use std::collections::BTreeSet;

use portreeve::{
    boundary::{Request, Response},
    firewall::unit::{TouchedUnits, UnitLevel, UnitName},
};

use super::{
    command::wait_for,
    helper::ask,
    machine::Machine,
    network::SERVER_TO_STRANGER,
    package,
    ports::{ON_DEMAND, open_ports},
};

/// What isn't needed on a web server, and the ports that end with each.
const UNITS: [(&str, &[u64]); 6] = [
    ("vsftpd.service", &[21]),
    ("dovecot.service", &[110, 143, 993, 995]),
    ("postfix@-.service", &[25]),
    ("rpcbind.socket", &[111]),
    ("door.socket", &[7007]),
    ("avahi-daemon.service", &[]),
];

/// All that says how the services are: what runs, and what is linked to run at boot or never.
const SNAPSHOT: &str = "
systemctl list-units --all --no-legend --plain --type service,socket,path | grep -v '@[0-9]' |
  awk '{print $1, $3, $4}' | grep -v -e ^systemd- -e ^user -e ^run-
find /etc/systemd/system -type l -printf '%p %l\\n' | sort";

#[test]
#[ignore = "its scans and its comparison after a restart count what is not closed; not reliable yet"]
fn services_are_closed_at_each_level_and_opened_again_exactly() {
    let machine = Machine::boot();
    package::install(&machine);
    machine.run(ON_DEMAND);
    let before = settled(&machine);
    let open = scan(&machine);
    let ports: BTreeSet<u64> = UNITS.iter().flat_map(|(_, ports)| *ports).copied().collect();
    assert!(open.is_superset(&ports), "{open:?}");
    let left: BTreeSet<u64> = open.difference(&ports).copied().collect();

    for level in [UnitLevel::Stop, UnitLevel::Disable, UnitLevel::Mask] {
        let closed: Vec<_> = UNITS.iter().filter_map(|(name, _)| close(&machine, name, level)).collect();
        let still = if level == UnitLevel::Mask { [7007].into() } else { BTreeSet::new() };
        let expected: BTreeSet<u64> = left.union(&still).copied().collect();
        assert_eq!(scan(&machine), expected, "{level:?}");
        assert_eq!(answers_multicast(&machine), "");
        machine.reboot();
        machine.main_pid("portreeve-helper.service");
        let expected = if level == UnitLevel::Stop { open.clone() } else { expected };
        assert_eq!(scan(&machine), expected, "{level:?} and a reboot");
        // The last is opened first, as a person would go back.
        for record in closed.iter().rev() {
            let [Response::Reopened(touched)] = &ask(&machine, &[Request::ReopenUnit { record: *record }])[..] else {
                panic!("record {record} of {level:?}")
            };
            assert_eq!(touched.differences(), Vec::<String>::new(), "{level:?}");
        }
        assert_eq!(scan(&machine), open, "{level:?}, undone");
        assert_eq!(settled(&machine), before, "{level:?}, undone");
        assert_eq!(ask(&machine, &[Request::ReadUnitRecords {}]), [Response::UnitRecords(Vec::new())]);
    }
}

/// Closes it and gives the record. An administrator's own unit can't be masked.
fn close(machine: &Machine, name: &str, level: UnitLevel) -> Option<u64> {
    let request = Request::CloseUnit { name: UnitName::parse(name).expect("a name"), level };
    match &ask(machine, &[request])[..] {
        [Response::Closed(touched)] => {
            assert_eq!(touched.left_open(), Vec::<String>::new(), "{name} {level:?}");
            Some(touched.record.id)
        }
        [Response::Refused { refusal }] if (name, level) == ("door.socket", UnitLevel::Mask) => {
            assert!(refusal.to_string().contains("disable it instead"), "{refusal}");
            None
        }
        other => panic!("{name} {level:?}: {other:?}"),
    }
}

/// The ports a stranger finds in both families, who finds the same in both.
fn scan(machine: &Machine) -> BTreeSet<u64> {
    let [v4, v6] = SERVER_TO_STRANGER;
    let open = open_ports(machine, v4);
    assert_eq!(open_ports(machine, &format!("-6 {v6}")), open);
    open
}

/// Who holds avahi's port, which no scan of TCP finds.
fn answers_multicast(machine: &Machine) -> String {
    machine.run("ss --no-header --udp --listening --numeric 'sport = 5353'")
}

/// The snapshot once nothing is on its way any more.
fn settled(machine: &Machine) -> String {
    wait_for("nothing to start or stop", || {
        let jobs = machine.run("systemctl list-jobs --no-legend");
        let snapshot = machine.run(SNAPSHOT);
        (jobs.is_empty() && !snapshot.contains("activating")).then_some(snapshot)
    })
}

/// What became of one that is closed.
pub fn closed(machine: &Machine, name: &str, level: UnitLevel) -> TouchedUnits {
    let request = Request::CloseUnit { name: UnitName::parse(name).expect("a name"), level };
    match ask(machine, &[request]).pop() {
        Some(Response::Closed(touched)) => touched,
        other => panic!("{name}: {other:?}"),
    }
}
