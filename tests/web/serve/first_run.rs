//! From the first start to the first account.

use std::{fs, os::unix::fs::PermissionsExt};

use portreeve::store::{AuditHead, verify_audit};

use super::process::{Serving, own_dir, refused, until};
use crate::web::browser::encode;

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
    let (_, token) = link.split_once("token=").unwrap();
    let page = serving.get(&format!("/setup?token={token}"));
    let after = |mark: &str, end: char| page.split(mark).nth(1).and_then(|rest| rest.split(end).next()).unwrap();
    let password = "tin otter 9 lamps";
    let csrf = after("name=\"csrf\" value=\"", '"');
    let body =
        encode(&[("csrf", csrf), ("token", token), ("name", "anna"), ("password", password), ("repeat", password)]);
    let answer = serving.exchange(&format!(
        "POST /setup HTTP/1.1\r\nHost: {address}\r\nOrigin: https://{address}\r\nCookie: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        after("set-cookie: ", ';'),
        body.len(),
        address = serving.address,
    ));
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
