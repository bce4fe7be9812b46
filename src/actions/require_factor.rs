//! Which roles need a second factor, and taking one away from whoever lost it.

use super::{Actions, Origin, PeopleError, Right, SignedIn};
use crate::store::{Actor, Entry, Error, Role, UserId, UserName, Verb};

impl Actions {
    /// Decides which roles need a second factor. Whoever has such a role and none may do nothing but set one up.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing has changed then.
    pub async fn require_factor(&self, by: &SignedIn, roles: &[Role], origin: &Origin) -> Result<(), PeopleError> {
        let outcome = self.require_factor_in_turn(by, roles, origin).await;
        self.note_refused_people(by, origin, Verb::RequireSecondFactor, outcome).await
    }

    async fn require_factor_in_turn(&self, by: &SignedIn, roles: &[Role], origin: &Origin) -> Result<(), PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        self.need_fresh(by).ok_or(PeopleError::Unproved)?;
        let mut tx = self.write_people(by, origin).await?;
        tx.set_factor_roles(roles).await?;
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let words = if words.is_empty() { "no role".to_owned() } else { words.join(", ") };
        Ok(tx.commit(Entry::done(Verb::RequireSecondFactor, "roles").with_detail(words)).await?)
    }

    /// Takes somebody's second factor away and ends his sessions.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing has changed then.
    pub async fn remove_factor_of(&self, by: &SignedIn, user: UserId, origin: &Origin) -> Result<(), PeopleError> {
        let outcome = self.remove_factor_in_turn(by, user, origin).await;
        self.note_refused_people(by, origin, Verb::RemoveSecondFactor, outcome).await
    }

    async fn remove_factor_in_turn(&self, by: &SignedIn, user: UserId, origin: &Origin) -> Result<(), PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        self.need_fresh(by).ok_or(PeopleError::Unproved)?;
        let mut tx = self.write_people(by, origin).await?;
        let name = tx.find_user_by_id(user).await?.ok_or(PeopleError::NotThere)?.name;
        if !tx.delete_second_factor(user).await? {
            return Ok(());
        }
        let ended = tx.delete_sessions(user, 0).await?;
        let entry = Entry::done(Verb::RemoveSecondFactor, name.as_str());
        Ok(tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?)
    }

    /// Takes a second factor away at the host's command line; false when there is none. The caller has shown by being at
    /// the console that he may.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn remove_factor_on_console(&self, name: &UserName, uid: u32) -> Result<bool, Error> {
        let mut tx = self.store().write(Actor::Console { uid }, self.now()).await?;
        let Some(user) = tx.find_user(name).await? else { return Ok(false) };
        if !tx.delete_second_factor(user.id).await? {
            return Ok(false);
        }
        let ended = tx.delete_sessions(user.id, 0).await?;
        let entry = Entry::done(Verb::RemoveSecondFactor, user.name.as_str());
        tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?;
        Ok(true)
    }
}
