//! A second factor for one's own account: an app that shows codes, and recovery codes.

use super::{
    Actions, Origin, RecoveryCodes, Right, SignedIn,
    codes::{Judged, judge},
    random,
    sign_in::{NotTried, to_the_end},
    throttle::Caller,
    totp,
};
use crate::{
    firewall::Moment,
    store::{AddressPrefix, Entry, Error, FactorSecret, Verb, WriteTx},
};

/// How an account stands with its second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorView {
    /// Since when there is one.
    pub since: Option<Moment>,
    /// Recovery codes that are left.
    pub codes_left: u32,
    /// Whether the role needs one.
    pub is_required: bool,
}

/// Why the second factor stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The account may not.
    #[error("your account may not do this")]
    Forbidden,
    /// The password was typed wrong.
    #[error("The password is wrong.")]
    Password,
    /// The code is wrong; by how many seconds the clock of the app seems to be ahead.
    #[error("The code is wrong, or was used before.{}", clock(*skew))]
    Code {
        /// Seconds; none when the code is of no minute around now.
        skew: Option<i64>,
    },
    /// The role needs one.
    #[error("Your role needs a second factor, so it can’t be removed. To move to another app, ask an administrator.")]
    Required,
    /// There is one already, or none.
    #[error("The second factor was changed in another window. Open the page again.")]
    Changed,
    /// Too many attempts have failed.
    #[error("Too many attempts have failed. Wait {seconds} seconds, then try again.")]
    Wait {
        /// How long, at least 1.
        seconds: u32,
    },
    /// Too many at once.
    #[error("The server is busy checking passwords. Try again in a few seconds.")]
    Busy,
    /// The session ended meanwhile.
    #[error("Your session has ended. Sign in again.")]
    SessionEnded,
    /// The database failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] Error),
}

fn clock(skew: Option<i64>) -> String {
    let words =
        |seconds: i64, way: &str| format!(" The clock of your device seems to be {seconds} s {way} this server’s.");
    match skew {
        None => String::new(),
        Some(skew) if skew > 0 => words(skew, "ahead of"),
        Some(skew) => words(-skew, "behind"),
    }
}

impl From<NotTried> for FactorError {
    fn from(not_tried: NotTried) -> Self {
        match not_tried {
            NotTried::Wait { seconds } => Self::Wait { seconds },
            NotTried::Busy => Self::Busy,
        }
    }
}

impl Actions {
    /// How the user's account stands.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn factor_of(&self, signed_in: &SignedIn) -> Result<FactorView, Error> {
        let user = &signed_in.user;
        let since = self.store().find_second_factor(user.id).await?.map(|factor| factor.since);
        let codes_left = self.store().count_recovery_codes(user.id).await?;
        let is_required = self.store().list_factor_roles().await?.contains(&user.role);
        Ok(FactorView { since, codes_left, is_required })
    }

    /// A secret for an app, as it is typed. It counts for nothing before [`Self::add_second_factor`].
    #[must_use]
    pub fn new_factor_secret(&self) -> String {
        totp::to_base32(&random::bytes::<20>())
    }

    /// Gives the user a second factor, once he has shown that his app makes the right codes and that he knows the
    /// password: a borrowed session must not lock its owner out. All his other sessions end. Gives the recovery codes.
    ///
    /// # Errors
    /// [`FactorError`]; nothing has changed then.
    pub async fn add_second_factor(
        &self,
        signed_in: &SignedIn,
        (secret, code, password): (&str, &str, &str),
        origin: &Origin,
    ) -> Result<RecoveryCodes, FactorError> {
        signed_in.need(Right::OwnAccount).ok_or(FactorError::Forbidden)?;
        let secret = totp::from_base32(secret).ok_or(FactorError::Changed)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = totp::find_step(&secret, &code, self.now());
        let skew = || totp::find_skew(&secret, &code, self.now()).filter(|skew| *skew != 0);
        let step = step.ok_or_else(|| FactorError::Code { skew: skew() })?;
        let (actions, signed_in, origin) = (self.clone(), signed_in.clone(), origin.clone());
        let password = password.to_owned();
        to_the_end(async move {
            actions.prove_password(&signed_in, &password, &origin).await?;
            actions.insert_factor(&signed_in, &secret, step, &origin).await
        })
        .await
    }

    /// Checks the password of whoever is signed in; wrong ones count like those of a sign-in.
    pub(super) async fn prove_password(
        &self,
        signed_in: &SignedIn,
        password: &str,
        origin: &Origin,
    ) -> Result<(), FactorError> {
        let from = AddressPrefix::of(origin.address);
        let credentials = self.store().find_credentials(&signed_in.user.name, from).await?;
        let credentials = credentials.filter(|found| found.user.id == signed_in.user.id);
        let caller = Caller::Known { user: signed_in.user.id, from };
        if self.try_password(&caller, password, credentials.as_ref()).await? {
            return Ok(());
        }
        self.note_refused(signed_in, origin, Verb::StepUp, signed_in.user.name.as_str(), &FactorError::Password).await;
        Err(FactorError::Password)
    }

    async fn insert_factor(
        &self,
        signed_in: &SignedIn,
        secret: &FactorSecret,
        step: i64,
        origin: &Origin,
    ) -> Result<RecoveryCodes, FactorError> {
        let user = &signed_in.user;
        let mut tx = self.write_own(signed_in, origin).await?;
        if tx.find_second_factor(user.id).await?.is_some() {
            return Err(FactorError::Changed);
        }
        tx.insert_second_factor(user.id, secret, step).await?;
        let codes = RecoveryCodes::random();
        tx.set_recovery_codes(user.id, &codes.hashes()).await?;
        tx.prove_session(signed_in.session, true).await?;
        let ended = tx.delete_sessions_but(user.id, signed_in.session).await?;
        let entry = Entry::done(Verb::AddSecondFactor, user.name.as_str());
        tx.commit(entry.with_detail(format!("other sessions ended: {ended}"))).await?;
        Ok(codes)
    }

    /// Replaces the recovery codes.
    ///
    /// # Errors
    /// [`FactorError`]; nothing has changed then.
    pub async fn renew_recovery_codes(
        &self,
        signed_in: &SignedIn,
        code: &str,
        origin: &Origin,
    ) -> Result<RecoveryCodes, FactorError> {
        signed_in.need(Right::OwnAccount).ok_or(FactorError::Forbidden)?;
        let (actions, by, origin, code) = (self.clone(), signed_in.clone(), origin.clone(), code.to_owned());
        to_the_end(async move {
            let mut tx = actions.prove_code(&by, &code, &origin).await?;
            let codes = RecoveryCodes::random();
            tx.set_recovery_codes(by.user.id, &codes.hashes()).await?;
            tx.commit(Entry::done(Verb::RenewRecoveryCodes, by.user.name.as_str())).await?;
            Ok(codes)
        })
        .await
    }

    /// Takes the user's second factor away, if his role doesn't need one.
    ///
    /// # Errors
    /// [`FactorError`]; nothing has changed then.
    pub async fn remove_second_factor(
        &self,
        signed_in: &SignedIn,
        code: &str,
        origin: &Origin,
    ) -> Result<(), FactorError> {
        signed_in.need(Right::OwnAccount).ok_or(FactorError::Forbidden)?;
        if self.store().list_factor_roles().await?.contains(&signed_in.user.role) {
            return Err(FactorError::Required);
        }
        let (actions, by, origin, code) = (self.clone(), signed_in.clone(), origin.clone(), code.to_owned());
        to_the_end(async move {
            let mut tx = actions.prove_code(&by, &code, &origin).await?;
            if tx.needs_factor(by.user.role).await? {
                return Err(FactorError::Required);
            }
            tx.delete_second_factor(by.user.id).await?;
            Ok(tx.commit(Entry::done(Verb::RemoveSecondFactor, by.user.name.as_str())).await?)
        })
        .await
    }

    /// Opens a change in the name of whoever has shown a right code. The code is used up when the change is made. Must not
    /// be cut off, or the caller could try no other.
    pub(super) async fn prove_code(
        &self,
        signed_in: &SignedIn,
        code: &str,
        origin: &Origin,
    ) -> Result<WriteTx, FactorError> {
        let _turn = self.shared.codes.turn.lock().await;
        let (user, from) = (signed_in.user.id, AddressPrefix::of(origin.address));
        let caller = Caller::Known { user, from };
        self.admit_code(user, &caller)?;
        let outcome = self.judge_own_code(signed_in, code, origin).await;
        self.settle_code(user, &caller, outcome.is_ok());
        if let Err(error @ FactorError::Code { .. }) = &outcome {
            self.note_refused(signed_in, origin, Verb::StepUp, signed_in.user.name.as_str(), error).await;
        }
        outcome
    }

    async fn judge_own_code(&self, signed_in: &SignedIn, code: &str, origin: &Origin) -> Result<WriteTx, FactorError> {
        let user = signed_in.user.id;
        let mut tx = self.write_own(signed_in, origin).await?;
        let factor = tx.find_second_factor(user).await?.ok_or(FactorError::Changed)?;
        match judge(&mut tx, user, &factor, code).await? {
            Judged::App | Judged::Recovery => Ok(tx),
            Judged::Wrong(skew) => Err(FactorError::Code { skew }),
        }
    }

    /// Opens a change of one's own account, if the session still lives.
    pub(super) async fn write_own(&self, signed_in: &SignedIn, origin: &Origin) -> Result<WriteTx, FactorError> {
        let mut tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        tx.role_of_session(signed_in.session).await?.ok_or(FactorError::SessionEnded)?;
        Ok(tx)
    }
}
