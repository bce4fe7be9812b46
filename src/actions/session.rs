//! Sessions: what a token proves, and for how long.

use super::{Actions, Origin, token::Token};
use crate::{
    firewall::Moment,
    store::{Actor, Error, Session, SessionId, SessionStart, Strength, User, WriteTx},
};

/// A session ends this long after it was last used.
pub(super) const IDLE_SECONDS: i64 = 30 * 60;

/// A session ends this long after it began, used or not.
const LIFETIME_SECONDS: i64 = 12 * 3600;

/// How much a clock may be set back without ending the sessions that began since. More, and their age means nothing.
const CLOCK_SLACK_SECONDS: i64 = 5 * 60;

/// A use is noted when the last note is older.
const TOUCH_SECONDS: i64 = 60;

/// Sessions a user may have; the next one ends the oldest.
const SESSIONS_PER_USER: u32 = 50;

/// Proof of a live session. Only this room makes one.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who it is.
    pub user: User,
    /// By which session; private, so that nobody else can make a proof.
    pub(super) session: SessionId,
    pub(super) proved_at: Moment,
    /// Whether a code was part of the proof.
    pub(super) by_code: bool,
    /// Whether the role needs a second factor that the user doesn't have.
    pub(super) owes_factor: bool,
}

/// A session that has just begun, with the only copy of its token.
#[derive(Debug)]
pub struct NewSession {
    /// For the browser's cookie.
    pub token: Token,
    /// Who it proves.
    pub signed_in: SignedIn,
}

impl From<Session> for SignedIn {
    fn from(session: Session) -> Self {
        Self {
            user: session.user,
            session: session.id,
            proved_at: session.proved_at,
            by_code: session.by_code,
            owes_factor: session.needs_factor && !session.has_factor,
        }
    }
}

impl SignedIn {
    /// Whether nothing may be done before a second factor is set up, because the role needs one.
    #[must_use]
    pub const fn owes_factor(&self) -> bool {
        self.owes_factor
    }

    pub(super) fn actor(&self, origin: &Origin) -> Actor {
        let strength = if self.by_code { Strength::Code } else { Strength::Password };
        actor_by(&self.user, origin, strength)
    }
}

pub(super) fn actor(user: &User, origin: &Origin) -> Actor {
    actor_by(user, origin, Strength::Password)
}

pub(super) fn actor_by(user: &User, origin: &Origin, strength: Strength) -> Actor {
    Actor::User { id: user.id, name: user.name.clone(), address: origin.address, strength }
}

/// Begins a session in a transaction, ending the user's oldest when there are too many.
pub(super) async fn begin(tx: &mut WriteTx, user: User, origin: &Origin, by_code: bool) -> Result<NewSession, Error> {
    let token = Token::random();
    let expires_at = tx.now().plus_seconds(LIFETIME_SECONDS);
    let session = tx
        .insert_session(&SessionStart {
            token_hash: &token.hash(),
            user: user.id,
            expires_at,
            address: origin.address,
            browser: &origin.browser,
            by_code,
        })
        .await?;
    tx.delete_sessions(user.id, SESSIONS_PER_USER).await?;
    let owes_factor = tx.needs_factor(user.role).await? && tx.find_second_factor(user.id).await?.is_none();
    let signed_in = SignedIn { user, session, proved_at: tx.now(), by_code, owes_factor };
    Ok(NewSession { token, signed_in })
}

impl Actions {
    /// Finds the live session of a token and notes that it was used.
    ///
    /// # Errors
    /// [`Error`] of the database while reading. A use that can't be noted, on a full disk for example, is no error:
    /// the session then ends half an hour after the last that could.
    pub async fn find_session(&self, token: &Token) -> Result<Option<SignedIn>, Error> {
        let now = self.now();
        let Some(session) = self.living_session(token, now).await? else { return Ok(None) };
        if now.seconds_since(session.last_seen_at).abs() >= TOUCH_SECONDS
            && let Err(error) = self.store().upkeep().touch_session(session.id, now).await
        {
            tracing::warn!(%error, "the use of a session could not be noted");
        }
        Ok(Some(session.into()))
    }

    /// Finds the live session of a token without using it.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn look_up_session(&self, token: &Token) -> Result<Option<SignedIn>, Error> {
        let session = self.living_session(token, self.now()).await?;
        Ok(session.map(SignedIn::from))
    }

    async fn living_session(&self, token: &Token, now: Moment) -> Result<Option<Session>, Error> {
        Ok(self.store().find_session(&token.hash()).await?.filter(|session| is_alive(session, now)))
    }
}

fn is_alive(session: &Session, now: Moment) -> bool {
    session.user.is_enabled
        && now < session.expires_at
        && now.seconds_since(session.last_seen_at) < IDLE_SECONDS
        && session.created_at <= now.plus_seconds(CLOCK_SLACK_SECONDS)
}
