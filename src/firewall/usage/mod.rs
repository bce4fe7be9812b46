//! Who uses the ports that listen: now, and on each of the last days.
//!
//! Everything here is bounded, because strangers decide how many of them come and local users how many ports there are:
//! of each port the first so many peers are named and the others counted.

mod connections;
mod days;
mod news;
mod tally;

pub use connections::{Connected, Connections, Coverage, Guest, Sample};
pub use days::{DayUse, PortUse, PortUses, day_of};
pub use news::{ListenerNews, SeenListener, Standing, remembered_as};
pub use tally::{Noted, Tally};

use super::listener::Transport;

/// A port of a transport, as a key: TCP before UDP, low numbers first.
pub type Key = (Transport, u16);

/// Of so many peers of a port the addresses are kept, of one look and of one day each.
pub const MOST_PEERS: usize = 1_000;

/// Of so many peers the addresses are kept in all.
pub const MOST_PEERS_IN_ALL: usize = 10_000;

/// So many ports are watched, the lowest ones: strangers' services have low numbers.
pub const MOST_PORTS: usize = 2_000;

/// So many days are remembered.
pub const MOST_DAYS: i64 = 30;
