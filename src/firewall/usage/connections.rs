//! Who is connected, as of one look at the host's sockets.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use super::{Key, MOST_PEERS, MOST_PEERS_IN_ALL, MOST_PORTS};
use crate::firewall::{AddressPrefix, AddressRange, Moment, listener::Transport};

/// Who is connected to the ports of the host. What is forwarded to a container isn't a socket of the host and not here.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    /// What the last look found.
    pub sample: Sample,
    /// When that was; none before the first.
    pub taken_at: Option<Moment>,
    /// Why the latest look failed; none when it didn't. The rest is then what the one before found.
    pub fault: Option<String>,
    /// What may have been missed.
    pub coverage: Coverage,
}

/// What is known of connections that end between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// The kernel tells of each TCP connection that ends.
    Every,
    /// Nothing: only what a look finds is seen.
    Samples {
        /// From one look to the next.
        seconds: u64,
    },
}

/// What one look found.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    ports: BTreeMap<Key, Seen>,
    named: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    connected: Connected,
    /// Who is connected or was a short while ago.
    pub(super) came: BTreeSet<AddressPrefix>,
    /// Whether somebody came who isn't among them.
    pub(super) more_came: bool,
}

/// Who is connected to one port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connected {
    /// The peers, each with the number of its connections. Beyond [`MOST_PEERS`] they aren't named.
    pub peers: BTreeMap<IpAddr, u64>,
    /// All connections.
    pub connections: u64,
    /// The connections of peers that aren't named.
    pub unnamed: u64,
}

/// What some addresses are connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guest {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// How many of the addresses.
    pub addresses: usize,
    /// How many connections they have.
    pub connections: u64,
}

impl Connections {
    /// The ports that some addresses are connected to, as far as they are named.
    #[must_use]
    pub fn of(&self, addresses: AddressRange) -> Vec<Guest> {
        let guest = |(key, seen): (&Key, &Seen)| {
            let inside = seen.connected.peers.iter().filter(|(peer, _)| addresses.contains(**peer));
            let (number, connections) = inside.fold((0, 0), |(number, sum), (_, own)| (number + 1, sum + own));
            (number > 0).then_some(Guest { port: key.1, transport: key.0, addresses: number, connections })
        };
        self.sample.ports.iter().filter_map(guest).collect()
    }

    /// Whether somebody is connected who isn't named.
    #[must_use]
    pub fn has_unnamed(&self) -> bool {
        self.sample.ports.values().any(|seen| seen.connected.unnamed > 0)
    }

    /// Who is connected to a port; none when nothing listens there or nobody looked yet.
    #[must_use]
    pub fn at(&self, port: u16, transport: Transport) -> Option<&Connected> {
        self.sample.ports.get(&(transport, port)).map(|seen| &seen.connected)
    }
}

impl Coverage {
    /// What may have been missed, as a sentence.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Every => "Every TCP connection counts, however short.".to_owned(),
            Self::Samples { seconds } => {
                format!("Seen in samples every {seconds} s: a shorter connection may be missing.")
            }
        }
    }
}

impl Default for Coverage {
    fn default() -> Self {
        Self::Samples { seconds: 30 }
    }
}

impl Sample {
    /// Notes that a port accepts, if there is room for it. Whoever comes to other ports isn't noted.
    pub fn listen(&mut self, transport: Transport, port: u16) {
        self.ports.entry((transport, port)).or_default();
        if self.ports.len() > MOST_PORTS {
            self.ports.pop_last();
        }
    }

    /// Whether a port is noted as accepting.
    #[must_use]
    pub fn listens(&self, transport: Transport, port: u16) -> bool {
        self.ports.contains_key(&(transport, port))
    }

    /// Notes a connection that is open.
    pub fn open(&mut self, transport: Transport, port: u16, peer: IpAddr) {
        let Some(seen) = self.ports.get_mut(&(transport, port)) else { return };
        let peer = peer.to_canonical();
        let has_room = self.named < MOST_PEERS_IN_ALL;
        self.named += usize::from(seen.connected.add(peer, has_room));
        seen.come(peer);
    }

    /// Notes a connection that is over, or about to be.
    pub fn over(&mut self, transport: Transport, port: u16, peer: IpAddr) {
        if let Some(seen) = self.ports.get_mut(&(transport, port)) {
            seen.come(peer);
        }
    }

    /// The same ports, to which nobody came.
    #[must_use]
    pub fn without_peers(&self) -> Self {
        Self { ports: self.ports.keys().map(|key| (*key, Seen::default())).collect(), named: 0 }
    }

    /// The ports and who came to them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, &Seen)> {
        self.ports.iter().map(|(key, seen)| (*key, seen))
    }
}

impl Connected {
    /// Says whether the peer is newly named.
    fn add(&mut self, peer: IpAddr, has_room: bool) -> bool {
        self.connections += 1;
        if let Some(connections) = self.peers.get_mut(&peer) {
            *connections += 1;
            return false;
        }
        let is_named = has_room && self.peers.len() < MOST_PEERS;
        if is_named {
            self.peers.insert(peer, 1);
        } else {
            self.unnamed += 1;
        }
        is_named
    }
}

impl Seen {
    fn come(&mut self, peer: IpAddr) {
        let peer = AddressPrefix::of(peer);
        if self.came.len() < MOST_PEERS {
            self.came.insert(peer);
        } else {
            self.more_came |= !self.came.contains(&peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from(number).into()
    }

    #[test]
    fn peers_and_their_connections_are_counted_where_somebody_listens() {
        let mut sample = Sample::default();
        sample.listen(Transport::Tcp, 443);
        for peer in ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::2"] {
            sample.open(Transport::Tcp, 443, peer.parse().unwrap());
            sample.open(Transport::Tcp, 40_000, peer.parse().unwrap());
        }
        sample.over(Transport::Tcp, 443, "192.0.2.9".parse().unwrap());
        let connections = Connections { sample, ..Connections::default() };
        let connected = connections.at(443, Transport::Tcp).unwrap();
        assert_eq!((connected.connections, connected.peers.len(), connected.unnamed), (4, 3, 0));
        assert_eq!(connected.peers[&"192.0.2.1".parse::<IpAddr>().unwrap()], 2);
        assert_eq!(connections.at(40_000, Transport::Tcp), None);
        assert_eq!(connections.sample.ports[&(Transport::Tcp, 443)].came.len(), 3);
    }

    #[test]
    fn a_crowd_is_counted_and_only_its_first_are_named() {
        let mut sample = Sample::default();
        for port in (1..5_000).rev() {
            sample.listen(Transport::Tcp, port);
        }
        assert!(sample.listens(Transport::Tcp, 1) && !sample.listens(Transport::Tcp, 2_001));
        for port in 1..=20 {
            for number in 0..5_000 {
                sample.open(Transport::Tcp, port, address(number));
            }
        }
        assert_eq!((sample.ports.len(), sample.named), (MOST_PORTS, MOST_PEERS_IN_ALL));
        let seen = |port| &sample.ports[&(Transport::Tcp, port)];
        assert_eq!((seen(1).connected.connections, seen(1).connected.unnamed), (5_000, 4_000));
        assert_eq!((seen(20).connected.connections, seen(20).connected.unnamed), (5_000, 5_000));
        assert!(seen(20).came.len() == MOST_PEERS && seen(20).more_came);
    }
}
