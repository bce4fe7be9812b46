//! What one answer can carry of a listing.

use super::limits;
use crate::firewall::{Listener, Listing};

/// Bytes of JSON in which a listener names as many processes as it has.
const USUAL: usize = 8 * 1024;

/// Bytes of a response around its listeners, generously.
const ENVELOPE: usize = 256;

/// Keeps the first that one response can carry, and puts them in order. Anybody may open sockets by the thousand, with
/// long names: that must not make the whole listing fail.
pub fn fit(listeners: impl ExactSizeIterator<Item = Listener>) -> Listing {
    let total = listeners.len();
    let mut left = usize::try_from(limits::RESPONSE_BYTES).unwrap_or(usize::MAX) - ENVELOPE;
    let mut kept: Vec<Listener> = listeners
        .map(shorten)
        .map_while(|(listener, size)| {
            left = left.checked_sub(size)?;
            Some(listener)
        })
        .collect();
    kept.sort_by_key(|listener| (listener.transport, listener.port, listener.bind));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boundary::{Response, codec},
        firewall::listener::{Bind, Process, Transport},
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
        let listing =
            fit((0..2_000).rev().map(|port| listener(port, 5, "/usr/sbin/nginx")).collect::<Vec<_>>().into_iter());
        assert_eq!((listing.listeners.len(), listing.omitted), (2_000, 0));
        assert!(listing.listeners.is_sorted_by_key(|listener| listener.port));
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
