//! What is known of one socket that accepts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::Moment;

/// The transport protocols whose sockets have ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
}

impl Transport {
    /// The name as written after a port: `22/tcp`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// The local address a socket is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bind {
    /// `0.0.0.0`: every IPv4 address of the host.
    Any4,
    /// `::` with `IPV6_V6ONLY`: every IPv6 address, no IPv4.
    Any6,
    /// `::` without `IPV6_V6ONLY`: every address of both families through one socket.
    AnyDual,
    /// One address.
    Address(IpAddr),
}

impl Bind {
    /// Reads the address the kernel reports for a socket, with its `IPV6_V6ONLY` flag.
    #[must_use]
    pub fn from_address(address: IpAddr, v6_only: bool) -> Self {
        match address {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Self::Any4,
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) if v6_only => Self::Any6,
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Self::AnyDual,
            other => Self::Address(other.to_canonical()),
        }
    }

    /// Whether only processes of this host can reach the address.
    #[must_use]
    pub fn is_loopback(self) -> bool {
        matches!(self, Self::Address(address) if address.is_loopback())
    }
}

/// The process that holds a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Process id in the host's pid namespace.
    pub pid: u32,
    /// The kernel's short name (`/proc/PID/comm`); the process itself can set it to any bytes.
    pub name: String,
    /// Absolute path of the executable, absent for kernel threads and where the link can't be read.
    pub executable: Option<String>,
    /// When the process started.
    pub started_at: Option<Moment>,
}

/// A container that owns a socket, as far as the cgroup path tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// `docker`, `podman`, `containerd`, `cri-o`, `lxc` or `systemd-nspawn`.
    pub runtime: String,
    /// The runtime's id or name.
    pub id: String,
}

/// A socket that accepts: TCP in state LISTEN, or UDP that isn't connected to one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// TCP or UDP.
    pub transport: Transport,
    /// The local address.
    pub bind: Bind,
    /// The local port.
    pub port: u16,
    /// The interface it is bound to by `SO_BINDTODEVICE`, if any.
    pub interface: Option<String>,
    /// The user id that owns the socket.
    pub uid: u32,
    /// The user's name, where the host's user database has one.
    pub user: Option<String>,
    /// The processes that hold the socket, lowest pid first; empty for kernel sockets. Of very many only some are named.
    pub processes: Vec<Process>,
    /// The systemd unit or scope of the socket's cgroup, for example `nginx.service`.
    pub unit: Option<String>,
    /// The container of the socket's cgroup.
    pub container: Option<Container>,
}

/// The process id of the service manager, which holds sockets on behalf of others.
const MANAGER: u32 = 1;

/// Programs that accept for a container and pass on.
const PROXIES: [&str; 5] = ["docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta"];

impl Listener {
    /// Whether no process holds it: the kernel itself answers there, as that of a tunnel does.
    #[must_use]
    pub fn is_of_kernel(&self) -> bool {
        self.processes.is_empty()
    }

    /// Whether the service manager alone holds it, and starts a service when somebody comes.
    #[must_use]
    pub fn is_on_demand(&self) -> bool {
        let is_managers = |process: &Process| {
            let is_socket = self.unit.as_deref().is_some_and(|unit| unit.ends_with(".socket"));
            process.pid == MANAGER && (process.name == "systemd" || is_socket)
        };
        !self.processes.is_empty() && self.processes.iter().all(is_managers)
    }

    /// Whether a program accepts there for a container and passes on. A rule for the port of the host decides all the
    /// same, but what answers is in the container.
    #[must_use]
    pub fn is_container_proxy(&self) -> bool {
        let is_proxy = |process: &Process| {
            let executable = process.executable.as_deref().and_then(|path| path.rsplit('/').next());
            PROXIES.contains(&executable.unwrap_or(&process.name))
        };
        self.processes.iter().any(is_proxy)
    }
}

/// Every socket of a host that accepts, as far as one message holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The sockets, ordered by transport, port and address.
    pub listeners: Vec<Listener>,
    /// How many more there are, from the end of that order. Not 0 only when somebody opens tens of thousands.
    pub omitted: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_by(unit: Option<&str>, processes: &[(u32, &str, Option<&str>)]) -> Listener {
        let process = |(pid, name, executable): &(u32, &str, Option<&str>)| Process {
            pid: *pid,
            name: (*name).to_owned(),
            executable: executable.map(str::to_owned),
            started_at: None,
        };
        Listener {
            transport: Transport::Tcp,
            bind: Bind::AnyDual,
            port: 7007,
            interface: None,
            uid: 0,
            user: None,
            processes: processes.iter().map(process).collect(),
            unit: unit.map(str::to_owned),
            container: None,
        }
    }

    #[test]
    fn who_holds_a_socket_tells_what_kind_it_is() {
        let (manager, server) = ((1, "systemd", Some("/usr/lib/systemd/systemd")), (900, "nginx", None));
        let proxy = (901, "docker-proxy", Some("/usr/libexec/docker/docker-proxy"));
        let imposter = (902, "docker-proxy", Some("/home/eve/docker-proxy2"));
        for (unit, processes, kinds) in [
            (None, &[][..], (true, false, false)),
            (Some("door.socket"), &[manager], (false, true, false)),
            (Some("init.scope"), &[manager], (false, true, false)),
            (Some("door.socket"), &[manager, server], (false, false, false)),
            (None, &[(1, "nginx", None)], (false, false, false)),
            (Some("docker.service"), &[proxy], (false, false, true)),
            (Some("user@1000.service"), &[imposter], (false, false, false)),
        ] {
            let listener = held_by(unit, processes);
            let found = (listener.is_of_kernel(), listener.is_on_demand(), listener.is_container_proxy());
            assert_eq!(found, kinds, "{unit:?} {processes:?}");
        }
    }
}
