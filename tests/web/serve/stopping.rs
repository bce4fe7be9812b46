//! Stopping and starting again.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{
    account::session,
    crowd::listen,
    process::{Serving, read_to_close},
};

#[test]
fn it_ends_well_when_told_to_and_hangs_up() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut serving = Serving::start();
        let mut resting = serving.connect_tls(b"http/1.1");
        let mut silent = serving.connect();
        serving.signal(signal);
        assert!(serving.wait(), "{signal:?}");
        read_to_close(&mut resting);
        read_to_close(&mut silent);
    }
}

#[test]
fn pages_that_are_kept_fresh_do_not_hold_the_end_up() {
    let mut serving = Serving::start();
    let session = session(&serving);
    let mut pages: Vec<_> = (0..8).map(|_| listen(&serving, serving.connect(), &session)).collect();
    assert!(pages.iter().all(|(head, _)| head.starts_with("HTTP/1.1 200 ")), "{}", pages[0].0);
    let told = Instant::now();
    serving.signal(Signal::TERM);
    assert!(serving.wait());
    assert!(told.elapsed() < Duration::from_secs(2), "{:?}", told.elapsed());
    for (_, page) in &mut pages {
        read_to_close(page);
    }
}

#[test]
fn a_second_start_keeps_the_certificate_and_makes_a_new_setup_link() {
    let mut first = Serving::start();
    first.signal(Signal::TERM);
    assert!(first.wait());
    let dir = std::mem::replace(&mut first.dir, tempfile::tempdir().unwrap());
    let second = Serving::start_in(dir, &[]);
    let line = |serving: &Serving, mark: &str| serving.said.iter().find(|line| line.contains(mark)).cloned().unwrap();
    let colons = |serving: &Serving| serving.said.iter().find(|line| line.split(':').count() == 32).cloned().unwrap();
    assert_eq!(colons(&first), colons(&second));
    assert_ne!(line(&first, "token="), line(&second, "token="));
}
