//! `portreeve close | undo | closures`: what the kernel lets through before and after.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    time::Duration,
};

use portreeve::{boundary::Request, firewall::Ruleset};
use serde_json::Value;

use super::{Run, complained, portreeve, said};
use crate::helper::{
    guarded::{Guarded, apply},
    passage::{inside, wire},
};

const MAIL: &str = r#"{"rules":[
    {"id":1,"action":"allow","direction":"in","to":["ssh","pop3","pop3s"]},
    {"id":2,"action":"allow","direction":"in","who":["10.98.0.0/24"],"note":"the other host"}]}"#;

/// A host that listens at 110 and 995, and another one by which it is reached.
struct Mail {
    host: Guarded,
    peer: Guarded,
    _listeners: Vec<TcpListener>,
}

impl Mail {
    fn new() -> Self {
        let (host, peer) = (Guarded::new(), Guarded::bare());
        wire(&host, &peer);
        let ruleset: Ruleset = serde_json::from_str(MAIL).unwrap();
        host.state(&apply(ruleset, 1, None));
        host.state(&Request::Confirm { revision: 1 });
        fs::create_dir(host.path("panel")).unwrap();
        fs::set_permissions(host.path("panel"), fs::Permissions::from_mode(0o700)).unwrap();
        let listen = |port: u16| TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], port))).unwrap();
        let listeners = inside(&host.name, || Vec::from([110, 995].map(listen)));
        Self { host, peer, _listeners: listeners }
    }

    /// Whether the other host gets in.
    fn reaches(&self, port: u16) -> bool {
        let address = SocketAddr::from(([10, 98, 0, 1], port));
        inside(&self.peer.name, || TcpStream::connect_timeout(&address, Duration::from_millis(400)).is_ok())
    }

    fn state(&self) -> String {
        self.host.path("panel").display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        portreeve(&self.host, &[arguments, &["--state-dir", &self.state()]].concat())
    }

    fn said(&self, arguments: &[&str]) -> String {
        said(&self.host, &[arguments, &["--state-dir", &self.state()]].concat())
    }

    fn complained(&self, arguments: &[&str]) -> String {
        complained(&self.host, &[arguments, &["--state-dir", &self.state()]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[arguments, &["--json"]].concat())).unwrap()
    }
}

#[test]
fn a_closed_port_is_shut_to_real_packets_and_undo_opens_it_again() {
    let mail = Mail::new();
    let before = mail.host.table();
    assert!(mail.reaches(110) && mail.reaches(995));

    let foretold = mail.said(&["close", "110/tcp", "--dry-run"]);
    assert!(foretold.starts_with("110/tcp:\n  Nobody from outside gets in at 110/tcp any more."), "{foretold}");
    assert!(foretold.contains("  Rule r3 added: Drop what comes from everybody to pop3 (110/tcp)."), "{foretold}");
    assert_eq!(mail.host.table(), before, "nothing was changed");

    let closed = mail.said(&["close", "110/tcp"]);
    assert_eq!(closed, "Nobody gets in at 110/tcp: revision 2 is in force.\nTo take it back: portreeve undo 1\n");
    assert!(!mail.reaches(110) && mail.reaches(995));
    assert_eq!(mail.said(&["close", "110/tcp"]), "The rules let nobody in at 110/tcp already. Nothing was changed.\n");

    let told = mail.said(&["closures"]);
    assert!(told.starts_with("1  20") && told.ends_with("Close 110/tcp by root on the console (done)\n"), "{told}");
    assert_eq!(mail.said(&["undo", "1"]), "Act 1 is taken back.\nRevision 3 is in force.\n");
    assert!(mail.reaches(110));
    assert_eq!(mail.host.table().replace(":3:", ":1:"), before);
    assert!(mail.complained(&["undo", "1"]).contains("there is nothing to take back: it was taken back already"));
    assert!(mail.complained(&["undo", "9"]).contains("no act that closed ports has this number"));
}

#[test]
fn several_ports_are_one_act_and_scripts_read_json() {
    let mail = Mail::new();
    assert_eq!(mail.json(&["closures"]), serde_json::json!([]));
    let foretold = mail.json(&["close", "110/tcp", "995/tcp", "--dry-run"]);
    assert_eq!((foretold[0]["port"].as_str(), foretold[1]["port"].as_str()), (Some("110/tcp"), Some("995/tcp")));
    let closed = mail.json(&["close", "110/tcp", "995/tcp"]);
    assert_eq!((closed["act"].as_u64(), closed["revision"].as_u64()), (Some(1), Some(2)));
    assert!(!mail.reaches(110) && !mail.reaches(995));
    assert_eq!(mail.json(&["closures"])[0]["state"], "done");
    let undone = mail.json(&["undo", "1"]);
    assert_eq!((undone["is_complete"].as_bool(), undone["revision"].as_u64()), (Some(true), Some(3)));
    assert!(mail.reaches(110) && mail.reaches(995));
}

#[test]
fn what_is_refused_is_refused_with_the_reason_and_changes_nothing() {
    let mail = Mail::new();
    let before = mail.host.table();
    for (arguments, words) in [
        (vec!["close", "22/tcp"], "22/tcp isn’t closed from here: administrators come in there by SSH."),
        (vec!["close", "110/tcp", "8470/tcp"], "8470/tcp isn’t closed from here: this panel answers there."),
        (vec!["close", "25/tcp", "--level", "stop"], "25/tcp can’t be closed that way: nothing listens there"),
        (
            vec!["close", "110/tcp", "--level", "disable"],
            "110/tcp can’t be closed that way: what listens there belongs to no service",
        ),
    ] {
        let complaint = mail.complained(&arguments);
        assert!(complaint.contains(words), "{complaint}");
    }
    assert_eq!(mail.host.table(), before);
    for wrong in [
        &["close"][..],
        &["close", "110"],
        &["close", "1-9/tcp"],
        &["close", "110/tcp", "--level", "x"],
        &["undo", "x"],
    ] {
        assert_eq!(mail.run(wrong).code, Some(2), "{wrong:?}");
    }
    mail.host.state(&apply(serde_json::from_str(MAIL).unwrap(), 2, Some(1)));
    let waits = mail.complained(&["close", "995/tcp"]);
    assert!(waits.contains("a revision waits for its confirmation"), "{waits}");
}

#[test]
fn without_a_helper_nothing_is_closed_and_how_to_start_it_is_said() {
    let host = Guarded::bare();
    fs::create_dir(host.path("panel")).unwrap();
    let state = host.path("panel").display().to_string();
    let complaint = complained(&host, &["close", "110/tcp", "--state-dir", &state]);
    assert!(complaint.contains("systemctl start portreeve-helper"), "{complaint}");
}
