//! The administrator's own certificate.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use portreeve::{
    actions::Clock,
    web::server::{Subject, make},
};
use rustix::process::Signal;
use rustls::ALL_VERSIONS;
use tempfile::TempDir;

use super::process::{Serving, handshake, own_dir, refused, until};

/// Puts a fresh certificate with its key where the panel is told to look; gives back its text.
fn put(dir: &Path) -> Vec<u8> {
    let made = tempfile::tempdir().expect("a directory");
    let subject =
        Subject { names: vec!["localhost".to_owned()], addresses: ["127.0.0.1".parse().expect("an address")].into() };
    make(made.path(), &subject, Clock::system().now()).expect("a certificate");
    let pem = fs::read(made.path().join("tls.pem")).expect("the certificate");
    let fresh = dir.join("fresh.pem");
    fs::write(&fresh, &pem).expect("a file");
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600)).expect("own file");
    chown(&fresh, Some(65534), Some(65534)).expect("tests run as root");
    fs::rename(fresh, dir.join("own.pem")).expect("own file");
    pem
}

fn start(dir: TempDir) -> Serving {
    let path = dir.path().join("own.pem").to_str().expect("a plain path").to_owned();
    Serving::start_in(dir, &["--certificate", &path, "--key", &path])
}

/// Whether new connections get this certificate.
fn shows(serving: &Serving, pem: &[u8]) -> bool {
    handshake(serving.connect(), pem, b"h2", ALL_VERSIONS).is_some()
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let dir = own_dir();
    let first = put(dir.path());
    let serving = start(dir);
    assert!(shows(&serving, &first));
    let second = put(serving.dir.path());
    until("the renewed certificate is shown", || shows(&serving, &second).then_some(()));
    assert!(!shows(&serving, &first));
    fs::write(serving.dir.path().join("own.pem"), "rubbish").unwrap();
    serving.signal(Signal::HUP);
    let third = put(serving.dir.path());
    serving.signal(Signal::HUP);
    until("the certificate after the broken one is shown", || shows(&serving, &third).then_some(()));
}

#[test]
fn a_key_that_others_can_read_is_refused_with_what_to_do() {
    let dir = own_dir();
    put(dir.path());
    let path = dir.path().join("own.pem");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let path = path.to_str().unwrap();
    let output = refused(dir.path(), &["--certificate", path, "--key", path], 65534);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("chmod"), "{said}");
}
