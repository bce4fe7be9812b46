//! The floor that root has set, against a panel that was taken over: its user, its socket, every ruleset it can think of.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION},
    firewall::{AddressRange, Ruleset, enforcement::Ban},
};

use super::{
    guarded::{Guarded, apply},
    running::{Client, PANEL_UID, as_user},
};

const FLOOR: &str = "# administrators\n198.51.100.7\n2001:db8::7 22 # at home\n";

fn host(floor: &str) -> Guarded {
    let mut host = Guarded::bare();
    fs::write(host.path("floor"), floor).unwrap();
    host.start();
    host
}

fn rules(rules: &str) -> Ruleset {
    serde_json::from_str(rules).unwrap()
}

/// Lets everybody in at SSH, but for what comes before.
fn ssh_but(before: &str) -> Ruleset {
    rules(&format!(r#"{{"rules":[{before}{{"id":99,"action":"allow","direction":"in","to":["22/tcp"]}}]}}"#))
}

fn as_panel(host: &Guarded, request: &Request) -> Response {
    as_user(PANEL_UID, || {
        let mut client = Client::connect(&host.socket());
        assert!(client.ask(&Request::Hello { version: VERSION }).is_some());
        client.ask(request).unwrap()
    })
}

fn assert_floor_holds(host: &Guarded, request: &Request) {
    let answer = as_panel(host, request);
    assert!(matches!(&answer, Response::Refused { refusal: Refusal::Floor { .. } }), "{request:?}: {answer:?}");
}

#[test]
fn no_ruleset_keeps_them_out_now_or_later() {
    let host = host(FLOOR);
    as_panel(&host, &apply(ssh_but(""), 1, None));
    as_panel(&host, &Request::Confirm { revision: 1 });
    assert_eq!(host.read_state().confirmed, Some(1));
    let far = "2099-01-01T00:00:00Z";
    for (what, ruleset) in [
        ("nothing is open", rules("{}")),
        ("another port", rules(r#"{"rules":[{"id":1,"action":"allow","direction":"in","to":["23/tcp"]}]}"#)),
        (
            "one family",
            rules(r#"{"rules":[{"id":1,"action":"allow","direction":"in","who":["128.0.0.0/1"],"to":["22/tcp"]}]}"#),
        ),
        ("denied", ssh_but(r#"{"id":1,"action":"drop","direction":"in","who":["198.51.100.0/24"]},"#)),
        (
            "rejected",
            ssh_but(r#"{"id":1,"action":"reject","direction":"in","who":["2001:db8::/32"],"to":["22/tcp"]},"#),
        ),
        ("denied later", ssh_but(&format!(r#"{{"id":1,"action":"drop","direction":"in","starts_at":"{far}"}},"#))),
        (
            "allowed for a time",
            rules(&format!(
                r#"{{"rules":[{{"id":1,"action":"allow","direction":"in","to":["22/tcp"],"expires_at":"{far}"}}]}}"#
            )),
        ),
        (
            "on a list for a time",
            rules(&format!(r#"{{"lists":[{{"name":"allow","entries":["198.51.100.7 until {far}","2001:db8::7"]}}]}}"#)),
        ),
        (
            "on the list deny",
            rules(
                r#"{"lists":[{"name":"deny","entries":["198.51.100.7"]}],"rules":[{"id":99,"action":"allow","direction":"in","to":["22/tcp"]}]}"#,
            ),
        ),
        (
            "a wall of a limit",
            rules(
                r#"{"rules":[{"id":1,"action":"allow","direction":"in","to":["22/tcp"],"new_connections":"1/day"}]}"#,
            ),
        ),
        (
            "one at once",
            rules(r#"{"rules":[{"id":1,"action":"allow","direction":"in","to":["22/tcp"],"connections":1}]}"#),
        ),
        (
            "a wall for all",
            rules(
                r#"{"policy":{"syn_flood":"1/day"},"rules":[{"id":1,"action":"allow","direction":"in","to":["22/tcp"]}]}"#,
            ),
        ),
    ] {
        let answer = as_panel(&host, &apply(ruleset.clone(), 2, Some(1)));
        assert!(matches!(&answer, Response::Refused { refusal: Refusal::Floor { .. } }), "{what}: {answer:?}");
        assert_floor_holds(&host, &Request::Plan { ruleset, probes: Vec::new() });
    }
    let state = host.read_state();
    assert_eq!((state.confirmed, state.pending), (Some(1), None));
}

#[test]
fn what_lets_them_in_is_applied() {
    let host = host(FLOOR);
    let only = r#"{"rules":[{"id":1,"action":"allow","direction":"in","who":["198.51.100.7","2001:db8::7"],"to":["22/tcp"],"new_connections":"6/minute"}]}"#;
    host.state(&apply(rules(only), 1, None));
    assert_eq!(host.read_state().pending.map(|pending| pending.revision), Some(1));
}

#[test]
fn no_ban_keeps_them_out() {
    let host = host(FLOOR);
    as_panel(&host, &apply(ssh_but(""), 1, None));
    as_panel(&host, &Request::Confirm { revision: 1 });
    let ban = |text: &str| Ban { addresses: AddressRange::parse(text).unwrap(), seconds: None };
    for range in
        ["198.51.100.7", "198.51.100.0/24", "128.0.0.0/1", "2001:db8::7", "2001:db8::/64", "198.51.100.1-198.51.100.9"]
    {
        let add = vec![ban("203.0.113.9"), ban(range)];
        assert_floor_holds(&host, &Request::SetMembers { add, remove: Vec::new() });
    }
    assert_eq!(host.ask(&Request::ReadBans {}), Response::Bans(Vec::new()));
    assert!(matches!(
        as_panel(&host, &Request::SetMembers { add: vec![ban("203.0.113.9")], remove: Vec::new() }),
        Response::State(_)
    ));
}

#[test]
fn a_floor_that_can_not_be_believed_forbids_rather_than_permits() {
    let host = host("gate.example\n");
    let open = || apply(ssh_but(""), 1, None);
    assert_floor_holds(&host, &open());
    fs::write(host.path("floor"), "198.51.100.7\n".repeat(65)).unwrap();
    assert_floor_holds(&host, &open());
    fs::write(host.path("floor"), "198.51.100.7\n").unwrap();
    chown(host.path("floor"), Some(PANEL_UID), None).unwrap();
    assert_floor_holds(&host, &open());
    chown(host.path("floor"), Some(0), None).unwrap();
    fs::set_permissions(host.path("floor"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_floor_holds(&host, &open());
    fs::set_permissions(host.path("floor"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(as_panel(&host, &open()), Response::State(_)), "it is read anew each time");
}
