//! The second step of a sign-in: a code, after the password was right.

use std::sync::{Mutex, PoisonError};

use super::{
    Actions, NewSession, Origin,
    codes::{Judged, judge},
    session,
    sign_in::{NotTried, to_the_end},
    throttle::Caller,
    token::Token,
};
use crate::{
    firewall::Moment,
    store::{AddressPrefix, Entry, Error, PasswordHash, Strength, TokenHash, User, Verb},
};

/// A right password is good for this long.
const PATIENCE_SECONDS: i64 = 5 * 60;

/// Sign-ins of one user that may wait for their code at once; a further one ends the oldest.
const PER_USER: usize = 5;

/// Sign-ins that wait for their code. They live in memory: whoever restarts the panel types the password again.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<Vec<Ticket>>);

#[derive(Debug, Clone)]
struct Ticket {
    token: TokenHash,
    user: User,
    password: PasswordHash,
    is_known: bool,
    from: AddressPrefix,
    until: Moment,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// Another code is right, or it was used before.
    #[error("The code is wrong, or was used before.")]
    Wrong,
    /// Too many were wrong; the code wasn't looked at.
    #[error("Too many codes were wrong. Wait {seconds} seconds, then try again.")]
    Wait {
        /// How long, at least 1.
        seconds: u32,
    },
    /// Another one of the same caller is being looked at.
    #[error("Another code is being checked. Try again in a few seconds.")]
    Busy,
    /// The password was typed too long ago, or elsewhere.
    #[error("That took too long. Sign in again.")]
    Ended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<NotTried> for CodeError {
    fn from(not_tried: NotTried) -> Self {
        match not_tried {
            NotTried::Wait { seconds } => Self::Wait { seconds },
            NotTried::Busy => Self::Busy,
        }
    }
}

impl Tickets {
    fn insert(&self, ticket: Ticket, now: Moment) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|old| now < old.until);
        let of_user: Vec<usize> =
            tickets.iter().enumerate().filter(|(_, old)| old.user.id == ticket.user.id).map(|(at, _)| at).collect();
        if of_user.len() >= PER_USER {
            tickets.remove(of_user[0]);
        }
        tickets.push(ticket);
    }

    /// A ticket counts only where the password was typed.
    fn find(&self, token: &TokenHash, from: AddressPrefix, now: Moment) -> Option<Ticket> {
        let tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut live = tickets.iter().filter(|ticket| ticket.from == from && now < ticket.until);
        live.find(|ticket| ticket.token == *token).cloned()
    }

    fn remove(&self, token: &TokenHash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|ticket| ticket.token != *token);
    }
}

impl Actions {
    /// Makes what the second step is done with, after the password was right.
    pub(super) fn ask_for_code(&self, user: User, password: PasswordHash, is_known: bool, origin: &Origin) -> Token {
        let (token, now) = (Token::random(), self.now());
        let (from, until) = (AddressPrefix::of(origin.address), now.plus_seconds(PATIENCE_SECONDS));
        self.shared.tickets.insert(Ticket { token: token.hash(), user, password, is_known, from, until }, now);
        token
    }

    /// Opens a session with the code that goes with a right password. Runs to its end even when the caller hangs up.
    ///
    /// # Errors
    /// [`CodeError`].
    pub async fn sign_in_with_code(&self, ticket: &str, code: &str, origin: &Origin) -> Result<NewSession, CodeError> {
        let token = Token::parse(ticket).ok_or(CodeError::Ended)?.hash();
        let (actions, origin, code) = (self.clone(), origin.clone(), code.to_owned());
        to_the_end(async move { actions.judge_code(&token, &code, &origin).await }).await
    }

    async fn judge_code(&self, token: &TokenHash, code: &str, origin: &Origin) -> Result<NewSession, CodeError> {
        let _turn = self.shared.codes.turn.lock().await;
        let from = AddressPrefix::of(origin.address);
        let ticket = self.shared.tickets.find(token, from, self.now()).ok_or(CodeError::Ended)?;
        let caller = if ticket.is_known {
            Caller::Known { user: ticket.user.id, from }
        } else {
            Caller::Stranger { account: Some(ticket.user.name.as_str().to_ascii_lowercase()), from }
        };
        self.admit_code(ticket.user.id, &caller)?;
        let outcome = self.open_with_code(&ticket, code, origin).await;
        self.settle_code(ticket.user.id, &caller, outcome.is_ok());
        match &outcome {
            Ok(_) | Err(CodeError::Ended) => self.shared.tickets.remove(token),
            Err(_) => self.note_refusal(origin, Some(ticket.user.name)).await,
        }
        outcome
    }

    async fn open_with_code(&self, ticket: &Ticket, code: &str, origin: &Origin) -> Result<NewSession, CodeError> {
        let user = ticket.user.clone();
        let mut tx = self.store().write(session::actor_by(&user, origin, Strength::Code), self.now()).await?;
        // Meanwhile the password may have been changed, the account switched off, or its second factor taken away.
        let is_still_right = tx.has_password(user.id, &ticket.password).await?;
        let factor = tx.find_second_factor(user.id).await?.filter(|_| is_still_right).ok_or(CodeError::Ended)?;
        let detail = match judge(&mut tx, user.id, &factor, code).await? {
            Judged::App => "with a code",
            Judged::Recovery => "with a recovery code",
            Judged::Wrong(_) => return Err(CodeError::Wrong),
        };
        let detail = if ticket.is_known { detail.to_owned() } else { format!("{detail}, from a new address") };
        tx.set_known_address(user.id, AddressPrefix::of(origin.address)).await?;
        let entry = Entry::done(Verb::SignIn, user.name.as_str()).with_detail(detail);
        let new = session::begin(&mut tx, user, origin, true).await?;
        tx.commit(entry).await?;
        Ok(new)
    }
}
