//! Other people's accounts: what every act on one has in common.

use super::{Actions, Origin, Right, SignedIn, session};
use crate::store::{self, NameProblem, OwnSession, Person, UserId, Verb, WriteTx};

/// Why an account stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The asker's account may not, or not any more.
    #[error("your account may not do this")]
    Forbidden,
    /// It takes a proof that is younger: [`Actions::step_up`].
    #[error("show again that it is you first")]
    Unproved,
    /// There is no such account (any more).
    #[error("there is no such account any more")]
    NotThere,
    /// Nobody could administer the panel afterwards.
    #[error("this is the last administrator who can sign in: give somebody else that role first")]
    LastAdministrator,
    /// The name can't be used.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Somebody else has the name.
    #[error("Somebody else has this name. Upper and lower case are the same.")]
    NameTaken,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Actions {
    /// Lists all accounts by name.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn people(&self) -> Result<Vec<Person>, store::Error> {
        let now = self.now();
        self.store().list_people(now, now.plus_seconds(-session::IDLE_SECONDS)).await
    }

    /// Lists the live sessions of somebody, the latest used first.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<OwnSession>, store::Error> {
        let now = self.now();
        self.store().list_sessions(user, now, now.plus_seconds(-session::IDLE_SECONDS)).await
    }

    /// Opens a change of somebody's account. Whether the asker still may is looked up in the transaction: another
    /// administrator may have taken his role away since his request came in.
    pub(super) async fn write_people(&self, by: &SignedIn, origin: &Origin) -> Result<WriteTx, PeopleError> {
        by.need(Right::ManagePeople).ok_or(PeopleError::Forbidden)?;
        let mut tx = self.store().write(by.actor(origin), self.now()).await?;
        let role = tx.role_of_session(by.session).await?;
        role.filter(|role| *role >= Right::ManagePeople.role()).ok_or(PeopleError::Forbidden)?;
        Ok(tx)
    }

    /// Writes down that somebody was refused a change of somebody's account.
    pub(super) async fn note_refused_people<T>(
        &self,
        by: &SignedIn,
        origin: &Origin,
        verb: Verb,
        outcome: Result<T, PeopleError>,
    ) -> Result<T, PeopleError> {
        if let Err(error @ (PeopleError::Forbidden | PeopleError::LastAdministrator)) = &outcome {
            self.note_refused(by, origin, verb, "account", error).await;
        }
        outcome
    }
}
