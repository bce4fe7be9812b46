//! What people wrote down about addresses.

use super::{Error, Store, WriteTx};
use crate::firewall::{AddressRange, Moment, Text};

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressNote {
    /// About whom.
    pub addresses: AddressRange,
    /// What it says.
    pub note: Text,
    /// When it was written.
    pub at: Moment,
    /// By whom.
    pub by: String,
}

#[derive(sqlx::FromRow)]
struct AddressNoteRow {
    addresses: String,
    note: String,
    at: i64,
    by: String,
}

impl TryFrom<AddressNoteRow> for AddressNote {
    type Error = Error;

    fn try_from(row: AddressNoteRow) -> Result<Self, Error> {
        let wrong = |column| Error::Inconsistent { table: "address_note", column };
        Ok(Self {
            addresses: AddressRange::parse(&row.addresses).map_err(|_| wrong("addresses"))?,
            note: Text::parse(&row.note).map_err(|_| wrong("note"))?,
            at: Moment::from_millis(row.at),
            by: row.by,
        })
    }
}

impl Store {
    /// Lists all notes. There are never more than [`WriteTx::set_address_note`] lets in.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_address_notes(&self) -> Result<Vec<AddressNote>, Error> {
        let rows: Vec<AddressNoteRow> =
            sqlx::query_as("select addresses, note, at, by from address_note order by addresses")
                .fetch_all(&self.readers)
                .await?;
        rows.into_iter().map(AddressNote::try_from).collect()
    }
}

impl WriteTx {
    /// Keeps a note, in the place of one about the same addresses. False when there are `most` others.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_address_note(&mut self, note: &AddressNote, most: u32) -> Result<bool, Error> {
        let result = sqlx::query(
            "insert into address_note (addresses, note, at, by)
             select ?1, ?2, ?3, ?4 where (select count(*) from address_note where addresses <> ?1) < ?5
             on conflict (addresses) do update set note = excluded.note, at = excluded.at, by = excluded.by",
        )
        .bind(note.addresses.to_string())
        .bind(note.note.as_str())
        .bind(note.at.as_millis())
        .bind(&note.by)
        .bind(most)
        .execute(self.connection())
        .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Removes a note; false when there is none about exactly these addresses.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_address_note(&mut self, addresses: AddressRange) -> Result<bool, Error> {
        let result = sqlx::query("delete from address_note where addresses = ?")
            .bind(addresses.to_string())
            .execute(self.connection())
            .await?;
        Ok(result.rows_affected() == 1)
    }
}
