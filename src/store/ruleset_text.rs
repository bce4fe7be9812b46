//! A ruleset as it is stored: JSON without the entries of lists, and those by the SHA-256 of their content, so that a
//! list of a million addresses is stored once for all revisions that have it.

use std::{collections::BTreeMap, fmt::Write};

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::Error;
use crate::firewall::{List, ListName, Ruleset, list::Entry};

/// Both columns.
pub(super) struct RulesetText {
    pub ruleset: String,
    pub contents: String,
}

/// Stores the contents that are new and gives the columns for the rest. Ids of its rules are never given to others.
pub(super) async fn store(connection: &mut SqliteConnection, ruleset: &Ruleset) -> Result<RulesetText, Error> {
    let mut parts = ruleset.parts().clone();
    let mut contents = BTreeMap::new();
    for list in parts.lists.iter_mut().filter(|list| !list.entries.is_empty()) {
        let entries = json(&std::mem::take(&mut list.entries));
        let hash = hash(&entries);
        let insert = sqlx::query("insert into list_content (hash, entries) values (?, ?) on conflict do nothing");
        insert.bind(&hash).bind(&entries).execute(&mut *connection).await?;
        contents.insert(list.name.clone(), hash);
    }
    let highest = parts.rules.iter().map(|rule| rule.id.get()).max().unwrap_or(0);
    sqlx::query("update sequence set last = max(last, ?) where name = 'rule'")
        .bind(highest)
        .execute(connection)
        .await?;
    Ok(RulesetText { ruleset: json(&parts), contents: json(&contents) })
}

/// Puts a ruleset together again.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    text: &RulesetText,
    table: &'static str,
) -> Result<Ruleset, Error> {
    let wrong = |column| Error::Inconsistent { table, column };
    let ruleset: Ruleset = serde_json::from_str(&text.ruleset).map_err(|_| wrong("ruleset"))?;
    let contents: BTreeMap<ListName, String> = serde_json::from_str(&text.contents).map_err(|_| wrong("contents"))?;
    if contents.is_empty() {
        return Ok(ruleset);
    }
    let mut parts = ruleset.into_parts();
    for (name, hash) in contents {
        let entries: Option<String> = sqlx::query_scalar("select entries from list_content where hash = ?")
            .bind(hash)
            .fetch_optional(&mut *connection)
            .await?;
        let entries: Option<Vec<Entry>> = entries.and_then(|entries| serde_json::from_str(&entries).ok());
        let list: Option<&mut List> = parts.lists.iter_mut().find(|list| list.name == name);
        let (Some(list), Some(entries)) = (list, entries) else { return Err(wrong("contents")) };
        list.entries = entries;
    }
    Ruleset::try_from(parts).map_err(|_| wrong("ruleset"))
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("these values have a JSON form")
}

/// SHA-256 in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes every write");
        hex
    })
}
