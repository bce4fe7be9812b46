//! The verb `ListListeners`: joins the kernel's sockets with the processes, users and units behind them.
//!
//! All it reads is `sock_diag`, `/proc`, `/sys/fs/cgroup` and `/etc/passwd`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

mod cgroups;
mod dump;
mod proc_net;
mod processes;

use super::accounts;
use crate::{
    boundary::{Response, codec::Frame, fit, limits},
    firewall::{
        Listener, Listing, Owner,
        listener::{Bind, Transport},
    },
    netlink::sock_diag::Entry,
};
use cgroups::Cgroups;
use processes::{Descriptions, Holders};

/// How long a listing may be handed out again: many askers cost no more than one.
const FRESH: Duration = Duration::from_millis(500);

/// The pid of the service manager, which holds sockets on behalf of others.
const MANAGER: u32 = 1;

/// Makes listings, one at a time. They are kept as they go over the wire: however many ask, there is one in memory.
#[derive(Default)]
pub struct Listings(Mutex<Option<(Instant, Arc<Frame>)>>);

impl Listings {
    /// A listing that is at most [`FRESH`] old, or the kernel's reason why there is none.
    pub fn fresh(&self) -> Result<Arc<Frame>, String> {
        // Whoever panicked while holding the lock left an older listing or none, both good.
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_at, frame)) = &*latest
            && made_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(frame));
        }
        let answer = Response::Listeners(list().map_err(|error| error.to_string())?);
        let frame = Arc::new(Frame::new(&answer, limits::RESPONSE_BYTES).map_err(|error| error.to_string())?);
        *latest = Some((Instant::now(), Arc::clone(&frame)));
        Ok(frame)
    }
}

/// The TCP ports on which SSH listens now; none if that can't be found out. Only root's listeners count: a name is easily
/// taken.
pub fn ssh_ports() -> BTreeSet<u16> {
    let listeners = list().map(|listing| listing.listeners).unwrap_or_default();
    listeners.into_iter().filter(is_ssh).map(|listener| listener.port).collect()
}

/// Whether SSH listens there, as root.
pub fn is_ssh(listener: &Listener) -> bool {
    let units = ["ssh.service", "sshd.service", "ssh.socket", "sshd.socket"];
    let unit = || listener.unit.as_deref().is_some_and(|unit| units.contains(&unit));
    let program = || listener.processes.iter().any(|process| process.name == "sshd");
    listener.uid == 0 && listener.transport == Transport::Tcp && (unit() || program())
}

/// Everything that listens now.
pub fn list() -> io::Result<Listing> {
    let mut sockets = dump::sockets()?;
    sockets.sort_by_key(|socket| (socket.transport, socket.port, bind(socket)));
    let cgroups = Cgroups::find(sockets.iter().filter_map(|socket| socket.cgroup).collect());
    let holders = find_holders(&sockets, &cgroups);
    let mut names = Names { users: accounts::names(), interfaces: BTreeMap::new(), processes: Descriptions::new() };
    let described = fairly(&sockets).map(|socket| describe(socket, &cgroups, holders.get(socket.inode), &mut names));
    Ok(fit(described))
}

/// Each user's first sockets before anybody's next ones. The end of the list is what one answer may have to leave out,
/// so whoever opens sockets by the thousand hides his own and nobody else's.
fn fairly(sockets: &[Entry]) -> impl ExactSizeIterator<Item = &Entry> {
    let mut opened = BTreeMap::<u32, usize>::new();
    let rank = |socket: &Entry| {
        let number = opened.entry(socket.uid).or_default();
        *number += 1;
        (*number, socket.uid)
    };
    let ranks: Vec<_> = sockets.iter().map(rank).collect();
    let mut ranked: Vec<_> = sockets.iter().zip(ranks).collect();
    ranked.sort_by_key(|(_, rank)| *rank);
    ranked.into_iter().map(|(socket, _)| socket)
}

/// What many sockets share, looked up once for a listing.
struct Names {
    users: BTreeMap<u32, String>,
    interfaces: BTreeMap<u32, Option<String>>,
    processes: Descriptions,
}

fn describe(socket: &Entry, cgroups: &Cgroups, pids: &[u32], names: &mut Names) -> Listener {
    let Owner { unit, container } = match cgroup(socket, cgroups) {
        Some(path) => Owner::from_cgroup(path),
        None => names.processes.owner(pids.iter().find(|pid| **pid != MANAGER).or(pids.first())),
    };
    let interface = names.interfaces.entry(socket.interface);
    Listener {
        transport: socket.transport,
        bind: bind(socket),
        port: socket.port,
        interface: interface.or_insert_with(|| dump::interface_name(socket.interface)).clone(),
        uid: socket.uid,
        user: names.users.get(&socket.uid).cloned(),
        processes: pids.iter().filter_map(|pid| names.processes.get(*pid)).collect(),
        unit,
        container,
    }
}

fn bind(socket: &Entry) -> Bind {
    Bind::from_address(socket.address, socket.v6_only)
}

/// Looks first where the kernel says the sockets were made, and into every other process only when that leaves one
/// without an owner.
fn find_holders(sockets: &[Entry], cgroups: &Cgroups) -> Holders {
    let held = || sockets.iter().filter(|socket| socket.inode != 0);
    let mut holders = Holders::of(held().map(|socket| socket.inode));
    holders.scan(cgroups.members());
    if held().any(|socket| cgroup(socket, cgroups).is_none() || holders.get(socket.inode).is_empty()) {
        holders.scan(processes::all());
    }
    holders
}

fn cgroup<'a>(socket: &Entry, cgroups: &'a Cgroups) -> Option<&'a str> {
    socket.cgroup.and_then(|id| cgroups.path(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_of_many_sockets_hides_his_own_only() {
        let socket = |uid, port| Entry {
            transport: Transport::Tcp,
            state: 10,
            peer: None,
            address: std::net::Ipv4Addr::UNSPECIFIED.into(),
            port,
            v6_only: false,
            interface: 0,
            uid,
            inode: 1,
            cgroup: None,
        };
        let hoard = (1024..5000).map(|port| socket(1000, port));
        let sockets: Vec<Entry> = hoard.chain([socket(33, 8080), socket(0, 9000), socket(0, 9001)]).collect();
        let order: Vec<_> = fairly(&sockets).map(|socket| (socket.uid, socket.port)).collect();
        assert_eq!(order.len(), sockets.len());
        assert_eq!(order[..5], [(0, 9000), (33, 8080), (1000, 1024), (0, 9001), (1000, 1025)]);
    }
}
