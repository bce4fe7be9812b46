//! `portreeve rules export | plan | apply` and `portreeve explain` with a helper.

use std::fs;

use portreeve::{
    boundary::Request,
    firewall::{text, untrusted::steers},
};
use serde_json::Value;

use super::{complained, said};
use crate::helper::guarded::{Guarded, WINDOW};

const OFFICE: &str = r#"
[[rules]]
id = 1
action = "allow"
direction = "in"
to = ["22/tcp"]
who = ["203.0.113.0/24"]
note = "administrators"
"#;

/// A file in the host's directory; gives its path.
fn file(host: &Guarded, name: &str, text: &str) -> String {
    let path = host.path(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A host whose confirmed revision is [`OFFICE`], applied from a file.
fn office() -> (Guarded, String) {
    let host = Guarded::new();
    let office = file(&host, "office.toml", OFFICE);
    said(&host, &["rules", "apply", &office, "--yes"]);
    said(&host, &["rules", "confirm"]);
    (host, office)
}

#[test]
fn a_ruleset_goes_from_a_file_into_force_and_back_into_a_file() {
    let host = Guarded::new();
    let office = file(&host, "office.toml", OFFICE);
    assert!(complained(&host, &["rules", "export"]).contains("no ruleset is confirmed"));

    let applied = said(&host, &["rules", "apply", &office, "--yes", "--confirm-within", "60"]);
    for line in [
        "Compared with a host without Portreeve's rules:",
        "Rule r1 added: Allow 203.0.113.0/24 to reach 22/tcp",
        "Revision 1 is in force and waits 60 s for a confirmation: portreeve confirm",
        "Before you confirm: open a second connection from where you work.",
    ] {
        assert!(applied.lines().any(|said| said.starts_with(line)), "{line}\n{applied}");
    }
    assert!(applied.contains("everybody can no longer reach "), "{applied}");
    assert!(host.table().contains("203.0.113.0/24"));
    said(&host, &["confirm"]);

    let printed = said(&host, &["rules", "export"]);
    assert_eq!(text::parse(&printed), text::parse(OFFICE));
    let copy = host.path("copy.toml").display().to_string();
    assert_eq!(said(&host, &["rules", "export", &copy]), format!("The confirmed ruleset is written to {copy}.\n"));
    assert_eq!(fs::read_to_string(&copy).unwrap(), printed);
    assert!(complained(&host, &["rules", "export", &copy]).contains("File exists"));
}

#[test]
fn a_plan_says_who_gains_and_changes_nothing() {
    let (host, _) = office();
    let before = host.table();
    let wider = file(&host, "wider.toml", &OFFICE.replace("203.0.113.0/24", "203.0.112.0/23"));
    let plan = said(&host, &["rules", "plan", &wider]);
    assert!(plan.starts_with("Compared with revision 1:\nRule r1 changed: "), "{plan}");
    assert!(plan.contains("\n203.0.112.0/24 can now reach 22/tcp (for example "), "{plan}");
    assert!(plan.ends_with(" ms. Nothing was changed.\n"), "{plan}");
    assert_eq!(host.table(), before);
    assert_eq!(host.read_state().pending, None);

    let json: Value = serde_json::from_str(&said(&host, &["rules", "plan", &wider, "--json"])).unwrap();
    assert_eq!(json["diff"]["changes"].as_array().unwrap().len(), 1);
    assert_eq!(json["probes"], 2);
}

#[test]
fn nothing_is_applied_that_is_wrong_or_that_nobody_agreed_to() {
    let (host, office) = office();
    let before = host.table();
    let wrong = file(&host, "wrong.toml", &OFFICE.replace("22/tcp", "shh"));
    assert!(complained(&host, &["rules", "apply", &wrong, "--yes"]).contains("there is no service shh"));
    assert!(complained(&host, &["rules", "plan", &wrong]).contains("there is no service shh"));
    let seconds = ["rules", "apply", &office, "--yes", "--confirm-within", "4"];
    assert!(complained(&host, &seconds).contains("--confirm-within takes 5 to 3600 seconds"));
    let json = ["rules", "apply", &office, "--json"];
    assert!(complained(&host, &json).contains("nobody can be asked here"));
    assert_eq!((host.table(), host.read_state().pending), (before, None));
}

#[test]
fn silence_brings_back_what_was_in_force_and_the_next_revision_has_a_new_number() {
    let (host, office) = office();
    let before = host.table();
    let wider = file(&host, "wider.toml", &OFFICE.replace("203.0.113.0/24", "198.51.100.0/24"));
    let start = std::time::Instant::now();
    said(&host, &["rules", "apply", &wider, "--yes", "--confirm-within", &WINDOW.to_string()]);
    assert_ne!(host.table(), before);
    host.assert_back(&before, start);
    host.settled();
    let status = said(&host, &["status"]);
    assert!(status.starts_with("Enforcing revision 1.\nRevision 2 was rolled back on "), "{status}");
    assert!(status.ends_with("nobody confirmed it in time.\n"), "{status}");
    let again: Value = serde_json::from_str(&said(&host, &["rules", "apply", &office, "--yes", "--json"])).unwrap();
    assert_eq!(again["state"]["pending"]["revision"], 3);
    let replaced = said(&host, &["rules", "apply", &wider, "--yes"]);
    assert!(replaced.contains("Warning: revision 3 waits for a confirmation; this one would take its place\n"));
}

#[test]
fn a_number_is_never_given_twice_also_after_the_firewall_was_off() {
    let (host, office) = office();
    host.state(&Request::TurnOff { expected: 1 });
    assert!(said(&host, &["status"]).starts_with("The firewall is off"));
    let again = said(&host, &["rules", "apply", &office, "--yes"]);
    assert!(again.contains("\nRevision 2 is in force and waits "), "{again}");
}

#[test]
fn an_explanation_is_of_the_confirmed_ruleset() {
    let (host, office) = office();
    let from = |address| said(&host, &["explain", "--from", address, "--to", "22/tcp"]);
    let inside = from("203.0.113.9");
    assert!(inside.starts_with("By revision 1:\n"), "{inside}");
    assert!(inside.contains("\nallowed by r1 (administrators).\n"), "{inside}");
    assert!(from("198.51.100.7").contains("\ndropped by default-in.\n"));

    said(&host, &["rules", "apply", &office, "--yes"]);
    let meanwhile = from("203.0.113.9");
    assert!(meanwhile.starts_with("By the confirmed revision 1, which isn't what is in force now"), "{meanwhile}");

    let bare = Guarded::new();
    let nothing = complained(&bare, &["explain", "--from", "::1", "--to", "22/tcp"]);
    assert!(nothing.contains("no ruleset is confirmed"), "{nothing}");
}

#[test]
fn a_hostile_file_does_not_steer_the_terminal() {
    let host = Guarded::new();
    for hostile in ["id = \"\u{1b}[2J\"", "note = \"\u{202e}evil\"", "\u{1b}]0;x\u{7} = 1"] {
        let path = file(&host, "hostile.toml", &format!("{OFFICE}{hostile}\n"));
        for act in ["check", "plan", "apply"] {
            #[expect(clippy::disallowed_methods, reason = "the test runs the program as a person does")]
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_portreeve"))
                .args(["rules", act, &path])
                .args(if act == "check" { None } else { Some(format!("--socket={}", host.socket().display())) })
                .output()
                .unwrap();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!said.chars().any(|c| c != '\n' && steers(c)), "{act} {hostile:?}: {said:?}");
        }
    }
}
