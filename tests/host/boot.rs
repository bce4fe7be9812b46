//! A starting host, as a stranger sees it who never stops knocking.

use std::{
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    firewall::{enforced, status, turn_on},
    machine::Machine,
    network::{SERVER_TO_ADMINISTRATOR, SERVER_TO_STRANGER},
    package,
};

/// How long a probe waits: far longer than an answer takes on these wires.
const PROBE: Duration = Duration::from_millis(40);

const SSH: u16 = 22;

/// What came back from a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    Refused,
    Silence,
}

/// One probe.
#[derive(Debug)]
struct Seen {
    at: Instant,
    port: u16,
    answer: Answer,
}

#[test]
fn a_starting_host_lets_in_nobody_before_its_rules_are_there() {
    let machine = Machine::boot();
    package::install(&machine);
    turn_on(&machine);
    let is_over = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        let watch = scope.spawn(|| machine.network.as_stranger(|| watch(&is_over)));
        machine.reboot();
        is_over.store(true, Ordering::Relaxed);
        watch.join().expect("the watch")
    });
    report(&answers);
    let passed: Vec<_> = answers.iter().filter(|seen| seen.answer == Answer::Accepted && seen.port != SSH).collect();
    assert!(passed.is_empty(), "{passed:?}");
    // Who is refused at a closed port met no rules; who hears nothing did.
    let bare: Vec<_> =
        answers.iter().filter(|seen| seen.answer == Answer::Refused && seen.port != SSH).map(|seen| seen.at).collect();
    let bare = *bare.first().expect("the rules were gone")..*bare.last().expect("the rules were gone");
    let early = answers.iter().find(|seen| seen.answer == Answer::Accepted && bare.contains(&seen.at));
    assert!(early.is_none(), "ssh answered before the rules were there: {early:?}");
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
    assert_eq!(status(&machine), "Enforcing revision 1.");
    let order = machine.run("systemctl show --property=ActiveState,Before portreeve-restore.service");
    assert!(order.contains("ActiveState=active") && order.contains("network-pre.target"), "{order}");
    assert_eq!(machine.network.as_administrator(|| probe(SERVER_TO_ADMINISTRATOR, 21)), Answer::Silence);
}

/// Knocks once.
pub fn probe(address: &str, port: u16) -> Answer {
    let socket = SocketAddr::new(address.parse().expect("an address"), port);
    match TcpStream::connect_timeout(&socket, PROBE) {
        Ok(_) => Answer::Accepted,
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Answer::Refused,
        Err(_) => Answer::Silence,
    }
}

/// Knocks at ssh and at what must stay shut, in both families at once, until it is over.
fn watch(is_over: &AtomicBool) -> Vec<Seen> {
    let mut seen = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let doors = SERVER_TO_STRANGER.iter().flat_map(|address| [SSH, 21, 110, 995].map(|port| (*address, port)));
        thread::scope(|scope| {
            let probes: Vec<_> = doors
                .map(|(address, port)| (port, Instant::now(), scope.spawn(move || probe(address, port))))
                .collect();
            seen.extend(probes.into_iter().map(|(port, at, probe)| Seen {
                at,
                port,
                answer: probe.join().expect("a probe"),
            }));
        });
    }
    seen
}

#[expect(clippy::print_stderr, reason = "the figures are worth reading")]
fn report(answers: &[Seen]) {
    let start = answers.first().map_or_else(Instant::now, |seen| seen.at);
    let mut last = Vec::new();
    for round in answers.chunks(8) {
        let now: Vec<_> = round.iter().map(|seen| (seen.port, seen.answer)).collect();
        if now != last {
            eprintln!("{:>6} ms {now:?}", round[0].at.duration_since(start).as_millis());
            last = now;
        }
    }
    eprintln!("{} probes", answers.len());
}
