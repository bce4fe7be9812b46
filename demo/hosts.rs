//! The town's two hosts: the server that is guarded, and the world around it. A link joins them.

use std::{
    env,
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
};

use super::Outcome;

/// The network namespaces, known by these names only inside the town.
pub const SERVER: &str = "server";
pub const WORLD: &str = "world";

/// Where the server is.
pub const SERVER_4: &str = "203.0.113.10";
pub const SERVER_6: &str = "2001:db8:113::10";

/// Networks of the people: administrators, visitors, strangers, and those on IPv6.
const OUTSIDE: [&str; 5] =
    ["203.0.113.1/24", "192.0.2.44/24", "100.66.0.1/16", "198.51.100.1/24", "2001:db8:113::1/64"];
const OUTSIDE_MORE_6: &str = "2001:db8:bad::/48";

/// What the server runs: name as `ps` shows it, and where it accepts.
const SERVERS: [(&str, &[&str]); 8] = [
    ("nginx", &["[::]:80", "[::]:443"]),
    ("sshd", &["[::]:22"]),
    ("master", &["[::]:25", "[::]:587"]),
    ("dovecot", &["[::]:993", "[::]:110"]),
    ("mysqld", &["0.0.0.0:3306"]),
    ("redis-server", &["127.0.0.1:6379"]),
    ("node", &["[::]:3000"]),
    ("rpcbind", &["0.0.0.0:111"]),
];

/// Makes the hosts and the link, and opens the server's shops.
pub fn build() -> Outcome {
    for name in [SERVER, WORLD] {
        ip(&format!("netns add {name}"))?;
        ip(&format!("-n {name} link set lo up"))?;
    }
    ip(&format!("-n {WORLD} link add street type veth peer name eth0 netns {SERVER}"))?;
    for address in OUTSIDE {
        ip(&format!("-n {WORLD} address add {address} dev street{}", at_once(address)))?;
    }
    for address in [format!("{SERVER_4}/24"), format!("{SERVER_6}/64")] {
        ip(&format!("-n {SERVER} address add {address} dev eth0{}", at_once(&address)))?;
    }
    ip(&format!("-n {WORLD} link set street up"))?;
    ip(&format!("-n {SERVER} link set eth0 up"))?;
    // Every address of these networks is somebody of the town.
    for network in ["192.0.2.0/24", "100.66.0.0/16", "198.51.100.0/24", OUTSIDE_MORE_6] {
        ip(&format!("-n {WORLD} route add local {network} dev lo"))?;
    }
    ip(&format!("-n {SERVER} route add default via 203.0.113.1"))?;
    ip(&format!("-n {SERVER} route add default via 2001:db8:113::1"))?;
    for (name, places) in SERVERS {
        role(SERVER, &[&["serve", name], places].concat())?.spawn()?;
    }
    Ok(())
}

/// Lets everybody outside begin, and a browser of the real world in by `door`.
pub fn people(door: OwnedFd) -> Outcome {
    role(WORLD, &["relay"])?.stdin(Stdio::from(door)).spawn()?;
    for part in ["visit", "guess", "scan", "chatter"] {
        role(WORLD, &[part])?.spawn()?;
    }
    Ok(())
}

/// A program on the server.
pub fn on_server(program: &str, arguments: &[&str]) -> Command {
    inside(SERVER, program, arguments)
}

/// An IPv6 address isn't asked for first: nobody else has it.
fn at_once(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}

/// This program in another part, on one of the hosts.
fn role(host: &str, arguments: &[&str]) -> Outcome<Command> {
    let program = env::current_exe()?;
    let mut command = inside(host, program.to_str().ok_or("a path that is no text")?, arguments);
    command.stdin(Stdio::null());
    Ok(command)
}

fn inside(host: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = command("ip");
    command.args(["netns", "exec", host, program]).args(arguments);
    command
}

fn ip(arguments: &str) -> Outcome {
    finish(command("ip").args(arguments.split(' ')).spawn()?, arguments)
}

/// Waits for a program that has to end well.
pub fn finish(mut child: Child, what: &str) -> Outcome {
    if child.wait()?.success() { Ok(()) } else { Err(format!("{what} failed").into()) }
}

#[expect(clippy::disallowed_methods, reason = "the town is made of programs")]
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}
