//! The database, with real files.

mod changes;
mod command_line;
mod faults;
mod files;
mod migrations;
mod statements;
