//! Stopping and starting again.

use rustix::process::Signal;

use super::process::{Serving, read_to_close};

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
