//! Three hosts on wires of their own: the server under test, its administrator and a stranger.

use std::{
    fs::File,
    os::fd::AsFd,
    panic::resume_unwind,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::{
    command::{output, run},
    leftover,
};

/// The server's address on the administrator's wire.
pub const SERVER_TO_ADMINISTRATOR: &str = "10.77.1.1";
/// The server's addresses on the stranger's wire.
pub const SERVER_TO_STRANGER: [&str; 2] = ["10.77.2.1", "fd77:2::1"];

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The network namespaces of one test; gone when dropped.
pub struct Network {
    /// Counts the networks of this run.
    pub number: usize,
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
        for name in leftover::of_the_dead(Path::new("/run/netns")) {
            output(&format!("ip netns delete {name}"));
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = |role| leftover::own(number, role);
        let network = Self { number, server: name("server"), administrator: name("admin"), stranger: name("stranger") };
        for namespace in network.all() {
            run(&format!("ip netns add {namespace}"));
        }
        network.connect(&network.administrator, "admin0", 1);
        network.connect(&network.stranger, "world0", 2);
        network
    }

    /// Does something on the administrator's host: only the thread that does it moves there.
    pub fn as_administrator<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        visit(&self.administrator, act)
    }

    /// The same on the stranger's host.
    pub fn as_stranger<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        visit(&self.stranger, act)
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

fn visit<T: Send>(namespace: &str, act: impl FnOnce() -> T + Send) -> T {
    let namespace = File::open(format!("/run/netns/{namespace}")).expect("the namespace");
    let visit = || {
        let network = Some(LinkNameSpaceType::Network);
        move_into_link_name_space(namespace.as_fd(), network).expect("tests run as root");
        act()
    };
    thread::scope(|scope| scope.spawn(visit).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
