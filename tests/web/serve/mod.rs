//! The real program: `portreeve serve` in a process of its own, over real sockets.

mod certificate;
mod draining;
mod first_run;
mod helper;
mod http2;
mod limits;
mod plain;
pub mod process;
mod seats;
mod stopping;
mod tls;
