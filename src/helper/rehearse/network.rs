//! Makes the network of a rehearsal, and sends packets in it.
//!
//! Each interface is a cable to a network namespace of its own, in which there is nothing but its other end. Both ends
//! have the same hardware address and resolve none, so everything that is sent is taken and nobody answers.

use std::{
    fmt::Write as _,
    fs,
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    os::fd::OwnedFd,
    path::Path,
    thread,
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, sendto, socket_with},
    process::getpid,
    thread::UnshareFlags,
};

use super::{
    Fault,
    stage::{Stage, comes_in},
};
use crate::{
    firewall::{
        Family, InterfaceName,
        simulate::{
            Packet, Passage,
            bytes::{Shape, datagrams},
        },
    },
    helper::programs,
};

/// For every interface that is made from now on in a namespace.
const SWITCHES: [(&str, &str); 9] = [
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv6/conf/all/disable_ipv6", "0"),
    ("ipv6/conf/default/disable_ipv6", "0"),
    ("ipv6/conf/default/accept_ra", "0"),
    ("ipv6/conf/default/autoconf", "0"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/dad_transmits", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
];

/// For this host alone: the other ends must not send back what they get.
const FORWARDING: [(&str, &str); 2] = [("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1")];

/// Without an address of its own a host can't send IPv6 at all. Nobody else has these.
const INSIDE: &str = "fd70:6f72:7472:6565:7665::1";
const OUTSIDE: &str = "fd70:6f72:7472:6565:7665::2";

/// The DSCP 42 by which `watch.nft` knows what this host sends itself.
const OWN: u8 = 42 << 2;

/// The network.
pub struct Network {
    inside: Sockets,
    outside: Vec<(InterfaceName, Sockets)>,
}

/// Whether the kernel speaks IPv6.
pub fn has_ipv6() -> bool {
    Path::new("/proc/sys/net/ipv6").exists()
}

impl Network {
    /// Makes it around the network namespace of this process.
    pub fn make(stage: &Stage) -> Result<Self, Fault> {
        set(&SWITCHES)?;
        set(&FORWARDING)?;
        let outside = stage.interfaces.iter().enumerate();
        let outside = outside.map(|(number, name)| Ok((name.clone(), attach(name, number)?)));
        let outside = outside.collect::<Result<_, Fault>>()?;
        programs::lay_cables(&inside(stage))?;
        Ok(Self { inside: Sockets::open()?, outside })
    }

    /// Sends a packet that carries this number.
    pub fn send(&self, packet: &Packet, number: u16) -> Result<(), Fault> {
        let sockets = match &packet.passage {
            Passage::Out { .. } => Some(&self.inside),
            Passage::In { input } | Passage::Forward { input, .. } => {
                self.outside.iter().find(|(name, _)| name == input).map(|(_, sockets)| sockets)
            }
        };
        for mut bytes in datagrams(packet, number, Shape::Whole) {
            if !comes_in(packet) {
                mark(&mut bytes, packet.family());
            }
            sockets.ok_or(ErrorKind::NotFound).map_err(io::Error::from)?.send(&bytes, packet.destination())?;
        }
        Ok(())
    }
}

fn mark(bytes: &mut [u8], family: Family) {
    match (family, bytes) {
        // The kernel writes the checksum of the header itself.
        (Family::V4, [_, class, ..]) => *class = OWN,
        (Family::V6, [high, low, ..]) => (*high, *low) = (*high | OWN >> 4, *low | OWN << 4),
        _ => {}
    }
}

fn set(switches: &[(&str, &str)]) -> io::Result<()> {
    for (name, value) in switches {
        match fs::write(format!("/proc/sys/net/{name}"), value) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Makes an interface whose other end lies in a namespace of its own, and gives sockets there.
fn attach(name: &InterfaceName, number: usize) -> Result<Sockets, Fault> {
    let make = || {
        leave()?;
        set(&SWITCHES)?;
        programs::lay_cables(&outside(name, number))?;
        // They keep the namespace alive after this thread has ended.
        Ok(Sockets::open()?)
    };
    thread::scope(|scope| scope.spawn(make).join()).unwrap_or_else(|_| Err(io::Error::other("a thread died").into()))
}

#[expect(deprecated, reason = "for the flag that stops sharing descriptors with other threads, which isn't set here")]
fn leave() -> io::Result<()> {
    Ok(rustix::thread::unshare(UnshareFlags::NEWNET)?)
}

fn outside(name: &InterfaceName, number: usize) -> String {
    let pid = getpid().as_raw_nonzero();
    let [.., high, low] = number.to_be_bytes();
    let hardware = format!("02:00:00:00:{high:02x}:{low:02x}");
    let mut lines = format!(
        "link add end address {hardware} type veth peer name {name} address {hardware} netns {pid}\n\
         link set end arp off up\nroute add 0.0.0.0/0 dev end\n"
    );
    if has_ipv6() {
        let _ = write!(lines, "addr add {OUTSIDE}/128 dev end nodad\nroute add ::/0 dev end\n");
    }
    lines
}

fn inside(stage: &Stage) -> String {
    let mut lines = String::from("link set lo up\n");
    for name in &stage.interfaces {
        let _ = writeln!(lines, "link set {name} arp off up");
        if has_ipv6() {
            let _ = writeln!(lines, "addr add {INSIDE}/128 dev {name} nodad");
        }
    }
    for (address, name) in &stage.own {
        let nodad = if address.is_ipv6() { " nodad" } else { "" };
        let length = if address.is_ipv6() { 128 } else { 32 };
        let _ = writeln!(lines, "addr add {address}/{length} dev {name}{nodad}");
    }
    for (network, name) in &stage.ways {
        if let Some(prefix) = network.to_prefix() {
            let _ = writeln!(lines, "route replace {prefix} dev {name}");
        }
    }
    lines
}

/// Sockets that send whole packets into one namespace.
struct Sockets {
    v4: OwnedFd,
    v6: Option<OwnedFd>,
}

impl Sockets {
    fn open() -> io::Result<Self> {
        let open = |family| socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, Some(ipproto::RAW));
        let v6 = if has_ipv6() { Some(open(AddressFamily::INET6)?) } else { None };
        Ok(Self { v4: open(AddressFamily::INET)?, v6 })
    }

    fn send(&self, bytes: &[u8], destination: IpAddr) -> io::Result<()> {
        let socket = if destination.is_ipv4() { Some(&self.v4) } else { self.v6.as_ref() };
        let socket = socket.ok_or(ErrorKind::Unsupported)?;
        match sendto(socket, bytes, SendFlags::empty(), &SocketAddr::new(destination, 0)) {
            // How the kernel tells a sender that its own rules dropped the packet.
            Ok(_) | Err(Errno::PERM | Errno::ACCESS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
