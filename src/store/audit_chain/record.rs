//! A record of the audit log as it is hashed: every column, in an encoding that no two different records share.

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use crate::store::Error;

/// Sets these hashes apart from any other use of SHA-256.
const DOMAIN: &[u8] = b"portreeve audit record 1\n";

/// All of a record, with its link where it has one.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub(super) struct Record {
    pub(super) id: i64,
    at: i64,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: Option<String>,
    address: Option<String>,
    strength: String,
    pub(super) verb: String,
    subject: String,
    detail: String,
    before_value: Option<String>,
    after_value: Option<String>,
    outcome: String,
    pub(super) hash: Option<Vec<u8>>,
}

/// Up to `most` records above a number, the oldest first.
pub(super) async fn list(connection: &mut SqliteConnection, above: i64, most: i64) -> Result<Vec<Record>, Error> {
    let rows = sqlx::query_as(
        "select audit.id, at, actor_kind, actor_id, actor_name, address, strength, verb, subject, detail, before_value,
                after_value, outcome, hash
         from audit left join audit_link on audit_link.id = audit.id
         where audit.id > ? order by audit.id limit ?",
    );
    Ok(rows.bind(above).bind(most).fetch_all(connection).await?)
}

impl Record {
    /// The record's link, after the one before.
    pub(super) fn link(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(DOMAIN);
        hash.update(before);
        hash.update(self.id.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        match self.actor_id {
            None => hash.update([0]),
            Some(id) => {
                hash.update([1]);
                hash.update(id.to_be_bytes());
            }
        }
        self.texts().into_iter().for_each(|text| absorb(&mut hash, text));
        hash.finalize().into()
    }

    fn texts(&self) -> [Option<&str>; 10] {
        [
            Some(&self.actor_kind),
            self.actor_name.as_deref(),
            self.address.as_deref(),
            Some(&self.strength),
            Some(&self.verb),
            Some(&self.subject),
            Some(&self.detail),
            self.before_value.as_deref(),
            self.after_value.as_deref(),
            Some(&self.outcome),
        ]
    }
}

/// A text goes in with its length, so that nothing can move from one column into the next; one that is missing isn't
/// one that is empty.
fn absorb(hash: &mut Sha256, text: Option<&str>) {
    let Some(text) = text else { return hash.update([0]) };
    hash.update([1]);
    hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::AuditHead;

    #[test]
    fn every_column_and_the_link_before_decide() {
        let text = || "x".to_owned();
        let some = || Some(text());
        let base = Record { id: 1, ..Record::default() };
        let all = [
            base.clone(),
            Record { id: 2, ..base.clone() },
            Record { at: 1, ..base.clone() },
            Record { actor_kind: text(), ..base.clone() },
            Record { actor_id: Some(0), ..base.clone() },
            Record { actor_name: some(), ..base.clone() },
            Record { actor_name: Some(String::new()), ..base.clone() },
            Record { address: some(), ..base.clone() },
            Record { strength: text(), ..base.clone() },
            Record { verb: text(), ..base.clone() },
            Record { subject: text(), ..base.clone() },
            Record { detail: text(), ..base.clone() },
            Record { before_value: some(), ..base.clone() },
            Record { after_value: some(), ..base.clone() },
            Record { outcome: text(), ..base.clone() },
        ];
        let links: BTreeSet<[u8; 32]> = all.iter().map(|record| record.link(&[0; 32])).collect();
        assert_eq!(links.len(), all.len());
        assert!(!links.contains(&base.link(&[1; 32])));
    }

    #[test]
    fn nothing_moves_from_one_column_into_the_next() {
        let split = |subject: &str, detail: &str| Record {
            subject: subject.into(),
            detail: detail.into(),
            ..Record::default()
        };
        assert_ne!(split("ab", "c").link(&[0; 32]), split("a", "bc").link(&[0; 32]));
        assert_ne!(split("", "\u{1}").link(&[0; 32]), split("\u{1}", "").link(&[0; 32]));
    }

    #[test]
    fn the_encoding_stays_what_it_is() {
        let record =
            Record { id: 7, at: 1_800_000_000_000, actor_kind: "user".into(), actor_id: Some(1), ..Record::default() };
        let hex = AuditHead { id: 7, hash: record.link(&[0; 32]) }.hex();
        assert_eq!(hex, "a72c0c01f1fccd89875b8977ea47fb72b0e5c6e255b74f4855d3355febc124a6");
    }
}
