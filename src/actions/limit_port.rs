//! Letting only some in at a port.

use super::{
    Actions, Origin, QuickDone, QuickError, Right, SignedIn,
    author::Author,
    close_rules::Plan,
    open_port::{allow, target_of},
    quick::apply_all,
};
use crate::{
    firewall::{Peer, Text, closing::CloseLevel, edit::Edit, listener::Transport},
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
        let (_, running) = self.running().await?;
        let port = ClosedPort { port: limit.port, transport: limit.transport, level: CloseLevel::Block };
        let Plan { change, .. } = self.plan_rules(&[port], &running, &author).await?;
        let mut edits: Vec<Edit> = Vec::new();
        for touched in change.into_iter().flat_map(|change| change.touched) {
            edits.push(match touched.before {
                Some(_) => Edit::ReplaceRule(touched.after),
                None => Edit::AddRule { rule: touched.after, at: 0 },
            });
        }
        let who: Vec<String> = limit.who.iter().take(4).map(ToString::to_string).collect();
        let sentence = format!("Limit {target} to {}", who.join(", "));
        let rule = allow(self.new_rule_id().await?, target, limit.who, None, (author.owner(), limit.note));
        edits.push(Edit::AddRule { rule, at: 0 });
        debug_assert!(apply_all(&edits, &running).is_ok(), "the edits come from what is in force");
        self.at_once(by, edits, sentence, origin).await
    }
}
