//! Services are closed at each level, from outside and over a reboot, and opened again exactly as they were.

use std::{collections::BTreeSet, io::ErrorKind, net::TcpStream};

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
    ports::{ON_DEMAND, wait_for_open},
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

/// All that says how the services are, but for our own: what runs, and what is linked to run at boot or never.
const SNAPSHOT: &str = "
systemctl list-units --all --no-legend --plain --type service,socket,path | grep -v '@[0-9]' |
  awk '{print $1, $3, $4}' | grep -v -e ^systemd- -e ^user -e ^run- -e ^portreeve
find /etc/systemd/system -type l -printf '%p %l\\n' | sort";

#[test]
fn services_are_closed_at_each_level_and_opened_again_exactly() {
    let machine = Machine::boot();
    package::install(&machine);
    machine.run(ON_DEMAND);
    let before = settled(&machine);
    let left = BTreeSet::from([22, 80, 8470]);
    let open: BTreeSet<u64> = left.iter().chain(UNITS.iter().flat_map(|(_, ports)| *ports)).copied().collect();
    wait_for_open(&machine, open.clone(), "at first");

    for level in [UnitLevel::Stop, UnitLevel::Disable, UnitLevel::Mask] {
        let closed: Vec<_> = UNITS.iter().filter_map(|(name, _)| close(&machine, name, level)).collect();
        // An administrator's own unit can't be masked.
        let still: BTreeSet<u64> = left.iter().chain((level == UnitLevel::Mask).then_some(&7007)).copied().collect();
        wait_for_open(&machine, still.clone(), &format!("{level:?}"));
        assert_closed(&machine, open.difference(&still));
        machine.reboot();
        machine.main_pid("portreeve-helper.service");
        let after = if level == UnitLevel::Stop { &open } else { &still };
        wait_for_open(&machine, after.clone(), &format!("{level:?} and a reboot"));
        if level != UnitLevel::Stop {
            assert_closed(&machine, open.difference(&still));
        }
        // The last is opened first, as a person would go back.
        for record in closed.iter().rev() {
            let [Response::Reopened(touched)] = &ask(&machine, &[Request::ReopenUnit { record: *record }])[..] else {
                panic!("record {record} of {level:?}")
            };
            assert_eq!(touched.differences(), Vec::<String>::new(), "{level:?}");
        }
        wait_for_open(&machine, open.clone(), &format!("{level:?}, undone"));
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

/// No scan is needed to find that nobody answers there, nor at avahi's port, which no scan of TCP finds.
fn assert_closed<'a>(machine: &Machine, ports: impl Iterator<Item = &'a u64>) {
    let ports: Vec<u16> = ports.map(|port| u16::try_from(*port).expect("a port")).collect();
    machine.network.as_stranger(|| {
        for (address, port) in
            SERVER_TO_STRANGER.iter().flat_map(|address| ports.iter().map(move |port| (*address, *port)))
        {
            let refused = TcpStream::connect((address, port)).map(drop).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::ConnectionRefused), "{address} {port}");
        }
    });
    assert_eq!(machine.run("ss --no-header --udp --listening --numeric 'sport = 5353'"), "");
}

/// The snapshot once nothing is on its way any more.
pub fn settled(machine: &Machine) -> String {
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
