//! What was closed, and how it was before: on disk before anything is done, and for as long as it isn't opened again.

use serde::{Deserialize, Serialize};

use crate::{
    boundary::{Refusal, limits},
    firewall::unit::{FormerState, UnitLevel, UnitName, UnitRecord},
    helper::{
        clock,
        keeper::{Name, StateDir},
    },
};

/// The records of the state directory.
pub struct Records(StateDir);

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    newest: u64,
    records: Vec<UnitRecord>,
}

impl Records {
    /// Nothing is read yet.
    pub const fn new(dir: StateDir) -> Self {
        Self(dir)
    }

    /// All of them, the newest last.
    pub fn all(&self) -> Result<Vec<UnitRecord>, Refusal> {
        self.read().map(|book| book.records)
    }

    /// Makes one. Its number comes from the clock as well, so that it is new even after the file was lost.
    pub fn add(&self, name: &UnitName, level: UnitLevel, units: Vec<FormerState>) -> Result<UnitRecord, Refusal> {
        let Book { newest, mut records } = self.read()?;
        let at = clock::now();
        let id = newest.saturating_add(1).max(at.as_millis().try_into().unwrap_or(0));
        let record = UnitRecord { id, at, name: name.clone(), level, units };
        records.push(record.clone());
        let surplus = records.len().saturating_sub(limits::UNIT_RECORDS);
        self.write(&Book { newest: id, records: records.split_off(surplus) })?;
        Ok(record)
    }

    /// Forgets one.
    pub fn remove(&self, id: u64) -> Result<(), Refusal> {
        let mut book = self.read()?;
        book.records.retain(|record| record.id != id);
        self.write(&book)
    }

    fn read(&self) -> Result<Book, Refusal> {
        let way_out = "remove it from the helper's state directory to go on without what it says";
        let refuse = |reason| Refusal::Disk { reason: format!("{reason}: {way_out}") };
        self.0.read(Name::Units).map(Option::unwrap_or_default).map_err(refuse)
    }

    fn write(&self, book: &Book) -> Result<(), Refusal> {
        self.0.write(Name::Units, book).map_err(|error| Refusal::Disk { reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn records_are_few_and_no_number_comes_twice() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::new(StateDir::new(File::open(dir.path()).unwrap()));
        let name = UnitName::parse("a.service").unwrap();
        let add = || records.add(&name, UnitLevel::Stop, Vec::new()).unwrap().id;
        let first = add();
        records.remove(first).unwrap();
        let mut ids: Vec<u64> = (0..limits::UNIT_RECORDS).map(|_| add()).collect();
        ids.push(add());
        assert!(ids.is_sorted_by(|one, next| one < next) && first < ids[0]);
        let kept: Vec<u64> = records.all().unwrap().iter().map(|record| record.id).collect();
        assert_eq!(kept, ids[1..], "the oldest is gone");
    }
}
