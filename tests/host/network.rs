//! Three hosts on wires of their own: the server under test, its administrator and a stranger.

use std::{
    fs,
    path::Path,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use super::command::{output, run};

/// The server's addresses on the stranger's wire.
pub const SERVER_TO_STRANGER: [&str; 2] = ["10.77.2.1", "fd77:2::1"];

const PREFIX: &str = "prv-";
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The network namespaces of one test; gone when dropped.
pub struct Network {
    /// Where the server boots.
    pub server: String,
    /// Where the administrator's browser runs.
    pub administrator: String,
    /// Where everybody else is.
    pub stranger: String,
}

impl Network {
    /// Makes the namespaces and their wires, both families.
    pub fn new() -> Self {
        remove_leftovers();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = |role| format!("{PREFIX}{}-{number}-{role}", process::id());
        let network = Self { server: name("server"), administrator: name("admin"), stranger: name("stranger") };
        for namespace in network.all() {
            run(&format!("ip netns add {namespace}"));
        }
        network.connect(&network.administrator, "admin0", 1);
        network.connect(&network.stranger, "world0", 2);
        network
    }

    fn all(&self) -> [&str; 3] {
        [&self.server, &self.administrator, &self.stranger]
    }

    fn connect(&self, other: &str, interface: &str, wire: u8) {
        let server = &self.server;
        run(&format!("ip link add {interface} netns {server} type veth peer name eth0 netns {other}"));
        for (namespace, device, host) in [(server.as_str(), interface, 1), (other, "eth0", 2)] {
            run(&format!("ip -n {namespace} address add 10.77.{wire}.{host}/24 dev {device}"));
            run(&format!("ip -n {namespace} address add fd77:{wire}::{host}/64 dev {device} nodad"));
            run(&format!("ip -n {namespace} link set {device} up"));
            run(&format!("ip -n {namespace} link set lo up"));
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for namespace in self.all() {
            output(&format!("ip netns delete {namespace}"));
        }
    }
}

/// A run that was killed couldn't tidy up; its process id in the name tells that it is gone.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir("/run/netns") else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()).map(str::to_owned);
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            output(&format!("ip netns delete {name}"));
        }
    }
}
