//! From the first start to the first account.

use std::{fs, os::unix::fs::PermissionsExt};

use portreeve::store::{AuditHead, verify_audit};

use super::{
    account::make_first,
    process::{Serving, own_dir, refused, until},
};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).expect("the file").permissions().mode() & 0o777
}

#[test]
fn root_is_refused_with_what_to_do() {
    let dir = own_dir();
    let output = refused(dir.path(), &[], 0);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("must not run as root") && said.contains("setpriv"), "{said}");
    assert!(!dir.path().join("state").exists(), "nothing was made");
}

#[test]
fn a_panel_holds_no_privilege_and_keeps_its_files_to_itself() {
    let serving = Serving::start();
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert_eq!(serving.status(set), "0000000000000000", "{set}");
    }
    assert_eq!((serving.status("NoNewPrivs"), serving.status("Seccomp")), ("1".to_owned(), "2".to_owned()));
    assert_eq!(mode(&serving.state_dir()), 0o700);
    for entry in fs::read_dir(serving.state_dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn the_printed_link_makes_the_first_account_and_its_file_goes() {
    let serving = Serving::start();
    let link = serving.said.iter().find(|line| line.contains("/setup?token=")).expect("a setup link").clone();
    let file = serving.state_dir().join("setup-link");
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), link);
    let answer = make_first(&serving);
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("__Host-portreeve-session="), "{answer}");
    assert_every_record_is_logged(&serving);
    until("the file of the used link is gone", || (!file.exists()).then_some(()));
    assert!(serving.get("/setup").contains("location: /sign-in"));
}

/// The heads in the log prove the records: who rewrites these has to rewrite that.
fn assert_every_record_is_logged(serving: &Serving) {
    let heads: Vec<AuditHead> = AuditHead::all_in(&serving.log()).collect();
    assert_eq!(heads.iter().map(|head| head.id).collect::<Vec<_>>(), [1, 2]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let report = runtime.block_on(verify_audit(&serving.state_dir(), &heads)).expect("a report");
    assert_eq!((report.broken, report.head), (None, heads.last().copied()));
}

#[test]
fn a_setting_that_is_misspelt_stops_the_start_with_the_right_one() {
    let dir = own_dir();
    let file = dir.path().join("portreeve.toml");
    fs::write(&file, "lisen = [\"127.0.0.1:0\"]\n").unwrap();
    let output = refused(dir.path(), &["--config", file.to_str().unwrap()], 65534);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("portreeve.toml") && said.contains("did you mean `listen`?"), "{said}");
}
