//! The database, with real files.

mod blocked;
mod changes;
mod command_line;
mod faults;
mod files;
mod line_hits;
mod migrations;
mod statements;
