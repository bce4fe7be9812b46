//! What an administrator chose for the panel as a whole, by name. What has no row is at its default.

use super::{Error, Retention, Store, WriteTx};

const RECORD_DAYS: &str = "record_days";
const RECORD_MEBIBYTES: &str = "record_mebibytes";

impl Store {
    /// How long rows of what was turned away are kept.
    ///
    /// # Errors
    /// [`Error`] of the database; inconsistent when what is stored couldn't have been chosen.
    pub async fn find_retention(&self) -> Result<Retention, Error> {
        let default = Retention::default();
        let days = self.find_number(RECORD_DAYS).await?.unwrap_or(default.days());
        let mebibytes = self.find_number(RECORD_MEBIBYTES).await?.unwrap_or(default.mebibytes());
        Retention::new(days, mebibytes).map_err(|_| WRONG)
    }

    /// The value of a setting; none when it is at its default.
    pub(super) async fn find_setting(&self, name: &'static str) -> Result<Option<String>, Error> {
        let value = sqlx::query_scalar("select value from setting where name = ?")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(value)
    }

    async fn find_number(&self, name: &'static str) -> Result<Option<u32>, Error> {
        let text = self.find_setting(name).await?;
        text.map(|text| text.parse().map_err(|_| WRONG)).transpose()
    }
}

const WRONG: Error = Error::Inconsistent { table: "setting", column: "value" };

impl WriteTx {
    /// Chooses how long rows of what was turned away are kept.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_retention(&mut self, retention: Retention) -> Result<(), Error> {
        self.set_setting(RECORD_DAYS, &retention.days().to_string()).await?;
        self.set_setting(RECORD_MEBIBYTES, &retention.mebibytes().to_string()).await
    }

    pub(super) async fn set_setting(&mut self, name: &'static str, value: &str) -> Result<(), Error> {
        sqlx::query("insert into setting (name, value) values (?, ?) on conflict do update set value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
