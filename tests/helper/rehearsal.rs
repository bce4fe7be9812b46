//! What a ruleset does is tried with real packets before it is applied.

use std::{
    fs,
    io::Write,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::{Refusal, Request, Response, limits},
    firewall::{InterfaceName, Ruleset, diff, simulate::Packet},
};
use rustix::process::Signal;

use super::{
    guarded::{Guarded, apply, opens, send},
    running::{program, wait_until},
};
use crate::simulate::generate::{self, Random};

fn plan(ruleset: Ruleset, probes: Vec<Packet>) -> Request {
    Request::Plan { ruleset, probes }
}

/// How many probes were sent.
fn planned(host: &Guarded, ruleset: Ruleset, probes: Vec<Packet>) -> (u32, u64) {
    match host.ask(&plan(ruleset, probes)) {
        Response::Planned { probes, millis } => (probes, millis),
        other => panic!("{other:?}; the log says: {}", host.log()),
    }
}

/// Every line of thought that the simulator has about random rulesets holds in the kernel, by way of the real helper.
#[test]
fn kernel_and_simulator_agree_about_random_rulesets_and_packets() {
    let host = Guarded::new();
    let mut sent = 0;
    for seed in generate::seeds("PORTREEVE_REHEARSAL_SEED", 12) {
        let mut random = Random::new(seed);
        let checked = generate::ruleset(&mut random);
        println!("PORTREEVE_REHEARSAL_SEED={seed}");
        let probes = (0..limits::PROBES).map(|_| generate::packet(&mut random, &checked)).collect();
        let (count, millis) = planned(&host, checked.ruleset().clone(), probes);
        println!("{count} probes in {millis} ms");
        sent += count;
    }
    assert!(sent > 500, "{sent} probes were sent");
    assert_eq!(host.table(), "", "nothing was changed");
}

#[test]
fn the_witnesses_of_a_difference_are_really_sent() {
    let host = Guarded::new();
    let check = |ruleset: Ruleset| portreeve::firewall::check(ruleset, &generate::surroundings()).unwrap();
    let (old, new) = (check(opens(22)), check(opens(80)));
    let situation = generate::situation(&mut Random::new(1));
    let witnesses: Vec<Packet> =
        diff(&old, &new, &situation).changes.into_iter().map(|change| change.witness).collect();
    assert!(witnesses.len() >= 2, "{witnesses:?}");
    let count = u32::try_from(witnesses.len()).unwrap();
    assert_eq!(planned(&host, opens(80), witnesses.clone()).0, count);
    let Request::Apply { ruleset, revision, expected, window_seconds, .. } = apply(opens(80), 1, None) else {
        panic!("an Apply")
    };
    let state = host.state(&Request::Apply { ruleset, revision, expected, window_seconds, probes: witnesses });
    assert_eq!(state.pending.map(|pending| pending.revision), Some(1));
}

#[test]
fn a_rehearsal_that_can_not_be_held_refuses() {
    let host = Guarded::new();
    let long = InterfaceName::parse("fifteen-letters").unwrap();
    let mut random = Random::new(7);
    let checked = generate::ruleset(&mut random);
    let mut probes: Vec<Packet> = (0..50).map(|_| generate::packet(&mut random, &checked)).collect();
    for probe in &mut probes {
        probe.passage = portreeve::firewall::simulate::Passage::In { input: long.clone() };
    }
    assert!(planned(&host, opens(22), probes.clone()).0 > 0, "the longest name works");
    // Stopped, the child can't start anything; killed, it takes the helper with it.
    send(host.child(), Signal::STOP);
    let child = host.child();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(300));
            send(child, Signal::KILL);
        });
        let answer = host.greet().ask(&plan(opens(22), probes));
        let is_refused = matches!(answer, Some(Response::Refused { refusal: Refusal::Rehearsal { .. } }));
        assert!(is_refused || answer.is_none(), "{answer:?}");
    });
}

fn rehearse() -> Child {
    let mut command = program("unshare");
    command.args(["--net", "--", env!("CARGO_BIN_EXE_portreeve-helper"), "rehearse"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn namespace(pid: &str) -> Option<String> {
    fs::read_link(format!("/proc/{pid}/ns/net")).ok().map(|link| link.display().to_string())
}

/// Whoever is in the namespace.
fn inhabitants(namespace_: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    processes.filter(|pid| namespace(pid).as_deref() == Some(namespace_)).count()
}

#[test]
fn however_a_rehearsal_ends_nobody_is_left_in_its_namespace() {
    let host = Guarded::new();
    let mut random = Random::new(3);
    let checked = generate::ruleset(&mut random);
    let probes: Vec<Packet> = (0..500).map(|_| generate::packet(&mut random, &checked)).collect();
    let survey = match host.ask(&Request::ReadSurvey {}) {
        Response::Survey(survey) => survey,
        other => panic!("{other:?}"),
    };
    let input = serde_json::json!({ "ruleset": checked.ruleset(), "probes": probes, "survey": survey }).to_string();
    let ours = namespace("self").unwrap();
    for millis in [5, 20, 40, 80, 120] {
        let mut child = rehearse();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let pid = child.id().to_string();
        thread::sleep(Duration::from_millis(millis));
        let theirs = namespace(&pid).filter(|theirs| *theirs != ours);
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(theirs) = theirs {
            wait_until("nobody is there", || inhabitants(&theirs) == 0);
        }
    }
}

#[test]
fn a_namespace_that_is_in_use_is_refused() {
    let start = Instant::now();
    let mut command = program(env!("CARGO_BIN_EXE_portreeve-helper"));
    command.arg("rehearse").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let input = r#"{"ruleset":{},"probes":[],"survey":{"interfaces":[],"addresses":[],"routes":[]}}"#;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success() && start.elapsed() < Duration::from_secs(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("fresh network namespace"));
}
