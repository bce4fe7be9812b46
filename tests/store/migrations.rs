//! Every migration is applied to a database of every earlier version that holds data.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use portreeve::store::{AddressPrefix, DATABASE_FILE, Role, Store, Theme, UserName};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn names(name: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(name)).expect("a folder of migrations");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect()
}

fn sample(version: i64) -> String {
    let start = format!("{version:04}_");
    let name = names("tests/store/data").into_iter().find(|name| name.starts_with(&start)).expect("sample data");
    fs::read_to_string(folder("tests/store/data").join(name)).expect("readable sample data")
}

async fn connect(state: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(state.join(DATABASE_FILE)).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.expect("a database")
}

/// How many rows each table holds.
async fn rows(connection: &mut SqliteConnection) -> Vec<(String, i64)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_schema where type = 'table' and name not like '%sqlx%' order by name",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("tables");
    let mut counts = Vec::new();
    for table in tables {
        let count = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from \"{table}\"")));
        counts.push((table, count.fetch_one(&mut *connection).await.expect("a count")));
    }
    counts
}

#[test]
fn each_migration_has_sample_data_and_a_number_of_its_own() {
    assert_eq!(names("migrations"), names("tests/store/data"));
    for (name, number) in names("migrations").iter().zip(1..) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not number {number}");
    }
}

#[tokio::test]
async fn a_database_of_every_version_moves_forward_and_keeps_its_rows() {
    let migrator = Migrator::new(folder("migrations")).await.unwrap();
    let versions: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
    for (index, start) in versions.iter().enumerate() {
        let state = tempfile::tempdir().unwrap();
        let mut connection = connect(state.path()).await;
        migrator.run_to(*start, &mut connection).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sample(*start))).execute(&mut connection).await.unwrap();
        let before = rows(&mut connection).await;
        assert!(before.iter().all(|(_, count)| *count > 0), "sample {start} leaves a table empty: {before:?}");
        for next in &versions[index + 1..] {
            migrator.run_to(*next, &mut connection).await.unwrap();
        }
        let after = rows(&mut connection).await;
        assert!(before.iter().all(|row| after.contains(row)), "{before:?} became {after:?}");
        let orphans = sqlx::query("pragma foreign_key_check").fetch_all(&mut connection).await.unwrap();
        assert!(orphans.is_empty());
        connection.close().await.unwrap();
        assert_understood(state.path()).await;
    }
}

async fn assert_understood(state: &Path) {
    let store = Store::open(state).await.expect("a database");
    let from = AddressPrefix::of("2001:db8::99".parse().expect("an address"));
    let find = async |name| {
        let name = UserName::parse(name).expect("a name");
        store.find_credentials(&name, from).await.expect("a database").expect("a user")
    };
    let (anna, ben) = (find("Anna").await, find("ben").await);
    assert_eq!((anna.user.role, anna.user.theme), (Role::Administrator, Theme::Dark));
    assert!(anna.last_signed_in_from_there_at.is_some());
    assert_eq!((ben.user.name.as_str(), ben.user.role), ("Ben", Role::Viewer));
    assert!(ben.last_signed_in_from_there_at.is_none());
    store.close().await;
}

#[tokio::test]
async fn the_tables_are_strict_and_refuse_what_the_program_never_writes() {
    let state = tempfile::tempdir().unwrap();
    Store::open(state.path()).await.unwrap().close().await;
    let mut connection = connect(state.path()).await;
    let tables = sqlx::query("select name, strict from pragma_table_list where schema = 'main' and type = 'table'");
    for table in tables.fetch_all(&mut connection).await.unwrap() {
        let (name, strict): (String, i64) = (table.get(0), table.get(1));
        assert!(strict == 1 || name.starts_with("sqlite_") || name == "_sqlx_migrations", "{name} is not strict");
    }
    for wrong in [
        "insert into user values (1, 'anna', 'secret', 'administrator', 'dark', 1, 1, null, 0)",
        "insert into user values (1, 'anna', '$argon2id$x', 'root', 'dark', 1, 1, null, 0)",
        "insert into session values (1, zeroblob(32), 99, 1, 1, 1, '', '', 0, 0)",
        "insert into session values (1, 'short', 1, 1, 1, 1, '', '', 0, 0)",
        "insert into setup_token values (2, zeroblob(32), 1)",
    ] {
        assert!(sqlx::query(wrong).execute(&mut connection).await.is_err(), "{wrong}");
    }
}
