//! The chain through the audit log, attacked by who owns the file: he drops the triggers first.

use portreeve::{
    firewall::Moment,
    store::{Actor, AuditHead, AuditReport, Broken, DATABASE_FILE, Entry, Store, Verb, verify_audit},
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const NOW: Moment = Moment::from_millis(1_800_000_000_000);

/// A database with records 1 to 6 in its log.
async fn written() -> (TempDir, Store) {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    for number in 1..=6 {
        write(&store, &format!("record {number}")).await;
    }
    (state, store)
}

async fn write(store: &Store, subject: &str) {
    let tx = store.write(Actor::Console { uid: 0 }, NOW).await.expect("a turn");
    tx.commit(Entry::done(Verb::EditDraft, subject).with_change("old", "new")).await.expect("a record");
}

async fn connect(state: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE)).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.expect("a database")
}

async fn run(state: &TempDir, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connect(state).await).await.expect("statements");
}

const WITHOUT_TRIGGERS: &str = "
    drop trigger audit_rows_are_not_updated; drop trigger audit_rows_are_not_deleted;
    drop trigger audit_rows_are_not_replaced; drop trigger audit_links_are_not_updated;
    drop trigger audit_links_are_not_deleted; drop trigger audit_links_are_not_replaced;";

async fn verify(state: &TempDir, logged: &[AuditHead]) -> AuditReport {
    verify_audit(state.path(), logged).await.expect("a report")
}

async fn head(state: &TempDir) -> AuditHead {
    verify(state, &[]).await.head.expect("a head")
}

/// What is found after an attack, and how many records hold.
async fn found_after(attack: &str) -> (Option<Broken>, i64) {
    let (state, _store) = written().await;
    assert_eq!(verify(&state, &[]).await.broken, None);
    run(&state, &format!("{WITHOUT_TRIGGERS} {attack}")).await;
    let report = verify(&state, &[]).await;
    (report.broken, report.records)
}

#[tokio::test]
async fn what_portreeve_writes_holds_and_every_link_depends_on_the_one_before() {
    let (state, store) = written().await;
    let (report, fresh) = (verify(&state, &[]).await, store.verify_audit().await.unwrap());
    assert_eq!((report.records, report.taken_in, report.broken), (6, 0, None));
    assert_eq!(report, fresh);
    let earlier = head(&state).await;
    write(&store, "record 7").await;
    assert_ne!(head(&state).await.hash, earlier.hash);
    assert_eq!(verify(&state, &[earlier, head(&state).await]).await.broken, None);
}

#[tokio::test]
async fn every_column_that_is_changed_is_found() {
    for set in [
        "at = at + 1",
        "actor_kind = 'system'",
        "actor_id = 1",
        "actor_id = null",
        "actor_name = 'ben'",
        "address = '192.0.2.1'",
        "strength = 'password'",
        "verb = 'apply'",
        "subject = ''",
        "detail = 'x'",
        "before_value = 'newer'",
        "after_value = null",
        "outcome = 'refused'",
    ] {
        let attack = format!("update audit set {set} where id = 3");
        assert_eq!(found_after(&attack).await, (Some(Broken::Changed { id: 3 }), 2), "{set}");
    }
    let link = "update audit_link set hash = zeroblob(32) where id = 3";
    assert_eq!(found_after(link).await, (Some(Broken::Changed { id: 3 }), 2));
}

#[tokio::test]
async fn removing_swapping_and_inserting_are_found() {
    let row = "delete from audit where id = 3;";
    let link = "delete from audit_link where id = 3;";
    let columns = "at, actor_kind, actor_id, actor_name, address, strength, verb, subject, detail, before_value, after_value, outcome";
    let move_up = "update audit set id = id + 100 where id >= 3; update audit set id = id - 99 where id > 100;
                   update audit_link set id = id + 100 where id >= 3; update audit_link set id = id - 99 where id > 100;";
    let close_gap = "update audit set id = id - 1 where id > 3; update audit_link set id = id - 1 where id > 3;";
    let forged = format!("insert into audit (id, {columns}) select 3, {columns} from audit where id = 2;");
    let swap = |table: &str| {
        format!(
            "update {table} set id = 103 where id = 3; update {table} set id = 3 where id = 4; update {table} set id = 4 where id = 103;"
        )
    };
    for (attack, found) in [
        (row.to_owned(), Broken::Removed { id: 3 }),
        (format!("{row} {link}"), Broken::Removed { id: 3 }),
        (format!("{row} {link} {close_gap}"), Broken::Changed { id: 3 }),
        (link.to_owned(), Broken::Added { id: 3 }),
        (swap("audit"), Broken::Changed { id: 3 }),
        (swap("audit") + &swap("audit_link"), Broken::Changed { id: 3 }),
        (format!("{move_up} {forged}"), Broken::Added { id: 3 }),
        (
            format!("{move_up} {forged} insert into audit_link select 3, hash from audit_link where id = 2"),
            Broken::Changed { id: 3 },
        ),
    ] {
        assert_eq!(found_after(&attack).await, (Some(found), 2), "{attack}");
    }
    let appended = format!("insert into audit ({columns}) select {columns} from audit where id = 2");
    assert_eq!(found_after(&appended).await, (Some(Broken::Added { id: 7 }), 6));
}

#[tokio::test]
async fn a_tail_that_is_cut_off_is_found_by_its_numbers_or_by_a_logged_head() {
    let cut = "delete from audit where id > 4; delete from audit_link where id > 4;";
    assert_eq!(found_after(cut).await, (Some(Broken::CutOff { id: 5 }), 4));
    let (state, store) = written().await;
    let logged = head(&state).await;
    run(&state, &format!("{WITHOUT_TRIGGERS} {cut} update sqlite_sequence set seq = 4 where name = 'audit'")).await;
    assert_eq!(verify(&state, &[]).await.broken, None, "only the log can tell");
    assert_eq!(verify(&state, &[logged]).await.broken, Some(Broken::CutOff { id: 5 }));
    write(&store, "another").await;
    write(&store, "yet another").await;
    assert_eq!(verify(&state, &[]).await.broken, None);
    assert_eq!(verify(&state, &[logged]).await.broken, Some(Broken::NotAsLogged { id: 6 }));
}

#[tokio::test]
async fn a_log_that_is_wiped_or_chained_anew_is_found() {
    let all = "delete from audit; delete from audit_link;";
    assert_eq!(found_after(all).await, (Some(Broken::CutOff { id: 1 }), 0));
    let (state, store) = written().await;
    let logged = head(&state).await;
    run(&state, &format!("{WITHOUT_TRIGGERS} update audit set subject = 'x' where id = 2; delete from audit_link"))
        .await;
    write(&store, "record 7").await;
    let report = verify(&state, &[]).await;
    assert_eq!((report.taken_in, report.broken), (6, None), "the records before aren't vouched for");
    assert_eq!(verify(&state, &[logged]).await.broken, Some(Broken::NotAsLogged { id: 6 }));
    run(&state, "delete from audit_link").await;
    write(&store, "record 9").await;
    assert_eq!(verify(&state, &[]).await.broken, Some(Broken::BegunAgain { id: 9 }));
}

#[tokio::test]
async fn the_links_only_grow() {
    let (state, _store) = written().await;
    for tampering in [
        "update audit_link set hash = zeroblob(32)",
        "delete from audit_link",
        "insert or replace into audit_link select * from audit_link",
        "update or replace audit_link set id = 2",
    ] {
        let error = sqlx::query(tampering).execute(&mut connect(&state).await).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{tampering}: {error}");
    }
}

#[tokio::test]
async fn two_programs_that_write_at_once_never_fork_the_chain() {
    let (state, store) = written().await;
    let other = Store::open(state.path()).await.unwrap();
    let writers: Vec<_> = (0..60)
        .map(|number| {
            let store = if number % 2 == 0 { store.clone() } else { other.clone() };
            tokio::spawn(async move { write(&store, &format!("writer {number}")).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = verify(&state, &[]).await;
    assert_eq!((report.records, report.broken), (66, None));
}

#[tokio::test]
async fn records_from_before_the_chain_are_taken_in_once() {
    let (state, store) = written().await;
    run(&state, &format!("{WITHOUT_TRIGGERS} delete from audit_link")).await;
    assert_eq!(verify(&state, &[]).await.broken, Some(Broken::Added { id: 1 }));
    write(&store, "the first of the new program").await;
    write(&store, "the second").await;
    let report = verify(&state, &[]).await;
    assert_eq!((report.records, report.taken_in, report.broken), (9, 6, None));
}
