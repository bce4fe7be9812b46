//! What really breaks: a damaged file, a full disk, a read-only one, a lock, a schema from the future.

use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};

use portreeve::{
    firewall::Moment,
    store::{self, Actor, DATABASE_FILE, Entry, Error, Store, TokenHash, Verb},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// A small file system of its own.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        run("mount", &["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"], folder.path());
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).expect("a file");
        while filler.write_all(&[0; 512]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).expect("the filler");
    }

    fn make_read_only(&self) {
        run("mount", &["-o", "remount,ro"], self.path());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["--lazy"], self.folder.path());
    }
}

#[expect(clippy::disallowed_methods, reason = "a test mounts a file system of its own")]
fn run(program: &str, arguments: &[&str], folder: &Path) {
    let status = Command::new(program).args(arguments).arg(folder).status().expect("a program");
    assert!(status.success(), "{program} {arguments:?} failed");
}

/// Makes a change that needs room.
async fn act(store: &Store) -> Result<(), Error> {
    let mut tx = store.write(Actor::System, Moment::from_millis(1_800_000_000_000)).await?;
    tx.set_setup_token(&TokenHash::new([7; 32])).await?;
    tx.commit(Entry::done(Verb::IssueSetupToken, "x").with_detail("x".repeat(20_000))).await
}

async fn connect(state: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(state.join(DATABASE_FILE));
    SqliteConnection::connect_with(&options).await.expect("a database")
}

async fn used() -> TempDir {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    for _ in 0..20 {
        act(&store).await.expect("a change");
    }
    store.close().await;
    state
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    let disk = SmallDisk::new();
    let store = Store::open(disk.path()).await.unwrap();
    act(&store).await.unwrap();
    disk.fill();
    let mut outcome = Ok(());
    while outcome.is_ok() {
        outcome = act(&store).await;
    }
    assert!(matches!(outcome, Err(Error::DiskFull)), "{outcome:?}");
    assert!(store.is_setup_token(&TokenHash::new([7; 32])).await.unwrap(), "what was written can be read");
    disk.make_room();
    act(&store).await.unwrap();
    store.close().await;
    assert_eq!(store::check(disk.path()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_disk_too_full_to_begin_is_said() {
    let disk = SmallDisk::new();
    disk.fill();
    let outcome = Store::open(disk.path()).await;
    assert!(matches!(outcome, Err(Error::DiskFull)), "{outcome:?}");
}

#[tokio::test]
async fn a_read_only_disk_is_said() {
    let disk = SmallDisk::new();
    Store::open(disk.path()).await.unwrap().close().await;
    disk.make_read_only();
    let outcome = Store::open(disk.path()).await;
    assert!(matches!(outcome, Err(Error::ReadOnly)), "{outcome:?}");
}

#[tokio::test]
async fn a_damaged_file_is_said() {
    let state = used().await;
    let file = state.path().join(DATABASE_FILE);
    let length = fs::metadata(&file).unwrap().len();
    let mut damaged = OpenOptions::new().write(true).open(&file).unwrap();
    damaged.seek(SeekFrom::Start(4096)).unwrap();
    damaged.write_all(&vec![0xa5; usize::try_from(length).unwrap() - 4096]).unwrap();
    drop(damaged);
    let outcome = async { act(&Store::open(state.path()).await?).await }.await;
    assert!(matches!(outcome, Err(Error::Corrupt)), "{outcome:?}");
    let faults = store::check(state.path()).await;
    assert!(matches!(&faults, Err(Error::Corrupt)) || faults.is_ok_and(|faults| !faults.is_empty()));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said() {
    let state = tempfile::tempdir().unwrap();
    fs::write(state.path().join(DATABASE_FILE), "Dear diary, ".repeat(1000)).unwrap();
    let outcome = Store::open(state.path()).await;
    assert!(matches!(outcome, Err(Error::Corrupt)), "{outcome:?}");
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_left_alone() {
    let state = used().await;
    sqlx::query("insert into _sqlx_migrations values (9999, 'future', 0, true, x'00', 0)")
        .execute(&mut connect(state.path()).await)
        .await
        .unwrap();
    let error = Store::open(state.path()).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 9999, .. }), "{error:?}");
    assert!(error.to_string().contains("newer Portreeve (schema 9999"));
    let versions: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations where version = 9999")
        .fetch_one(&mut connect(state.path()).await)
        .await
        .unwrap();
    assert_eq!(versions, 1);
}

#[tokio::test]
async fn a_database_of_a_different_build_is_refused() {
    let state = used().await;
    sqlx::query("update _sqlx_migrations set checksum = x'00' where version = 1")
        .execute(&mut connect(state.path()).await)
        .await
        .unwrap();
    let outcome = Store::open(state.path()).await;
    assert!(matches!(outcome, Err(Error::AlteredSchema { version: 1 })), "{outcome:?}");
}

#[tokio::test]
async fn a_database_that_another_program_locks_is_busy_and_then_free_again() {
    let state = used().await;
    let store = Store::open(state.path()).await.unwrap();
    let mut other = connect(state.path()).await;
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    assert!(matches!(act(&store).await, Err(Error::Busy)));
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    act(&store).await.unwrap();
}

#[tokio::test]
async fn a_value_nobody_wrote_is_said() {
    let state = used().await;
    let store = Store::open(state.path()).await.unwrap();
    sqlx::query("insert into user values (1, '1 Anna', '$argon2id$x', 'viewer', 'dark', 1, 1, null, 0)")
        .execute(&mut connect(state.path()).await)
        .await
        .unwrap();
    sqlx::query("insert into session values (1, zeroblob(32), 1, 1, 1, 1, '', '', 0, 0)")
        .execute(&mut connect(state.path()).await)
        .await
        .unwrap();
    let outcome = store.find_session(&TokenHash::new([0; 32])).await;
    assert!(matches!(outcome, Err(Error::Inconsistent { table: "user", column: "name" })), "{outcome:?}");
}
