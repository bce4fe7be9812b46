//! Who is connected to this host, by the kernel's list of sockets and by what it tells of connections that end.
//!
//! Both need no privilege, but new sockets: they are opened before the panel gives up making any, and kept.

mod ended;
mod look;

pub use ended::{Ended, Told};
pub use look::Look;
