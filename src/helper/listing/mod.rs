//! The verb `ListListeners`: joins the kernel's sockets with the processes, users and units behind them.
//!
//! All it reads is `sock_diag`, `/proc`, `/sys/fs/cgroup` and `/etc/passwd`.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

mod cgroups;
mod dump;
mod proc_net;
mod processes;
pub mod sock_diag;

use super::accounts;
use crate::{
    boundary::limits,
    firewall::{Listener, Listing, Owner, listener::Bind},
};
use cgroups::Cgroups;
use processes::{Descriptions, Holders};
use sock_diag::Socket;

/// How long a listing may be handed out again: many askers cost no more than one.
const FRESH: Duration = Duration::from_millis(500);

/// The pid of the service manager, which holds sockets on behalf of others.
const MANAGER: u32 = 1;

/// Bytes of JSON in which a listener names as many processes as it has.
const USUAL: usize = 8 * 1024;

/// Bytes of a response around its listeners, generously.
const ENVELOPE: usize = 256;

/// Makes listings, one at a time.
#[derive(Default)]
pub struct Listings(Mutex<Option<(Instant, Arc<Listing>)>>);

impl Listings {
    /// A listing that is at most [`FRESH`] old, or the kernel's reason why there is none.
    pub fn fresh(&self) -> Result<Arc<Listing>, String> {
        // Whoever panicked while holding the lock left an older listing or none, both good.
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_at, listing)) = &*latest
            && made_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(listing));
        }
        let listing = Arc::new(list().map_err(|error| error.to_string())?);
        *latest = Some((Instant::now(), Arc::clone(&listing)));
        Ok(listing)
    }
}

fn list() -> io::Result<Listing> {
    let mut sockets = dump::sockets()?;
    sockets.sort_by_key(|socket| (socket.transport, socket.port, bind(socket)));
    let cgroups = Cgroups::find(sockets.iter().filter_map(|socket| socket.cgroup).collect());
    let holders = find_holders(&sockets, &cgroups);
    let mut names = Names { users: accounts::names(), interfaces: BTreeMap::new(), processes: Descriptions::new() };
    Ok(fit(sockets.iter().map(|socket| describe(socket, &cgroups, holders.get(socket.inode), &mut names))))
}

/// What many sockets share, looked up once for a listing.
struct Names {
    users: BTreeMap<u32, String>,
    interfaces: BTreeMap<u32, Option<String>>,
    processes: Descriptions,
}

fn describe(socket: &Socket, cgroups: &Cgroups, pids: &[u32], names: &mut Names) -> Listener {
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

/// Keeps what one response can carry. Anybody may open sockets by the thousand, with long names: that must not make
/// the whole listing fail.
fn fit(listeners: impl ExactSizeIterator<Item = Listener>) -> Listing {
    let total = listeners.len();
    let mut left = usize::try_from(limits::RESPONSE_BYTES).unwrap_or(usize::MAX) - ENVELOPE;
    let kept: Vec<Listener> = listeners
        .map(shorten)
        .map_while(|(listener, size)| {
            left = left.checked_sub(size)?;
            Some(listener)
        })
        .collect();
    let omitted = u32::try_from(total - kept.len()).unwrap_or(u32::MAX);
    Listing { listeners: kept, omitted }
}

/// Names fewer processes until the listener is of usual size. Also gives the size, with the comma.
fn shorten(mut listener: Listener) -> (Listener, usize) {
    loop {
        let size = serde_json::to_vec(&listener).map_or(usize::MAX, |json| json.len() + 1);
        if size <= USUAL || listener.processes.len() <= 1 {
            return (listener, size);
        }
        listener.processes.truncate(listener.processes.len() / 2);
    }
}

fn bind(socket: &Socket) -> Bind {
    Bind::from_address(socket.address, socket.v6_only)
}

/// Looks first where the kernel says the sockets were made, and into every other process only when that leaves one
/// without an owner.
fn find_holders(sockets: &[Socket], cgroups: &Cgroups) -> Holders {
    let held = || sockets.iter().filter(|socket| socket.inode != 0);
    let mut holders = Holders::of(held().map(|socket| socket.inode));
    holders.scan(cgroups.members());
    if held().any(|socket| cgroup(socket, cgroups).is_none() || holders.get(socket.inode).is_empty()) {
        holders.scan(processes::all());
    }
    holders
}

fn cgroup<'a>(socket: &Socket, cgroups: &'a Cgroups) -> Option<&'a str> {
    socket.cgroup.and_then(|id| cgroups.path(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boundary::{Response, codec},
        firewall::listener::{Process, Transport},
    };

    fn listener(port: u16, holders: u32, path: &str) -> Listener {
        let process = |pid| Process { pid, name: "x".into(), executable: Some(path.to_owned()), started_at: None };
        Listener {
            transport: Transport::Tcp,
            bind: Bind::Any4,
            port,
            interface: None,
            uid: 0,
            user: None,
            processes: (0..holders).map(process).collect(),
            unit: None,
            container: None,
        }
    }

    #[test]
    fn an_ordinary_listing_is_whole() {
        let listing = fit((0..2_000).map(|port| listener(port, 5, "/usr/sbin/nginx")).collect::<Vec<_>>().into_iter());
        assert_eq!((listing.listeners.len(), listing.omitted), (2_000, 0));
        assert!(listing.listeners.iter().all(|listener| listener.processes.len() == 5));
    }

    #[test]
    fn a_hostile_listing_still_fits_and_counts_what_it_leaves_out() {
        let hostile = "\u{fffd}\"".repeat(512);
        let listing = fit((0..5_000).map(|port| listener(port, 4, &hostile)).collect::<Vec<_>>().into_iter());
        assert!(listing.listeners.len() > 2_000 && listing.omitted > 0);
        assert_eq!(listing.listeners.len() + usize::try_from(listing.omitted).unwrap(), 5_000);
        assert!(listing.listeners.iter().all(|listener| !listener.processes.is_empty()));
        codec::write(&mut Vec::new(), &Response::Listeners(listing), limits::RESPONSE_BYTES).unwrap();
    }
}
