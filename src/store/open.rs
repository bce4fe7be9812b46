//! Opening the database: files, connections, schema.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Error, Upkeep, error, files};

static MIGRATOR: Migrator = sqlx::migrate!();

/// How long a statement waits for a lock, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that only read, opened when needed and closed when idle.
const READERS: u32 = 4;

/// The database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

impl Store {
    /// Opens the database in `state_dir` and brings its schema forward. Makes directory and file, readable by nobody
    /// else, where they are missing.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] leaves the file as it was; so does every other error.
    pub async fn open(state_dir: &Path) -> Result<Self, Error> {
        let path = files::prepare(state_dir)?;
        let writer = connect_writer(&path).await?;
        let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
        MIGRATOR.run(&writer).await.map_err(|error| error::from_migration(error, newest))?;
        Ok(Self { writer, readers: readers(&path) })
    }

    /// The work on the database that nobody does in anybody's name.
    #[must_use]
    pub const fn upkeep(&self) -> Upkeep<'_> {
        Upkeep::new(self)
    }

    /// Closes all connections and folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// `synchronous = full`: in WAL mode `normal` survives a power cut undamaged but may lose the last commits. Then a session
/// that was ended lives again, a changed password is the old one, and the audit log lacks what was done. At the few
/// writes a panel makes, one `fsync` each is a small price.
async fn connect_writer(path: &Path) -> Result<SqlitePool, Error> {
    let options = options(path).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .after_release(|connection, _| Box::pin(is_clean(connection)));
    Ok(pool.connect_with(options).await?)
}

/// Whether the next change can use the connection. When SQLite itself rolls a change back, because the disk is full for
/// one, the driver goes on believing that the change is open; such a connection is closed and a new one made.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The roll-back of a dropped change is only queued yet; the ping comes after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(Duration::from_mins(1))
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options(path).read_only(true))
}

/// What both kinds of connection share. 512 KiB of page cache each, because the whole database is seldom larger and an
/// idle panel should stay small; the kernel caches the rest.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("cache_size", "-512")
        .pragma("temp_store", "memory")
        .pragma("trusted_schema", "off")
}
