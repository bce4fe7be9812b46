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
}

/// A session that has just begun, with the only copy of its token.
#[derive(Debug)]
pub struct NewSession {
    /// For the browser's cookie.
    pub token: Token,
    /// Who it proves.
    pub signed_in: SignedIn,
}

impl SignedIn {
    pub(super) fn actor(&self, origin: &Origin) -> Actor {
        actor(&self.user, origin)
    }
}

pub(super) fn actor(user: &User, origin: &Origin) -> Actor {
    Actor::User { id: user.id, name: user.name.clone(), address: origin.address, strength: Strength::Password }
}

/// Begins a session in a transaction, ending the user's oldest when there are too many.
pub(super) async fn begin(tx: &mut WriteTx, user: User, origin: &Origin) -> Result<NewSession, Error> {
    let token = Token::random();
    let expires_at = tx.now().plus_seconds(LIFETIME_SECONDS);
    let session = tx
        .insert_session(&SessionStart {
            token_hash: &token.hash(),
            user: user.id,
            expires_at,
            address: origin.address,
            browser: &origin.browser,
        })
        .await?;
    tx.delete_sessions(user.id, SESSIONS_PER_USER).await?;
    Ok(NewSession { token, signed_in: SignedIn { user, session } })
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
        Ok(Some(SignedIn { user: session.user, session: session.id }))
    }

    /// Finds the live session of a token without using it.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn look_up_session(&self, token: &Token) -> Result<Option<SignedIn>, Error> {
        let session = self.living_session(token, self.now()).await?;
        Ok(session.map(|session| SignedIn { user: session.user, session: session.id }))
    }

    async fn living_session(&self, token: &Token, now: Moment) -> Result<Option<Session>, Error> {
        Ok(self.store().find_session(&token.hash()).await?.filter(|session| is_alive(session, now)))
    }
}

fn is_alive(session: &Session, now: Moment) -> bool {
    now < session.expires_at
        && now.seconds_since(session.last_seen_at) < IDLE_SECONDS
        && session.created_at <= now.plus_seconds(CLOCK_SLACK_SECONDS)
}
