//! The real program: `portreeve serve` in a process of its own, over real sockets.

mod account;
mod certificate;
mod crowd;
mod draining;
mod first_run;
mod helper;
mod http2;
mod limits;
mod plain;
pub mod process;
mod reload;
mod seats;
mod secrets;
mod stopping;
mod tls;
