//! Letting only some in at a port.

use super::{
    Actions, Origin, QuickDone, QuickError, Right, SignedIn,
    author::Author,
    open_port::{allow, target_of},
    wish::Wish,
};
use crate::{
    firewall::{Peer, Text, closing::CloseLevel, listener::Transport},
    store::ClosedPort,
};

/// Who alone shall get in at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitPort {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// Who; never nobody.
    pub who: Vec<Peer>,
    /// Why.
    pub note: Text,
}

impl Actions {
    /// Lets only some in at a port: by itself if that can't cost anybody the way in, else in the draft.
    ///
    /// # Errors
    /// [`QuickError`]; nothing was done then.
    pub async fn limit_port(&self, by: &SignedIn, limit: LimitPort, origin: &Origin) -> Result<QuickDone, QuickError> {
        by.need(Right::ChangeRules).ok_or(QuickError::Forbidden)?;
        let Some(target) = target_of(limit.port, limit.transport).filter(|_| !limit.who.is_empty()) else {
            return Ok(QuickDone::NotThere);
        };
        let author = Author::of(by, origin);
        let port = ClosedPort { port: limit.port, transport: limit.transport, level: CloseLevel::Block };
        let who: Vec<String> = limit.who.iter().take(4).map(ToString::to_string).collect();
        let sentence = format!("Limit {target} to {}", who.join(", "));
        let rule = allow(self.new_rule_id().await?, target, limit.who, None, (author.owner(), limit.note));
        self.at_once(by, Wish::Limit(port, rule), sentence, origin).await
    }
}
