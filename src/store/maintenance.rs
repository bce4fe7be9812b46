//! Looking after the file as a whole.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{Error, files, open};

/// Reads every page and index of the database in `state_dir` and gives a sentence for each fault, none when it is sound.
/// The panel may be running; the schema may be of any version.
///
/// # Errors
/// When there is no database, or it can't be read at all.
pub async fn check(state_dir: &Path) -> Result<Vec<String>, Error> {
    let mut connection = connect(state_dir).await?;
    let mut faults: Vec<String> =
        sqlx::query_scalar("select integrity_check from pragma_integrity_check where integrity_check <> 'ok'")
            .fetch_all(&mut connection)
            .await?;
    let orphans: Vec<String> = sqlx::query_scalar(
        "select 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" || ' refers to a row of ' || parent || ' that is missing'
         from pragma_foreign_key_check",
    )
    .fetch_all(&mut connection)
    .await?;
    faults.extend(orphans);
    connection.close().await?;
    Ok(faults)
}

/// Writes a compact copy of the database in `state_dir` to `copy`, which must not exist, as of one moment. The panel
/// may be running.
///
/// # Errors
/// Leaves no copy behind.
pub async fn back_up(state_dir: &Path, copy: &Path) -> Result<(), Error> {
    let Some(text) = copy.to_str() else {
        return Err(Error::WrongKind { path: copy.to_owned(), expected: "path in UTF-8" });
    };
    let mut connection = connect(state_dir).await?;
    // SQLite fills a file that is there and empty; made by us it is private from its first byte.
    files::create_private(copy)?;
    let written = sqlx::query("vacuum into ?").bind(text).execute(&mut connection).await;
    if let Err(error) = written {
        std::fs::remove_file(copy).map_err(files::at(copy))?;
        return Err(error.into());
    }
    connection.close().await?;
    Ok(())
}

async fn connect(state_dir: &Path) -> Result<SqliteConnection, Error> {
    let path = files::existing(state_dir)?;
    Ok(open::options(&path).connect().await?)
}
