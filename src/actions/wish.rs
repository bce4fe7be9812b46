//! What is wanted of the rules at once. The edits it takes depend on what they are applied to: on what is in force, or on
//! somebody's draft, in which the same rule may look otherwise.

use std::sync::Arc;

use super::{Actions, author::Author, close_rules::Plan, open_port::unbar};
use crate::{
    firewall::{Rule, Ruleset, edit::Edit, listener::Transport},
    store::{ClosedPort, Error},
};

/// What is wanted.
#[derive(Debug)]
pub(super) enum Wish {
    /// The same edits everywhere.
    Edits(Vec<Edit>),
    /// A port is shut to everybody, but for those whom the rule lets in.
    Limit(ClosedPort, Rule),
    /// The rule lets some in at a port.
    Open(Rule),
    /// The rule lets everybody in at a port.
    OpenToAll(u16, Transport, Rule),
}

impl Actions {
    /// What fulfils a wish in a ruleset.
    pub(super) async fn edits(&self, wish: &Wish, there: &Arc<Ruleset>, author: &Author) -> Result<Vec<Edit>, Error> {
        let add = |rule: &Rule| Edit::AddRule { rule: rule.clone(), at: 0 };
        Ok(match wish {
            Wish::Edits(edits) => edits.clone(),
            Wish::Open(rule) => vec![add(rule)],
            Wish::OpenToAll(port, transport, rule) => {
                // A rule that says the opposite of the new one to exactly the same packets would be an error.
                unbar(there, *port, *transport).into_iter().chain([add(rule)]).collect()
            }
            Wish::Limit(port, rule) => {
                let Plan { change, .. } = self.plan_rules(&[*port], there, author).await?;
                let touched = change.into_iter().flat_map(|change| change.touched);
                let edit = |touched: crate::firewall::closing::Touched| match touched.before {
                    Some(_) => Edit::ReplaceRule(touched.after),
                    None => add(&touched.after),
                };
                touched.map(edit).chain([add(rule)]).collect()
            }
        })
    }
}
