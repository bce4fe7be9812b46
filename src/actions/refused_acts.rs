//! Refused acts of signed-in users on their way to the audit log: one row a minute for each user and verb, so that nobody
//! without rights can fill the disk with what he may not do.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Mutex, PoisonError},
};

use super::{Actions, Origin, SignedIn, author::Author};
use crate::{
    firewall::Moment,
    store::{Entry, UserId, Verb},
};

const WINDOW_SECONDS: i64 = 60;

/// When each user was last written down to have been refused each verb.
#[derive(Debug, Default)]
pub(super) struct RefusedActs {
    noted: Mutex<BTreeMap<(UserId, Verb), Moment>>,
}

impl RefusedActs {
    fn is_due(&self, user: UserId, verb: Verb, now: Moment) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |last: &Moment| now < *last || now.seconds_since(*last) >= WINDOW_SECONDS;
        let is_due = noted.get(&(user, verb)).is_none_or(is_over);
        if is_due {
            noted.insert((user, verb), now);
        }
        is_due
    }
}

impl Actions {
    /// Writes down that whoever acted was refused something; on the console he reads it himself.
    pub(super) async fn note_refused_author(
        &self,
        author: &Author,
        verb: Verb,
        subject: &str,
        reason: &(impl Display + Sync),
    ) {
        if let Some(signed_in) = author.drafter() {
            self.note_refused(signed_in, &author.origin, verb, subject, reason).await;
        }
    }

    /// Writes down that somebody was refused something. A log that can't be written must not turn a refusal into another
    /// answer.
    pub(super) async fn note_refused(
        &self,
        signed_in: &SignedIn,
        origin: &Origin,
        verb: Verb,
        subject: &str,
        reason: &(impl Display + Sync),
    ) {
        if !self.shared.refused_acts.is_due(signed_in.user.id, verb, self.now()) {
            return;
        }
        let written = async {
            let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
            tx.commit(Entry::refused(verb, subject).with_detail(reason.to_string())).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a refused act could not be written to the audit log");
        }
    }
}
