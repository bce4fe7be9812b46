//! What the kernel says about the running helper.

use std::{collections::BTreeMap, fs};

use portreeve::boundary::Request;

use super::running::Running;

/// `CAP_DAC_READ_SEARCH` (2) and `CAP_SYS_PTRACE` (19).
const KEPT: &str = "0000000000080004";

fn status(of: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(format!("/proc/{of}/status")).unwrap();
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

fn assert_confined(status: &BTreeMap<String, String>) {
    for (field, value) in [
        ("CapEff", KEPT),
        ("CapPrm", KEPT),
        ("CapBnd", KEPT),
        ("CapInh", "0000000000000000"),
        ("CapAmb", "0000000000000000"),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ] {
        assert_eq!(status[field], value, "{field}");
    }
}

#[test]
fn every_thread_is_confined_before_it_answers() {
    let helper = Running::start();
    let mut client = helper.greet();
    assert!(client.ask(&Request::ListListeners {}).is_some());
    let threads: Vec<_> = fs::read_dir(format!("/proc/{}/task", helper.pid())).unwrap().flatten().collect();
    assert!(threads.len() >= 2, "the accepting thread and the conversation");
    for thread in threads {
        assert_confined(&status(&format!("{}/task/{}", helper.pid(), thread.file_name().display())));
    }
}

#[test]
fn it_holds_no_socket_but_its_own() {
    let helper = Running::start();
    drop(helper.greet());
    helper.quiet_descriptors();
    let links = fs::read_dir(format!("/proc/{}/fd", helper.pid())).unwrap().flatten();
    let sockets = links.filter_map(|entry| fs::read_link(entry.path()).ok());
    assert_eq!(sockets.filter(|link| link.to_string_lossy().starts_with("socket:")).count(), 1);
}
