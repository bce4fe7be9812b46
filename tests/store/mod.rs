//! The database, with real files.

mod statements;
