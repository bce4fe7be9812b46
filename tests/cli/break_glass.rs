//! `portreeve status | confirm | rollback | panic | resume | rescue | unban`.

use portreeve::{
    boundary::{Request, Response},
    firewall::enforcement::{Ban, Enforcement, Mode},
};
use serde_json::Value;

use super::{complained, portreeve, said};
use crate::helper::guarded::{Guarded, apply, opens};

fn first_line(host: &Guarded) -> String {
    said(host, &["status"]).lines().next().unwrap().to_owned()
}

fn state(host: &Guarded, arguments: &[&str]) -> Enforcement {
    serde_json::from_str(&said(host, &[arguments, &["--json"]].concat())).unwrap()
}

#[test]
fn a_revision_is_kept_or_given_up_on_the_console() {
    let host = Guarded::new();
    assert_eq!(first_line(&host), "The firewall is off: nothing of Portreeve is in the kernel.");
    let nothing = "portreeve: no revision waits for a confirmation; what is in force: portreeve status\n";
    assert_eq!(complained(&host, &["confirm"]), nothing);
    assert_eq!(complained(&host, &["rollback"]), nothing);

    host.state(&apply(opens(22), 1, None));
    let waits = first_line(&host);
    assert!(waits.starts_with("Revision 1 is in force and waits "), "{waits}");
    assert!(waits.ends_with(" s for a confirmation: portreeve confirm"), "{waits}");
    assert_eq!(said(&host, &["confirm"]), "Revision 1 is confirmed.\nEnforcing revision 1.\n");

    host.state(&apply(opens(80), 2, Some(1)));
    let back = said(&host, &["rules", "rollback"]);
    assert!(
        back.starts_with("Revision 2 is rolled back.\nEnforcing revision 1.\nRevision 2 was rolled back on "),
        "{back}"
    );
    assert!(back.ends_with("Z: somebody asked for it.\n"), "{back}");

    host.state(&apply(opens(80), 3, Some(1)));
    assert_eq!(state(&host, &["rules", "confirm"]).confirmed, Some(3));
}

#[test]
fn an_emergency_is_ordered_and_ended_on_the_console() {
    let host = Guarded::confirmed();
    let before = host.table();
    let panic = said(&host, &["panic"]);
    assert!(panic.starts_with("Panic: nothing new gets in"), "{panic}");
    assert!(panic.contains("To end it and bring back revision 1: portreeve resume\n"), "{panic}");
    assert_eq!(first_line(&host), panic.lines().next().unwrap());
    assert_ne!(host.table(), before);

    assert!(said(&host, &["rescue"]).starts_with("Rescue: only SSH, the panel"));
    assert_eq!(state(&host, &["status"]).mode, Mode::Rescue);
    assert!(host.table().contains("8470"));

    assert_eq!(said(&host, &["resume"]), "Enforcing revision 1.\n");
    assert_eq!(host.table(), before);
}

#[test]
fn without_a_helper_every_command_says_how_to_start_it() {
    let host = Guarded::bare();
    for act in [&["status"][..], &["confirm"], &["rollback"], &["panic"], &["rescue"], &["resume"], &["unban", "::1"]] {
        let complaint = complained(&host, act);
        assert!(complaint.contains("systemctl start portreeve-helper"), "{complaint}");
    }
}

#[test]
fn a_ban_is_lifted_with_those_inside_and_around_it() {
    let host = Guarded::confirmed();
    let ban = |text: &str| Ban { addresses: text.parse().unwrap(), seconds: None };
    let add = ["203.0.113.9", "203.0.113.0/24", "198.51.100.7", "2001:db8::/64"].map(ban).to_vec();
    host.state(&Request::SetMembers { add, remove: Vec::new() });
    let explained = said(&host, &["explain", "--from", "203.0.113.9", "--to", "22/tcp"]);
    assert!(explained.contains("dropped by ban."), "{explained}");
    let lifted = said(&host, &["unban", "203.0.113.9"]);
    let expected = ["The ban of 203.0.113.0/24 is lifted.", "The ban of 203.0.113.9 is lifted."];
    assert!(expected.iter().all(|line| lifted.lines().any(|said| said == *line)), "{lifted}");
    let json: Value = serde_json::from_str(&said(&host, &["unban", "2001:db8::1", "--json"])).unwrap();
    assert_eq!(json["lifted"], serde_json::json!(["2001:db8::/64"]));
    assert_eq!(host.ask(&Request::ReadBans {}), Response::Bans(vec![ban("198.51.100.7")]));
}

#[test]
fn an_address_that_nobody_banned_is_said_to_be_free() {
    let host = Guarded::confirmed();
    let free = said(&host, &["unban", "203.0.113.9"]);
    assert!(free.starts_with("No ban keeps 203.0.113.9 out.\n"), "{free}");
    assert_eq!(portreeve(&host, &["unban", "203.0.113.9\u{202e}"]).code, Some(2));
}
