//! What the kernel says about the running helper.

use std::{collections::BTreeMap, fs};

use portreeve::boundary::Request;

use super::running::Running;

/// `CAP_DAC_READ_SEARCH` (2), `CAP_NET_ADMIN` (12) and `CAP_SYS_PTRACE` (19).
const KEPT: &str = "0000000000081004";

/// `CAP_NET_ADMIN` (12), `CAP_NET_RAW` (13) and `CAP_SYS_ADMIN` (21).
const KEPT_BY_CHILD: &str = "0000000000203000";

/// What talks to the service manager has none.
const KEPT_BY_UNITS: &str = "0000000000000000";

fn status(of: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(format!("/proc/{of}/status")).unwrap();
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

fn assert_confined(status: &BTreeMap<String, String>, kept: &str) {
    for (field, value) in [
        ("CapEff", kept),
        ("CapPrm", kept),
        ("CapBnd", kept),
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
    let threads = threads(helper.pid());
    assert!(threads.len() >= 5, "accepting, keeping time, watching the children, and the conversation");
    for thread in threads {
        assert_confined(&thread, KEPT);
    }
    let [child, units] = &threads_of_children(helper.pid())[..] else { panic!("two children") };
    assert_eq!(child.len(), 2, "one for the kernel, one for rehearsals");
    for thread in child {
        assert_confined(thread, KEPT_BY_CHILD);
    }
    assert_eq!(units.len(), 1);
    assert_confined(&units[0], KEPT_BY_UNITS);
}

fn threads(pid: u32) -> Vec<BTreeMap<String, String>> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    threads.map(|thread| status(&format!("{pid}/task/{}", thread.file_name().display()))).collect()
}

fn threads_of_children(pid: u32) -> Vec<Vec<BTreeMap<String, String>>> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    children.split_whitespace().map(|child| threads(child.parse().unwrap())).collect()
}

#[test]
fn it_holds_no_socket_but_its_own_and_those_to_its_children() {
    let helper = Running::start();
    drop(helper.greet());
    helper.quiet_descriptors();
    let links = fs::read_dir(format!("/proc/{}/fd", helper.pid())).unwrap().flatten();
    let sockets = links.filter_map(|entry| fs::read_link(entry.path()).ok());
    assert_eq!(sockets.filter(|link| link.to_string_lossy().starts_with("socket:")).count(), 4);
}
