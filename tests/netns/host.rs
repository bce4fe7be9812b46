//! A network namespace, removed when dropped.

use std::{
    ffi::OsStr,
    fs::File,
    os::fd::AsFd,
    panic::resume_unwind,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::helper::running::program;

static COUNT: AtomicU32 = AtomicU32::new(0);

pub struct Host {
    pub name: String,
}

impl Host {
    /// A host whose loopback is up.
    pub fn new() -> Self {
        let name = format!("prv-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run("ip", &["netns", "add", &name]);
        let host = Self { name };
        host.run("ip", &["link", "set", "lo", "up"]);
        host
    }

    /// Two hosts on one wire, `wire` on both sides: `192.0.2.1` and `2001:db8::1`, `192.0.2.2` and `2001:db8::2`.
    pub fn pair() -> (Self, Self) {
        let (one, two) = (Self::new(), Self::new());
        let link = ["link", "add", "wire", "netns", &one.name, "type", "veth", "peer", "name", "wire"];
        run("ip", &[&link[..], &["netns", &two.name]].concat());
        for (host, number) in [(&one, 1), (&two, 2)] {
            host.run("ip", &["address", "add", &format!("192.0.2.{number}/24"), "dev", "wire"]);
            host.run("ip", &["address", "add", &format!("2001:db8::{number}/64"), "dev", "wire", "nodad"]);
            host.run("ip", &["link", "set", "wire", "up"]);
        }
        (one, two)
    }

    /// A program that will run in this host.
    pub fn command(&self, name: impl AsRef<OsStr>) -> Command {
        // Not `ip netns exec`: that hides /sys/fs/cgroup behind a new /sys.
        let mut command = program("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name)).arg(name).stdin(Stdio::null());
        command
    }

    /// Does something in this host. Only the thread that does it moves here.
    pub fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        let namespace = File::open(format!("/run/netns/{}", self.name)).unwrap();
        let visit = || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            act()
        };
        thread::scope(|scope| scope.spawn(visit).join()).unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs a program here to its end and gives what it prints.
    pub fn run(&self, name: &str, arguments: &[&str]) -> String {
        let mut command = self.command(name);
        command.args(arguments);
        finish(command)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = program("ip").args(["netns", "delete", &self.name]).status();
    }
}

fn run(name: &str, arguments: &[&str]) {
    let mut command = program(name);
    command.args(arguments);
    finish(command);
}

fn finish(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
