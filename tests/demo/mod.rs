//! The playground of `make demo`: it starts, the record fills with real traffic, and nothing of it stays.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops with the place where it stood")]

mod town;

use std::{fs, path::Path};

use crate::{browser::webdriver::Browser, helper::running::wait_until};
use town::Town;

/// What a town could leave behind on the machine.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    interfaces: String,
    namespaces: Vec<String>,
    rules: String,
    mounts: usize,
    state: [bool; 2],
}

fn traces() -> Traces {
    let printed = |line: &str| {
        let mut words = line.split(' ');
        let mut command = crate::helper::running::program(words.next().unwrap());
        String::from_utf8(command.args(words).output().unwrap().stdout).unwrap()
    };
    let names = fs::read_dir("/run/netns").into_iter().flatten();
    Traces {
        // Other tests make and remove their own meanwhile; a town's have these names.
        interfaces: printed("ip -brief link").lines().filter(|line| line.starts_with("street")).collect(),
        namespaces: names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| ["server", "world"].contains(&name.as_str()))
            .collect(),
        rules: printed("nft list table inet portreeve"),
        mounts: fs::read_to_string("/proc/self/mounts").unwrap().matches("/run/town").count(),
        state: ["/run/town", "/var/lib/portreeve"].map(|path| Path::new(path).exists()),
    }
}

#[test]
fn a_town_lives_with_real_traffic_and_leaves_nothing_behind() {
    let before = traces();
    let town = Town::start();
    let browser = town.signed_in();
    wait_until("strangers are turned away", || {
        browser.open(&town.url("/blocked"));
        blocked(&browser) >= 5
    });
    browser.open(&town.url("/ports"));
    assert!(browser.text("main").contains("nginx"), "{}", browser.text("main"));
    assert_eq!(traces(), before, "while it lives");
    let processes = town.processes();
    assert!(processes.len() > 10, "{processes:?}");
    town.end();
    let is_gone = |pid: &u32| !Path::new(&format!("/proc/{pid}")).exists();
    wait_until("all of it is gone", || processes.iter().all(is_gone));
    assert_eq!(traces(), before, "afterwards");
}

#[test]
fn a_town_that_is_killed_leaves_nothing_either() {
    let before = traces();
    let town = Town::start();
    let processes = town.processes();
    town.kill();
    let is_gone = |pid: &u32| !Path::new(&format!("/proc/{pid}")).exists();
    wait_until("all of it is gone", || processes.iter().all(is_gone));
    assert_eq!(traces(), before);
}

#[test]
#[ignore = "lets the town live for some minutes and writes docs/pictures"]
fn photograph_the_town_for_the_documents() {
    let town = Town::start();
    let browser = town.signed_in();
    std::thread::sleep(std::time::Duration::from_mins(4));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    for (name, path) in [("overview", "/"), ("ports", "/ports"), ("rules", "/rules"), ("blocked", "/blocked")] {
        browser.dress(1280, 800, "light");
        browser.open(&town.url(path));
        fs::write(folder.join(format!("{name}.png")), browser.viewport()).unwrap();
    }
}

fn blocked(browser: &Browser) -> u64 {
    let script = "return document.querySelectorAll('main table tbody tr').length";
    browser.run(script, &[]).as_u64().unwrap()
}
