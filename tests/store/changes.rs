//! Write transactions and the audit log.

use portreeve::{
    firewall::Moment,
    store::{Actor, DATABASE_FILE, Entry, Error, NewUser, PasswordHash, Role, Store, Theme, UserName, Verb},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const NOW: Moment = Moment::from_millis(1_800_000_000_000);

async fn opened() -> (TempDir, Store) {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    (state, store)
}

async fn connect(state: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE));
    SqliteConnection::connect_with(&options).await.expect("a database")
}

async fn count(state: &TempDir) -> (i64, i64) {
    let counts = sqlx::query_as("select (select count(*) from user), (select count(*) from audit)");
    counts.fetch_one(&mut connect(state).await).await.expect("two counts")
}

async fn insert_user(store: &Store, name: &str, commit: bool) -> Result<(), Error> {
    let mut tx = store.write(Actor::System, NOW).await?;
    let name = UserName::parse(name).expect("a name");
    let password_hash = &PasswordHash::new("$argon2id$x".to_owned());
    tx.insert_user(&NewUser { name: &name, password_hash, role: Role::Viewer }).await?;
    if commit { tx.commit(Entry::done(Verb::CreateFirstAccount, name.as_str())).await } else { Ok(()) }
}

#[tokio::test]
async fn a_change_that_is_dropped_never_happened() {
    let (state, store) = opened().await;
    insert_user(&store, "anna", false).await.unwrap();
    assert_eq!(count(&state).await, (0, 0));
    insert_user(&store, "anna", true).await.unwrap();
    assert_eq!(count(&state).await, (1, 1));
}

#[tokio::test]
async fn a_change_whose_audit_row_can_not_be_written_never_happened() {
    let (state, store) = opened().await;
    sqlx::query("create trigger no_audit before insert on audit begin select raise(abort, 'no'); end")
        .execute(&mut connect(&state).await)
        .await
        .unwrap();
    assert!(insert_user(&store, "anna", true).await.is_err());
    assert_eq!(count(&state).await, (0, 0));
}

#[tokio::test]
async fn a_change_that_meets_no_row_is_an_error() {
    let (_state, store) = opened().await;
    insert_user(&store, "anna", true).await.unwrap();
    let mut tx = store.write(Actor::System, NOW).await.unwrap();
    let anna = tx.find_user(&UserName::parse("anna").unwrap()).await.unwrap().unwrap();
    tx.set_theme(anna.id, Theme::Light).await.unwrap();
    tx.delete_sessions(anna.id, 0).await.unwrap();
    drop(tx);
    let (_other_state, other) = opened().await;
    let mut tx = other.write(Actor::System, NOW).await.unwrap();
    assert!(matches!(tx.set_theme(anna.id, Theme::Light).await, Err(Error::RowsAffected { expected: 1, actual: 0 })));
}

#[tokio::test]
async fn names_that_differ_in_case_are_one_name() {
    let (state, store) = opened().await;
    insert_user(&store, "anna", true).await.unwrap();
    assert!(insert_user(&store, "ANNA", true).await.is_err());
    assert_eq!(count(&state).await, (1, 1));
}

#[tokio::test]
async fn writers_take_turns() {
    let (state, store) = opened().await;
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { insert_user(&store, &format!("user{number}"), true).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(count(&state).await, (20, 20));
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let (state, store) = opened().await;
    insert_user(&store, "anna", true).await.unwrap();
    let mut connection = connect(&state).await;
    for tampering in [
        "update audit set subject = 'ben'",
        "delete from audit",
        "insert or replace into audit select * from audit",
        "update or replace audit set id = 2",
    ] {
        let error = sqlx::query(tampering).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{tampering}: {error}");
    }
}
