//! `portreeve rules` and `portreeve explain`, which need neither a helper nor a server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::kernel::lab::Lab;

const RULESET: &str = r#"
[policy]
incoming = "reject"
[[lists]]
name = "office"
entries = ["203.0.113.0/24"]
[[rules]]
id = 1
action = "allow"
direction = "in"
who = ["list:office"]
to = ["ssh"]
new_connections = "6/minute"
note = "administrators"
"#;

struct Run {
    code: Option<i32>,
    out: String,
    error: String,
}

fn portreeve(arguments: &[&str]) -> Run {
    #[expect(clippy::disallowed_methods, reason = "the test runs the program as a person does")]
    let output = Command::new(env!("CARGO_BIN_EXE_portreeve")).args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code(), out: text(output.stdout), error: text(output.stderr) }
}

fn file(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, text).expect("written");
    path
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn check_says_what_is_wrong_and_fails() {
    let dir = TempDir::new().expect("a directory");
    let good = portreeve(&["rules", "check", path(&file(&dir, "good", RULESET))]);
    assert_eq!((good.code, good.out.as_str()), (Some(0), "No problem found.\n"));
    let wrong = file(&dir, "wrong", &RULESET.replace("\"ssh\"", "\"shh\""));
    let wrong_run = portreeve(&["rules", "check", path(&wrong)]);
    assert_eq!((wrong_run.code, wrong_run.out.as_str()), (Some(1), "error: rule r1, to: there is no service shh\n"));
    let json = portreeve(&["rules", "check", "--json", path(&wrong)]);
    let problems: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!((json.code, &problems[0]["field"], &problems[0]["severity"]), (Some(1), &"to".into(), &"error".into()));
    let broken = portreeve(&["rules", "check", path(&file(&dir, "broken", "[policy]\nincoming = \"open\""))]);
    assert_eq!(broken.code, Some(1));
    assert!(broken.error.contains("line 2: incoming: unknown variant `open`"), "{}", broken.error);
}

#[test]
fn compile_prints_what_nft_takes() {
    let dir = TempDir::new().expect("a directory");
    let run = portreeve(&["rules", "compile", path(&file(&dir, "rules", RULESET)), "--revision", "41"]);
    assert_eq!(run.code, Some(0), "{}", run.error);
    let lab = Lab::new();
    lab.nft(&["-j", "-f", "-"], &run.out).expect("nft takes it");
    assert!(
        lab.nft(&["list", "table", "inet", "portreeve"], "").expect("it is there").contains("pr:default-in:41:reject")
    );
}

#[test]
fn explain_names_the_line_that_decides() {
    let dir = TempDir::new().expect("a directory");
    let rules = file(&dir, "rules", RULESET);
    let explain = |from: &str, to: &str| portreeve(&["explain", "--rules", path(&rules), "--from", from, "--to", to]);
    let allowed = explain("203.0.113.9", "22/tcp").out;
    assert!(allowed.contains("\nallowed by r1 (administrators).\n"), "{allowed}");
    assert!(allowed.ends_with("Above the limit: dropped by r1-limit.\n"), "{allowed}");
    let rejected = explain("2001:db8::1", "https").out;
    assert!(rejected.contains("\nrejected by default-in.\n"), "{rejected}");
    let wrong = explain("2001:db8::1", "icmp/8");
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.error.contains("icmp/8 doesn't exist or not in the family of 2001:db8::1"), "{}", wrong.error);
    let json = portreeve(&["explain", "--rules", path(&rules), "--from", "203.0.113.9", "--to", "ssh", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["outcome"]["verdict"], serde_json::json!({"action": "allow", "line": "r1"}));
}

#[test]
fn diff_says_who_gains_and_loses() {
    let dir = TempDir::new().expect("a directory");
    let (old, new) = (file(&dir, "old", RULESET), file(&dir, "new", &RULESET.replace("/24", "/25")));
    let run = portreeve(&["rules", "diff", path(&old), path(&new)]);
    assert_eq!(run.out, "203.0.113.128/25 can no longer reach 22/tcp (for example 203.0.113.128 → this host 22/tcp)\n");
    assert_eq!(portreeve(&["rules", "diff", path(&old), path(&old)]).out, "Nobody gains or loses anything.\n");
}
