//! What each act does, whom it refuses, and what it leaves alone.

use std::{fs, time::Duration};

use portreeve::{
    actions::{HelperFault, HelperSocket},
    boundary::{Refusal, Request, Response, VERSION, limits},
    firewall::{
        AddressRange, Ruleset,
        enforcement::{Ban, Iptables, Mode, RollBackCause, Saved},
        simulate::Packet,
    },
};
use rustix::process::Signal;

use super::{
    guarded::{Guarded, WINDOW, apply, opens, run},
    running::{Client, PANEL_UID, as_user, wait_until},
};

/// Tables as Docker, fail2ban and libvirt make them.
const TABLES_OF_OTHERS: &str = "
table ip nat {
    chain DOCKER { }
    chain PREROUTING {
        type nat hook prerouting priority dstnat; policy accept
        fib daddr type local counter jump DOCKER
    }
}
table ip filter {
    chain DOCKER { ip daddr 172.17.0.2 tcp dport 80 counter accept; }
    chain FORWARD {
        type filter hook forward priority filter; policy drop
        oifname docker0 counter jump DOCKER
    }
}
table inet f2b-table {
    set addr-set-sshd {
        type ipv4_addr
        elements = { 203.0.113.9, 198.51.100.77 }
    }
    chain f2b-chain {
        type filter hook input priority -1; policy accept
        tcp dport 22 ip saddr @addr-set-sshd reject
    }
}
table ip libvirt_network {
    chain guest_nat {
        type nat hook postrouting priority srcnat; policy accept
        ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 counter masquerade
    }
}
table inet portreeve2 {
    chain input { type filter hook input priority 5; policy accept; }
}
";

fn socket(host: &Guarded) -> HelperSocket {
    HelperSocket::new(&host.socket())
}

fn as_panel(host: &Guarded, request: &Request) -> Response {
    as_user(PANEL_UID, || {
        let mut client = Client::connect(&host.socket());
        client.ask(&Request::Hello { version: VERSION }).unwrap();
        client.ask(request).unwrap()
    })
}

fn refusal(answer: Response) -> Refusal {
    match answer {
        Response::Refused { refusal } => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn from_nothing_over_confirmed_revisions_to_off() {
    let host = Guarded::new();
    let helper = socket(&host);
    assert_eq!(helper.read_confirmed().unwrap(), None);
    let state = helper.apply(opens(22), 1, None, WINDOW, Vec::new()).unwrap();
    let pending = state.pending.unwrap();
    assert_eq!((state.mode, pending.revision, pending.window_seconds), (Mode::Enforcing, 1, WINDOW));
    assert!((4_000..=5_000).contains(&pending.millis_left));
    assert_eq!(helper.confirm(1).unwrap().confirmed, Some(1));
    assert_eq!(helper.read_confirmed().unwrap(), Some(opens(22)));

    helper.apply(opens(80), 2, Some(1), WINDOW, Vec::new()).unwrap();
    let state = helper.roll_back(2).unwrap();
    assert_eq!(state.rolled_back.map(|end| (end.revision, end.cause)), Some((2, RollBackCause::Asked)));
    assert!(host.table().contains(":1:drop") && !host.table().contains(":2:drop"));

    assert!(matches!(helper.turn_off(2), Err(HelperFault::Refused(Refusal::Stale { found: Some(1) }))));
    let state = helper.turn_off(1).unwrap();
    assert_eq!((state.mode, state.confirmed), (Mode::Off, None));
    assert_eq!(host.table(), "");
    assert_eq!(helper.read_confirmed().unwrap(), None);
    let again = helper.apply(opens(22), 2, None, WINDOW, Vec::new());
    assert!(matches!(again, Err(HelperFault::Refused(Refusal::Stale { found: Some(2) }))), "a number is given once");
    helper.apply(opens(22), 3, None, WINDOW, Vec::new()).unwrap();
}

#[test]
fn a_revision_that_only_observes_says_so_until_another_one_enforces() {
    let mut host = Guarded::new();
    let mut parts = opens(22).parts().clone();
    parts.policy.observe = true;
    let observes = Ruleset::try_from(parts).unwrap();
    assert_eq!(host.state(&apply(observes.clone(), 1, None)).mode, Mode::Observing);
    assert_eq!(host.state(&Request::Confirm { revision: 1 }).mode, Mode::Observing);
    assert!(host.table().contains(":1:would-drop") && !host.table().contains(":1:drop"));
    host.end(Signal::KILL);
    host.start();
    assert_eq!(host.read_state().mode, Mode::Observing, "a new helper knows it");

    assert_eq!(host.state(&apply(opens(22), 2, Some(1))).mode, Mode::Enforcing);
    assert_eq!(host.state(&Request::RollBack { revision: 2 }).mode, Mode::Observing);
    assert!(host.table().contains(":1:would-drop") && !host.table().contains(":2:drop"));
    host.state(&apply(opens(22), 3, Some(1)));
    assert_eq!(host.state(&Request::Confirm { revision: 3 }).mode, Mode::Enforcing);

    host.state(&apply(observes, 4, Some(3)));
    host.end(Signal::KILL);
    host.start();
    assert_eq!(host.read_state().mode, Mode::Enforcing, "what waited is rolled back");
}

#[test]
fn a_plan_touches_nothing() {
    let host = Guarded::confirmed();
    let before = host.table();
    let files = || fs::read_dir(host.path("state")).unwrap().count();
    let count = files();
    socket(&host).plan(opens(80), Vec::new()).unwrap();
    assert_eq!((host.table(), files()), (before, count));
    assert_eq!(host.read_state().pending, None);
}

#[test]
fn more_time_moves_the_end_and_has_a_limit() {
    let host = Guarded::confirmed();
    host.state(&apply(opens(80), 2, Some(1)));
    let pending = host.state(&Request::Extend { revision: 2, seconds: 60 }).pending.unwrap();
    assert_eq!(pending.window_seconds, WINDOW + 60);
    assert!(pending.millis_left > 60_000);
    for seconds in [limits::WINDOW.2 - WINDOW - 59, u32::MAX] {
        assert_eq!(host.refusal(&Request::Extend { revision: 2, seconds }), Refusal::Malformed);
    }
    std::thread::sleep(Duration::from_secs(u64::from(WINDOW) + 1));
    assert_eq!(host.state(&Request::Confirm { revision: 2 }).confirmed, Some(2));
}

#[test]
fn what_is_not_as_expected_is_refused_and_changes_nothing() {
    let host = Guarded::confirmed();
    let before = host.table();
    let stale = |found| Refusal::Stale { found };
    for (request, refusal) in [
        (apply(opens(80), 2, None), stale(Some(1))),
        (apply(opens(80), 2, Some(2)), stale(Some(1))),
        (apply(opens(80), 1, Some(1)), stale(Some(1))),
        (Request::Confirm { revision: 1 }, stale(None)),
        (Request::RollBack { revision: 2 }, stale(None)),
        (Request::Extend { revision: 2, seconds: 1 }, stale(None)),
        (Request::TurnOff { expected: 7 }, stale(Some(1))),
    ] {
        assert_eq!(host.refusal(&request), refusal, "{request:?}");
    }
    assert_eq!(host.table(), before);
}

#[test]
fn what_is_out_of_bounds_or_wrong_is_refused_and_changes_nothing() {
    let host = Guarded::confirmed();
    let before = host.table();
    for seconds in [0, limits::WINDOW.0 - 1, limits::WINDOW.2 + 1, u32::MAX] {
        let Request::Apply { ruleset, revision, expected, probes, .. } = apply(opens(80), 2, Some(1)) else { panic!() };
        let request = Request::Apply { ruleset, revision, expected, window_seconds: seconds, probes };
        assert_eq!(host.refusal(&request), Refusal::Malformed, "{seconds}");
    }
    let probe = |destination: &str| -> Packet {
        let json = serde_json::json!({
            "source": "192.0.2.1", "destination": destination, "content": {"udp": {"from": 1, "port": 53}},
            "passage": {"in": {"input": "eth0"}}, "hop_limit": 64, "connection": "new",
        });
        serde_json::from_value(json).unwrap()
    };
    for probes in [vec![probe("192.0.2.2"); limits::PROBES + 1], vec![probe("2001:db8::1")]] {
        assert_eq!(host.refusal(&Request::Plan { ruleset: opens(80), probes }), Refusal::Malformed);
    }
    let unknown = r#"{"rules":[{"id":1,"action":"allow","direction":"in","who":["list:nobody"]}]}"#;
    let unknown: Ruleset = serde_json::from_str(unknown).unwrap();
    let refusal = host.refusal(&apply(unknown, 2, Some(1)));
    assert!(matches!(&refusal, Refusal::Invalid { problems } if problems[0].contains("nobody")), "{refusal:?}");
    assert_eq!(host.table(), before);
}

#[test]
fn emergencies_are_for_root_and_hold_over_a_restart() {
    let mut host = Guarded::confirmed();
    let confirmed = host.table();
    for request in [Request::Panic {}, Request::Rescue {}, Request::Resume {}] {
        assert_eq!(refusal(as_panel(&host, &request)), Refusal::RootOnly);
    }
    host.state(&apply(opens(80), 2, Some(1)));
    let state = host.state(&Request::Panic {});
    assert_eq!((state.mode, state.confirmed, state.pending), (Mode::Panic, Some(1), None));
    assert_eq!(state.rolled_back.map(|end| (end.revision, end.cause)), Some((2, RollBackCause::Superseded)));
    let panic = host.table();
    assert_ne!(panic, confirmed);
    for request in [apply(opens(80), 3, Some(1)), Request::TurnOff { expected: 1 }] {
        assert_eq!(refusal(as_panel(&host, &request)), Refusal::RootOnly);
    }

    host.end(Signal::TERM);
    host.nft("flush ruleset");
    host.start();
    assert_eq!(host.read_state().mode, Mode::Panic);
    assert_eq!(host.table(), panic);

    let state = host.state(&Request::Resume {});
    assert_eq!((state.mode, state.confirmed), (Mode::Enforcing, Some(1)));
    assert_eq!(host.table(), confirmed);
    assert_eq!(host.state(&Request::Rescue {}).mode, Mode::Rescue);
    assert_eq!(host.state(&Request::Resume {}).mode, Mode::Enforcing);
    assert_eq!(host.table(), confirmed);
}

#[test]
fn what_somebody_changes_in_our_table_is_told_and_put_back() {
    let host = Guarded::confirmed();
    let confirmed = host.table();
    let helper = socket(&host);
    assert_eq!(helper.read_drift().unwrap(), []);
    host.nft("insert rule inet portreeve input tcp dport 4444 accept");
    host.nft("flush chain inet portreeve forward");
    host.nft("add chain inet portreeve theirs");
    let drift = helper.read_drift().unwrap();
    let foreign: Vec<&str> = drift.iter().filter(|one| one.is_foreign).map(|one| one.place.as_str()).collect();
    assert_eq!(foreign, ["chain theirs", "input"]);
    let missing: Vec<&str> = drift.iter().filter(|one| !one.is_foreign).map(|one| one.place.as_str()).collect();
    assert!(missing.len() >= 4 && missing.iter().all(|place| *place == "forward"), "{missing:?}");
    assert!(drift.iter().any(|one| one.content.contains("4444")));
    helper.put_back().unwrap();
    assert_eq!(host.table(), confirmed);
    assert_eq!(helper.read_drift().unwrap(), []);

    host.nft("delete table inet portreeve");
    assert!(helper.read_drift().unwrap().iter().all(|one| !one.is_foreign));
    helper.put_back().unwrap();
    assert_eq!(host.table(), confirmed);
}

#[test]
fn drift_is_seen_over_a_restart_and_while_something_is_pending() {
    let mut host = Guarded::confirmed();
    host.nft("add chain inet portreeve theirs");
    host.end(Signal::TERM);
    host.start();
    let helper = socket(&host);
    assert_eq!(helper.read_drift().unwrap().len(), 1);
    helper.apply(opens(80), 2, Some(1), WINDOW, Vec::new()).unwrap();
    let pending = host.table();
    host.nft("flush chain inet portreeve incoming");
    helper.put_back().unwrap();
    assert_eq!(host.table(), pending);
}

#[test]
fn what_nft_cannot_print_is_told_as_iptables_prints_it() {
    let mut host = Guarded::bare();
    host.start();
    assert_eq!(socket(&host).read_foreign(false).unwrap().iptables, Iptables::default());
    for rule in [
        "iptables-nft -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m comment --comment caf\u{e9} -j ACCEPT",
        "ip6tables-nft -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j REDIRECT",
        "iptables-legacy -A INPUT -p udp -m multiport --dports 53,123 -j DROP",
        "ip6tables-legacy -A INPUT -p udp --dport 53 -j DROP",
    ] {
        host.execute(&rule.split(' ').collect::<Vec<_>>());
    }
    let tables = socket(&host).read_foreign(false).unwrap();
    for (saved, expected) in [
        (tables.iptables.nft, "-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m comment --comment "),
        (tables.ip6tables.nft, "*nat\n"),
        (tables.iptables.legacy, "-A INPUT -p udp -m multiport --dports 53,123 -j DROP\n"),
        (tables.ip6tables.legacy, "-A INPUT -p udp -m udp --dport 53 -j DROP\n"),
    ] {
        let Saved::Text(text) = saved else { panic!("{saved:?}") };
        assert!(text.contains(expected) && text.contains("\nCOMMIT\n"), "{text}");
    }
}

#[test]
fn tables_of_others_are_told_and_never_touched() {
    let mut host = Guarded::bare();
    let file = host.path("others.nft");
    fs::write(&file, TABLES_OF_OTHERS).unwrap();
    host.nft(&format!("include \"{}\"", file.display()));
    let names = ["ip nat", "ip filter", "inet f2b-table", "ip libvirt_network", "inet portreeve2"];
    let others = |host: &Guarded| names.map(|name| host.list_whole(name));
    let before = others(&host);
    assert!(before.iter().all(|table| !table.is_empty()));
    host.start();
    let foreign = || {
        let foreign = socket(&host).read_foreign(false).unwrap();
        // Its text tells when it was made.
        assert_eq!((&foreign.iptables.legacy, &foreign.ip6tables.nft), (&Saved::Absent, &Saved::Absent));
        foreign.nft
    };
    let nft = foreign();
    host.state(&apply(opens(22), 1, None));
    assert_eq!(others(&host), before);
    assert_eq!(foreign(), nft);
    host.state(&Request::Confirm { revision: 1 });
    host.state(&apply(opens(80), 2, Some(1)));
    host.state(&Request::RollBack { revision: 2 });
    host.state(&Request::Panic {});
    host.state(&Request::Rescue {});
    host.state(&Request::Resume {});
    host.state(&Request::PutBack {});
    host.end_both();
    host.restore();
    assert_eq!(others(&host), before);
    host.start();
    host.state(&Request::TurnOff { expected: 1 });
    assert_eq!((others(&host), host.table()), (before, String::new()));
}

#[test]
fn a_host_that_gets_into_another_network_knows_it() {
    let host = Guarded::confirmed();
    run("ip", &["-n", &host.name, "link", "add", "late", "type", "veth"]);
    run("ip", &["-n", &host.name, "addr", "add", "10.97.0.1/24", "dev", "late"]);
    wait_until("the set has the network", || host.list_whole("inet portreeve").contains("10.97.0.0/24"));
    run("ip", &["-n", &host.name, "link", "del", "late"]);
    wait_until("and then it hasn't", || !host.list_whole("inet portreeve").contains("10.97.0.0/24"));
}

#[test]
fn bans_outlive_revisions_restarts_and_reboots() {
    let mut host = Guarded::new();
    let helper = socket(&host);
    let range = |text: &str| AddressRange::parse(text).unwrap();
    let ban = |text: &str, seconds| Ban { addresses: range(text), seconds };
    assert!(helper.set_members(vec![ban("203.0.113.66", None)], Vec::new()).is_err(), "the firewall is off");
    host.state(&apply(opens(22), 1, None));
    host.state(&Request::Confirm { revision: 1 });
    let bans = vec![
        ban("203.0.113.66", Some(3600)),
        ban("203.0.113.0/26", Some(3600)),
        ban("203.0.113.32/27", None),
        ban("2001:db8::66", None),
        ban("198.51.100.1", None),
    ];
    helper.set_members(bans, Vec::new()).unwrap();
    helper.set_members(vec![ban("203.0.113.66", Some(60))], vec![range("198.51.100.1"), range("192.0.2.9")]).unwrap();
    let assert_banned = |host: &Guarded| {
        let table = host.list_whole("inet portreeve");
        for element in ["203.0.113.66 timeout", "203.0.113.0/27 timeout", "203.0.113.32/27", "2001:db8::66"] {
            assert!(table.contains(element), "{element}: {table}");
        }
        assert!(!table.contains("198.51.100.1"));
        let bans = helper.read_bans().unwrap();
        assert_eq!(bans.len(), 4);
        assert!(bans.iter().any(|ban| ban.addresses == range("203.0.113.66") && ban.seconds.unwrap() <= 60));
    };
    assert_banned(&host);
    host.state(&apply(opens(80), 2, Some(1)));
    host.state(&Request::Confirm { revision: 2 });
    assert_banned(&host);
    host.end_both();
    host.nft("flush ruleset");
    host.start();
    assert_banned(&host);
    helper.turn_off(2).unwrap();
    assert_eq!(helper.read_bans().unwrap(), []);
}

/// However many ask at once, one act is carried out after the other and each knows how it ended.
#[test]
fn of_many_who_apply_at_once_each_is_told_the_truth() {
    let host = Guarded::confirmed();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let apply = |revision| socket(&host).apply(opens(80), revision, Some(1), 60, Vec::new());
        let threads: Vec<_> = (2..10).map(|revision| scope.spawn(move || (revision, apply(revision)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let applied: Vec<u64> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(number, _)| *number).collect();
    assert_eq!(host.read_state().pending.unwrap().revision, *applied.iter().max().unwrap());
    for (_, outcome) in outcomes {
        assert!(matches!(outcome, Ok(_) | Err(HelperFault::Refused(Refusal::Stale { .. } | Refusal::Busy))));
    }
}

#[test]
fn large_requests_are_read_one_at_a_time_and_never_fill_the_memory() {
    let host = Guarded::new();
    let memory = || {
        let status = fs::read_to_string(format!("/proc/{}/status", host.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    };
    let body = vec![b' '; 40 << 20];
    let refused = std::thread::scope(|scope| {
        let ask = || {
            as_user(PANEL_UID, || {
                let mut client = Client::connect(&host.socket());
                client.ask(&Request::Hello { version: VERSION }).unwrap();
                let _ = client.try_send(&body);
                client.answer()
            })
        };
        let threads: Vec<_> = (0..limits::CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).count()
    });
    assert!(refused > 0, "one at a time is read to its end");
    assert!(memory() < 120, "{} MiB", memory());
    wait_until("the places are free again", || host.read_state().mode == Mode::Off);
}

#[test]
fn a_large_list_goes_through() {
    let host = Guarded::new();
    let entries: Vec<String> =
        (0..100_000).map(|n| format!("10.{}.{}.{}/31", n >> 15, (n >> 7) & 255, (n & 127) << 1)).collect();
    let json = serde_json::json!({
        "lists": [{"name": "many", "entries": entries}],
        "rules": [{"id": 1, "action": "drop", "direction": "in", "who": ["list:many"]}],
    });
    let ruleset: Ruleset = serde_json::from_value(json).unwrap();
    let helper = socket(&host);
    helper.apply(ruleset.clone(), 1, None, 60, Vec::new()).unwrap();
    helper.confirm(1).unwrap();
    assert_eq!(helper.read_confirmed().unwrap(), Some(ruleset));
}
