//! Changing somebody's account: role, name, whether it may be used, whether there is one.

use super::{Actions, Origin, PeopleError, Right, SignedIn};
use crate::store::{Entry, Role, User, UserId, UserName, Verb, WriteTx};

/// What is to become of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserChange {
    /// It gets another role.
    Role(Role),
    /// It is switched on, or off.
    Enabled(bool),
    /// It gets another name.
    Name(String),
    /// It is removed.
    Delete,
}

impl UserChange {
    const fn verb(&self) -> Verb {
        match self {
            Self::Role(_) => Verb::SetRole,
            Self::Enabled(true) => Verb::EnableUser,
            Self::Enabled(false) => Verb::DisableUser,
            Self::Name(_) => Verb::RenameUser,
            Self::Delete => Verb::DeleteUser,
        }
    }
}

impl Actions {
    /// Changes somebody's account. All his sessions end with another role and when the account is switched off or removed.
    /// There is always an administrator left who can sign in, also when two of them act at once.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing has changed then.
    pub async fn change_user(
        &self,
        by: &SignedIn,
        id: UserId,
        change: UserChange,
        origin: &Origin,
    ) -> Result<(), PeopleError> {
        let verb = change.verb();
        let outcome = self.change_user_in_turn(by, id, change, origin).await;
        self.note_refused_people(by, origin, verb, outcome).await
    }

    async fn change_user_in_turn(
        &self,
        by: &SignedIn,
        id: UserId,
        change: UserChange,
        origin: &Origin,
    ) -> Result<(), PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        if change == UserChange::Role(Role::Administrator) {
            self.need_fresh(by).ok_or(PeopleError::Unproved)?;
        }
        let mut tx = self.write_people(by, origin).await?;
        let user = tx.find_user_by_id(id).await?.ok_or(PeopleError::NotThere)?;
        let entry = Entry::done(change.verb(), user.name.as_str());
        let detail = match change {
            UserChange::Role(role) if role == user.role => return Ok(()),
            UserChange::Enabled(is_enabled) if is_enabled == user.is_enabled => return Ok(()),
            UserChange::Name(name) if name == user.name.as_str() => return Ok(()),
            UserChange::Role(role) => change_role(&mut tx, &user, role).await?,
            UserChange::Enabled(is_enabled) => switch(&mut tx, &user, is_enabled).await?,
            UserChange::Name(name) => rename(&mut tx, &user, &name).await?,
            UserChange::Delete => {
                tx.delete_user(user.id).await?;
                user.role.as_str().to_owned()
            }
        };
        // The transaction is dropped then, so that it never happened.
        if tx.count_administrators().await? == 0 {
            return Err(PeopleError::LastAdministrator);
        }
        Ok(tx.commit(entry.with_detail(detail)).await?)
    }
}

async fn change_role(tx: &mut WriteTx, user: &User, role: Role) -> Result<String, PeopleError> {
    tx.set_role(user.id, role).await?;
    let ended = tx.delete_sessions(user.id, 0).await?;
    Ok(format!("{} to {}, sessions ended: {ended}", user.role.as_str(), role.as_str()))
}

async fn switch(tx: &mut WriteTx, user: &User, is_enabled: bool) -> Result<String, PeopleError> {
    tx.set_enabled(user.id, is_enabled).await?;
    if is_enabled {
        return Ok(String::new());
    }
    tx.delete_invitation(user.id).await?;
    tx.delete_known_addresses(user.id).await?;
    let ended = tx.delete_sessions(user.id, 0).await?;
    Ok(format!("sessions ended: {ended}"))
}

async fn rename(tx: &mut WriteTx, user: &User, name: &str) -> Result<String, PeopleError> {
    let name = UserName::parse(name)?;
    if tx.find_user(&name).await?.is_some_and(|other| other.id != user.id) {
        return Err(PeopleError::NameTaken);
    }
    tx.rename_user(user.id, &name).await?;
    Ok(format!("to {name}"))
}
