//! A database with any number of rows of what was turned away, made by SQLite itself: the same rows each time.

use sqlx::SqliteConnection;

/// Fills the empty tables with `rows` rows spread over `seconds` up to the second `until` since 1970. Three sources and
/// two ports stand out, as on a real server; one rule lets in and logs.
pub async fn fill(connection: &mut SqliteConnection, rows: i64, seconds: i64, until: i64) {
    for statement in [
        "insert into blocked_line (id, line) values (1, 'default-in'), (2, 'ban'), (3, 'deny-list'), (4, 'r7'), (5, 'r9')",
        "insert into blocked_receipt (id, line, revision, action) values
             (1, 1, 41, 'drop'), (2, 2, 41, 'drop'), (3, 3, 41, 'drop'), (4, 4, 40, 'reject'), (5, 5, 41, 'allow')",
        "insert into blocked_interface (id, name) values (1, 'eth0'), (2, 'wg0')",
        "with recursive door (id) as (select 1 union all select id + 1 from door where id < 2000)
         insert into blocked_door (id, receipt, family, protocol, port, destination, incoming, outgoing, last_day)
         select id, case when id <= 2 then 1 else 1 + id % 5 end, 4, case when id % 9 = 0 then 17 else 6 end,
             case id when 1 then 22 when 2 then 23 else (id * 31) % 65536 end, x'c0000207', 1 + (id % 40 = 0), 0, 0
         from door",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.expect("a statement");
    }
    sqlx::query(
        "with recursive row (n) as (select 1 union all select n + 1 from row where n < ?1)
         insert into blocked (id, door, source, source_port, count, span)
         select ((?3 - ?2 + n * ?2 / (?1 + 1)) << 16) | (n & 65535),
             case when n % 3 = 0 then 1 when n % 5 = 0 then 2 else 3 + (n * 7919) % 1998 end,
             case when n % 2 = 0 then unhex(printf('cb0071%02x', n % 3)) else unhex(printf('%08x', 16777216 + (n * 2654435761) % 200003 * 16411)) end,
             40000 + n % 20000, case when n % 11 = 0 then 6 else 1 end, 0
         from row",
    )
    .bind(rows)
    .bind(seconds)
    .bind(until)
    .execute(&mut *connection)
    .await
    .expect("rows");
    for statement in [
        "insert into blocked_hour select (id >> 16) / 3600, door, sum(count), count(*) from blocked group by 1, 2",
        "insert into blocked_day select hour / 24, door, sum(packets), sum(entries) from blocked_hour group by 1, 2",
        "insert into blocked_source_hour
         select (blocked.id >> 16) / 3600, source, sum(count * (action <> 'allow')), sum(count * (action = 'allow'))
         from blocked join blocked_door on blocked_door.id = door join blocked_receipt on blocked_receipt.id = receipt
         group by 1, 2",
        "insert into blocked_source_day select hour / 24, source, sum(packets), sum(allowed) from blocked_source_hour group by 1, 2",
        "insert into blocked_minute
         select (blocked.id >> 16) / 60, line, sum(count), 0
         from blocked join blocked_door on blocked_door.id = door join blocked_receipt on blocked_receipt.id = receipt
         group by 1, 2",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.expect("a roll-up");
    }
}
