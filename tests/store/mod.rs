//! The database, with real files.

mod audit_chain;
mod blocked;
mod blocked_query;
pub mod blocked_sample;
mod changes;
mod command_line;
mod faults;
mod files;
mod line_hits;
mod migrations;
mod port_use;
mod seen_listeners;
mod statements;
