//! What can go wrong with the database, in sentences a person can act on.

use std::{io, path::PathBuf};

use sqlx::{migrate::MigrateError, sqlite::SqliteQueryResult};

/// Why the database could not be read or written. None of these changes what the firewall enforces.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A newer program wrote the file.
    #[error(
        "the database was written by a newer Portreeve (schema {found}, this program knows {known}): install that \
         version again, or put back a backup made before the upgrade"
    )]
    NewerSchema {
        /// The newest migration in the file.
        found: i64,
        /// The newest migration of this program.
        known: i64,
    },
    /// A migration in the file isn't the one of that number in this program.
    #[error(
        "migration {version} of the database is not the one this program was built with: install the version of \
         Portreeve that made the database, or put back a backup"
    )]
    AlteredSchema {
        /// The migration's number.
        version: i64,
    },
    /// Another connection holds the database.
    #[error(
        "the database is busy: try again in a moment; if it stays so, another program keeps it locked (an open sqlite3 \
         shell, a copying backup) and must be ended"
    )]
    Busy,
    /// The file system took no more bytes.
    #[error("the database can't grow: its disk is full. Free some space and try again")]
    DiskFull,
    /// The file system failed.
    #[error(
        "the database's disk fails to read or write: see the kernel's log (`dmesg`) for a failing disk, and whether a \
         quota of the panel's user is used up"
    )]
    DiskFault,
    /// The file isn't a sound SQLite database.
    #[error(
        "the database is damaged: stop the panel, keep a copy of the file for later, put back a backup and start \
         again; `portreeve database check` tells what is wrong"
    )]
    Corrupt,
    /// The file or its file system can't be written.
    #[error(
        "the database is read-only: the state directory and all in it must belong to the panel's user, and its file \
         system must be mounted for writing"
    )]
    ReadOnly,
    /// The file could not be opened.
    #[error("the database can't be opened: see that the state directory exists and belongs to the panel's user")]
    CannotOpen,
    /// Others could read the secrets in the state directory, and it isn't ours to close.
    #[error(
        "{} is open to other users and belongs to somebody else: give it to the panel's user with mode {mode:o}",
        path.display()
    )]
    Exposed {
        /// The file or directory.
        path: PathBuf,
        /// The mode it must have.
        mode: u32,
    },
    /// Something of the wrong kind lies in the place of the database or its directory.
    #[error("{} is not a {expected}: move it away", path.display())]
    WrongKind {
        /// What is there.
        path: PathBuf,
        /// What should be.
        expected: &'static str,
    },
    /// A file operation failed.
    #[error("{} can't be read or written", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A row holds what no version of this program writes.
    #[error(
        "the database holds a value that Portreeve never writes ({table}.{column}): it was edited by hand or is \
         damaged; put back a backup"
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A statement changed more or fewer rows than it must.
    #[error("the database changed under a running act, which was undone: try again")]
    RowsAffected {
        /// The number that had to change.
        expected: u64,
        /// The number that did.
        actual: u64,
    },
    /// Anything else SQLite or its driver says.
    #[error("the database could not carry out a statement")]
    Driver(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(inner) => {
                let code = inner.code().and_then(|code| code.parse().ok());
                code.and_then(from_code).unwrap_or(Self::Driver(error))
            }
            _ => Self::Driver(error),
        }
    }
}

/// Reads an extended result code, <https://www.sqlite.org/rescode.html>.
fn from_code(code: u32) -> Option<Error> {
    // Among the faults of the disk there is one that has but one cause: the `-shm` file finds no room to grow.
    const IOERR_SHMSIZE: u32 = 4874;
    if code == IOERR_SHMSIZE {
        return Some(Error::DiskFull);
    }
    match code & 0xff {
        5 | 6 => Some(Error::Busy),
        8 => Some(Error::ReadOnly),
        10 => Some(Error::DiskFault),
        11 | 26 => Some(Error::Corrupt),
        13 => Some(Error::DiskFull),
        14 => Some(Error::CannotOpen),
        _ => None,
    }
}

/// Reads why a migration failed; `known` is the newest this program has.
pub(super) fn from_migration(error: MigrateError, known: i64) -> Error {
    match error {
        MigrateError::VersionMissing(found) if found > known => Error::NewerSchema { found, known },
        MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
            Error::AlteredSchema { version }
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Error::Driver(sqlx::Error::Migrate(Box::new(other))),
    }
}

/// Turns a statement that changed an unexpected number of rows into an error, so that the transaction is dropped.
pub(super) fn ensure_affected(result: &SqliteQueryResult, expected: u64) -> Result<(), Error> {
    match result.rows_affected() {
        actual if actual == expected => Ok(()),
        actual => Err(Error::RowsAffected { expected, actual }),
    }
}
