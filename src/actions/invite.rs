//! Links with which somebody chooses the password of his account: nobody else ever knows it.

use super::{Actions, Origin, PeopleError, Right, SessionToken, SignedIn};
use crate::{
    firewall::Moment,
    store::{Entry, NewUser, Role, User, UserId, UserName, Verb, WriteTx},
};

/// A link that isn't used within this time is void.
const INVITED_SECONDS: i64 = 24 * 3600;

/// The only copy of what lets somebody choose the password of an account.
#[derive(Debug)]
pub struct Invitation {
    /// For the link.
    pub token: SessionToken,
    /// Whose account it is.
    pub user: User,
    /// Until when.
    pub expires_at: Moment,
}

impl Actions {
    /// Makes an account. Nobody can sign in to it before its user has chosen a password with the link.
    ///
    /// # Errors
    /// [`PeopleError`]; there is no account then.
    pub async fn add_user(
        &self,
        by: &SignedIn,
        name: &str,
        role: Role,
        origin: &Origin,
    ) -> Result<Invitation, PeopleError> {
        let outcome = self.add_user_in_turn(by, name, role, origin).await;
        self.note_refused_people(by, origin, Verb::AddUser, outcome).await
    }

    async fn add_user_in_turn(
        &self,
        by: &SignedIn,
        name: &str,
        role: Role,
        origin: &Origin,
    ) -> Result<Invitation, PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        if role == Role::Administrator {
            self.need_fresh(by).ok_or(PeopleError::Unproved)?;
        }
        let mut tx = self.write_people(by, origin).await?;
        let name = UserName::parse(name)?;
        if tx.find_user(&name).await?.is_some() {
            return Err(PeopleError::NameTaken);
        }
        let password_hash = self.shared.hashing.dummy();
        let user = tx.insert_user(&NewUser { name: &name, password_hash, role }).await?;
        let invitation = self.invite(&mut tx, user).await?;
        tx.commit(Entry::done(Verb::AddUser, name.as_str()).with_detail(role.as_str())).await?;
        Ok(invitation)
    }

    /// Voids somebody's password, ends his sessions, and gives a link to choose a new one.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing has changed then.
    pub async fn renew_password(&self, by: &SignedIn, id: UserId, origin: &Origin) -> Result<Invitation, PeopleError> {
        let outcome = self.renew_password_in_turn(by, id, origin).await;
        self.note_refused_people(by, origin, Verb::RenewPassword, outcome).await
    }

    async fn renew_password_in_turn(
        &self,
        by: &SignedIn,
        id: UserId,
        origin: &Origin,
    ) -> Result<Invitation, PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        // The link opens an account that exists, perhaps an administrator's.
        self.need_fresh(by).ok_or(PeopleError::Unproved)?;
        let mut tx = self.write_people(by, origin).await?;
        let user = tx.find_user_by_id(id).await?.filter(|user| user.is_enabled).ok_or(PeopleError::NotThere)?;
        let entry = Entry::done(Verb::RenewPassword, user.name.as_str());
        let ended = tx.delete_sessions(user.id, 0).await?;
        tx.delete_known_addresses(user.id).await?;
        let invitation = self.invite(&mut tx, user).await?;
        if tx.count_administrators().await? == 0 {
            return Err(PeopleError::LastAdministrator);
        }
        tx.commit(entry.with_detail(format!("sessions ended: {ended}"))).await?;
        Ok(invitation)
    }

    async fn invite(&self, tx: &mut WriteTx, user: User) -> Result<Invitation, PeopleError> {
        let token = SessionToken::random();
        let expires_at = tx.now().plus_seconds(INVITED_SECONDS);
        tx.invite(user.id, self.shared.hashing.dummy(), &token.hash(), expires_at).await?;
        Ok(Invitation { token, user, expires_at })
    }
}
