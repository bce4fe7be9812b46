//! Whatever dies or breaks within the window: in the end the kernel has what was confirmed last, in time.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::{Refusal, Request, Response},
    firewall::enforcement::{Mode, RollBackCause},
};
use rustix::{
    process::Signal,
    time::{ClockId, clock_gettime},
};

use super::guarded::{Guarded, WINDOW, apply, opens, send};

/// A host with revision 1 confirmed and revision 2 pending, the table of revision 1, and when 2 was applied.
fn pending() -> (Guarded, String, Instant) {
    let host = Guarded::confirmed();
    let confirmed = host.table();
    let applied = Instant::now();
    host.state(&apply(opens(80), 2, Some(1)));
    assert_ne!(host.table(), confirmed);
    (host, confirmed, applied)
}

fn assert_rolled_back(host: &Guarded, cause: RollBackCause) {
    let state = host.settled();
    assert_eq!((state.mode, state.confirmed, state.pending), (Mode::Enforcing, Some(1), None));
    assert_eq!(state.rolled_back.map(|end| (end.revision, end.cause)), Some((2, cause)));
    assert_eq!(host.ask(&Request::ReadDrift {}), Response::Drift(Vec::new()));
}

#[test]
fn silence() {
    let (host, confirmed, applied) = pending();
    thread::sleep(Duration::from_millis(u64::from(WINDOW) * 1000 - 500));
    assert_ne!(host.table(), confirmed, "not before the window is over");
    host.assert_back(&confirmed, applied);
    assert_rolled_back(&host, RollBackCause::Silence);
}

#[test]
fn the_very_first_revision_leaves_nothing_behind() {
    let host = Guarded::new();
    let applied = Instant::now();
    host.state(&apply(opens(22), 1, None));
    assert!(!host.table().is_empty());
    host.assert_back("", applied);
    assert_eq!(host.settled().mode, Mode::Off);
}

#[test]
fn the_panel_is_killed_in_the_middle_of_its_conversation() {
    let host = Guarded::confirmed();
    let confirmed = host.table();
    let mut panel = host.greet();
    panel.send(&serde_json::to_vec(&apply(opens(80), 2, Some(1))).unwrap());
    drop(panel);
    host.assert_back(&confirmed, Instant::now());
    thread::sleep(Duration::from_secs(1));
    host.assert_back(&confirmed, Instant::now());
    assert_rolled_back(&host, RollBackCause::Silence);
}

#[test]
fn the_helper_is_killed_and_nobody_starts_it_again() {
    let (mut host, confirmed, applied) = pending();
    host.end(Signal::KILL);
    host.assert_back(&confirmed, applied);
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
}

#[test]
fn the_helper_is_killed_and_started_again_at_once() {
    let (mut host, confirmed, applied) = pending();
    host.end(Signal::KILL);
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
    host.assert_back(&confirmed, applied);
}

#[test]
fn the_helper_is_told_to_stop() {
    let (mut host, confirmed, applied) = pending();
    host.end(Signal::TERM);
    host.assert_back(&confirmed, applied);
}

#[test]
fn helper_and_child_are_killed() {
    let (mut host, confirmed, applied) = pending();
    host.end_both();
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
    host.assert_back(&confirmed, applied);
}

#[test]
fn helper_and_child_are_killed_and_the_service_is_stopped() {
    let (mut host, confirmed, applied) = pending();
    host.end_both();
    assert!(host.restore());
    host.assert_back(&confirmed, applied);
}

#[test]
fn the_child_is_killed_and_the_helper_ends_for_its_restart() {
    let (mut host, confirmed, applied) = pending();
    send(host.child(), Signal::KILL);
    host.wait_for_end();
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
    host.assert_back(&confirmed, applied);
}

#[test]
fn the_power_fails() {
    let (mut host, confirmed, applied) = pending();
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    host.assert_back(&confirmed, applied);
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
}

#[test]
fn the_power_fails_when_nothing_is_pending() {
    let mut host = Guarded::confirmed();
    let confirmed = host.table();
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    assert_eq!(host.table(), confirmed);
    host.nft("flush ruleset");
    host.start();
    assert_eq!(host.table(), confirmed, "without the boot path the service does it");
}

#[test]
fn the_power_fails_in_the_middle_of_a_confirmation() {
    let (mut host, confirmed, _) = pending();
    host.end_both();
    host.nft("flush ruleset");
    fs::rename(host.path("state/confirmed"), host.path("state/confirmed.previous")).unwrap();
    assert!(host.restore());
    assert_eq!(host.table(), confirmed);
    host.start();
    assert_rolled_back(&host, RollBackCause::Restart);
    assert!(matches!(host.ask(&Request::ReadConfirmed {}), Response::Confirmed(Some(ruleset)) if ruleset == opens(22)));
    host.state(&apply(opens(80), 3, Some(1)));
    assert_eq!(host.state(&Request::Confirm { revision: 3 }).confirmed, Some(3));
    host.end_both();
    host.start();
    assert_eq!(host.read_state().confirmed, Some(3));
}

#[test]
fn the_disk_is_full_before() {
    let mut host = Guarded::bare();
    host.small_disk();
    host.start();
    host.state(&apply(opens(22), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    let confirmed = host.table();
    host.fill_disk();
    let refusal = host.refusal(&apply(opens(80), 2, Some(1)));
    assert!(matches!(refusal, Refusal::Disk { .. }), "{refusal:?}");
    assert_eq!(host.table(), confirmed);
    assert_eq!(host.read_state().pending, None);
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    assert_eq!(host.table(), confirmed);
}

#[test]
fn the_disk_is_full_after() {
    let mut host = Guarded::bare();
    host.small_disk();
    host.start();
    host.state(&apply(opens(22), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    let confirmed = host.table();
    let applied = Instant::now();
    host.state(&apply(opens(80), 2, Some(1)));
    host.fill_disk();
    host.assert_back(&confirmed, applied);
    assert_rolled_back(&host, RollBackCause::Silence);
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    assert_eq!(host.table(), confirmed);
}

#[test]
fn the_disk_is_full_when_it_is_confirmed() {
    let mut host = Guarded::bare();
    host.small_disk();
    host.start();
    host.state(&apply(opens(22), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    host.state(&apply(opens(80), 2, Some(1)));
    let second = host.table();
    host.fill_disk();
    assert_eq!(host.state(&Request::Confirm { revision: 2 }).confirmed, Some(2));
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    assert_eq!(host.table(), second);
}

/// Nothing about the window comes from the clock that somebody can set.
#[test]
fn the_clock_jumps() {
    let (host, confirmed, applied) = pending();
    let file = fs::read_to_string(host.path("state/window")).unwrap();
    let window: serde_json::Value = serde_json::from_str(file.lines().next().unwrap()).unwrap();
    let fields: Vec<&str> = window.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["deadline", "observes", "revision", "seconds"]);
    let boot_time = clock_gettime(ClockId::Boottime);
    let millis = u64::try_from(boot_time.tv_sec * 1000 + boot_time.tv_nsec / 1_000_000).unwrap();
    let left = window["deadline"].as_u64().unwrap() - millis;
    assert!((3_000..=5_000).contains(&left), "{left}");
    host.assert_back(&confirmed, applied);
}

#[test]
fn a_second_revision_is_applied_within_the_window() {
    let (host, confirmed, _) = pending();
    let applied = Instant::now();
    let state = host.state(&apply(opens(443), 3, Some(1)));
    assert_eq!(state.rolled_back.map(|end| (end.revision, end.cause)), Some((2, RollBackCause::Superseded)));
    assert_eq!(state.pending.map(|pending| pending.revision), Some(3));
    assert_eq!(host.refusal(&Request::Confirm { revision: 2 }), Refusal::Stale { found: Some(3) });
    host.assert_back(&confirmed, applied);
    assert_eq!(host.settled().confirmed, Some(1));
}

#[test]
fn a_damaged_file_of_what_is_pending() {
    for name in ["pending", "window"] {
        let (mut host, confirmed, applied) = pending();
        host.end_both();
        damage(&host, name);
        host.start();
        assert_rolled_back(&host, RollBackCause::Restart);
        host.assert_back(&confirmed, applied);
    }
}

#[test]
fn a_damaged_confirmed_revision() {
    let mut host = Guarded::confirmed();
    let first = host.table();
    host.state(&apply(opens(80), 2, Some(1)));
    host.state(&Request::Confirm { revision: 2 });
    host.end_both();
    host.nft("flush ruleset");
    damage(&host, "confirmed");
    assert!(!host.restore(), "loudly");
    assert_eq!(host.table(), first, "the one before it");
    host.start();
    let state = host.read_state();
    assert_eq!((state.mode, state.confirmed), (Mode::Enforcing, Some(1)));
    assert!(state.notice.unwrap().contains("damaged"));

    host.state(&apply(opens(443), 3, Some(1)));
    let third = host.table();
    let state = host.state(&Request::Confirm { revision: 3 });
    assert_eq!((state.confirmed, state.notice), (Some(3), None));
    host.end_both();
    host.nft("flush ruleset");
    assert!(host.restore());
    assert_eq!(host.table(), third);
}

#[test]
fn no_revision_can_be_read() {
    let mut host = Guarded::confirmed();
    host.end_both();
    host.nft("flush ruleset");
    damage(&host, "confirmed");
    assert!(!host.restore(), "loudly");
    let rescue = host.table();
    // This version of nft prints 22 and 8470 so.
    assert!(rescue.contains("proto-dst { 0x16 ") && rescue.contains(", 0x2116 "), "{rescue}");
    host.start();
    let state = host.read_state();
    assert_eq!((state.mode, state.confirmed), (Mode::Rescue, None));
    assert!(state.notice.unwrap().contains("damaged"));
    assert_eq!(host.table(), rescue);

    let applied = Instant::now();
    host.state(&apply(opens(80), 2, None));
    host.assert_back(&rescue, applied);
    assert_eq!(host.settled().mode, Mode::Rescue);
    host.state(&apply(opens(80), 3, None));
    assert_eq!(host.state(&Request::Confirm { revision: 3 }).mode, Mode::Enforcing);
}

#[test]
fn a_damaged_standing() {
    let mut host = Guarded::confirmed();
    let confirmed = host.table();
    host.end_both();
    damage(&host, "standing");
    host.start();
    let state = host.read_state();
    assert_eq!((state.mode, state.confirmed), (Mode::Enforcing, Some(1)));
    assert!(state.notice.unwrap().contains("damaged"));
    assert_eq!(host.table(), confirmed);
    assert_eq!(host.refusal(&apply(opens(80), 1, Some(1))), Refusal::Stale { found: Some(1) });
}

fn damage(host: &Guarded, name: &str) {
    let path = host.path("state").join(name);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Somebody keeps our chain from being deleted, by a map of verdicts that leads to it.
const IN_THE_WAY: &str =
    "add map inet portreeve theirs { type ipv4_addr : verdict; elements = { 192.0.2.1 : goto r1 }; }";

#[test]
fn the_kernel_refuses() {
    let host = Guarded::new();
    let limited =
        r#"{"rules":[{"id":1,"action":"allow","direction":"in","to":["22/tcp"],"new_connections":"5/second"}]}"#;
    host.state(&apply(serde_json::from_str(limited).unwrap(), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    host.nft(IN_THE_WAY);
    let before = host.table();
    let refusal = host.refusal(&apply(opens(80), 2, Some(1)));
    assert!(matches!(&refusal, Refusal::Commit { reason } if reason.contains("busy")), "{refusal:?}");
    assert_eq!(host.table(), before);
    let state = host.read_state();
    assert_eq!((state.confirmed, state.pending), (Some(1), None));
    assert!(!host.path("state/pending").exists());
}

#[test]
fn the_kernel_refuses_to_go_back() {
    let host = Guarded::confirmed();
    let confirmed = host.table();
    let limited =
        r#"{"rules":[{"id":1,"action":"allow","direction":"in","to":["22/tcp"],"new_connections":"5/second"}]}"#;
    let applied = Instant::now();
    host.state(&apply(serde_json::from_str(limited).unwrap(), 2, Some(1)));
    host.nft(IN_THE_WAY);
    host.assert_back(&confirmed, applied);
    assert_rolled_back(&host, RollBackCause::Silence);
}
