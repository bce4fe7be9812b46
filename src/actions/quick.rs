//! Allowing, denying and lifting at once: one revision that is applied and confirmed by itself, because it can't cost
//! anybody the way in. What might goes into the draft instead.

use super::{Actions, HelperFault, Origin, Right, SignedIn, wish::Wish};
use crate::{
    firewall::{
        Action, AddressRange, Direction, ListName, Moment, Peer, Rule, RuleId, Ruleset, Target, Text,
        edit::{Edit, EditProblem},
        list::{self, Entry},
    },
    store::{Entry as StoreEntry, Error, Verb},
};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quick {
    /// About whom.
    pub addresses: AddressRange,
    /// Allow or drop.
    pub action: Action,
    /// For how long; always without a number.
    pub seconds: Option<i64>,
    /// What is reached; everything if it is empty.
    pub to: Vec<Target>,
    /// Which way.
    pub direction: Direction,
    /// Why.
    pub note: Text,
}

/// What is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lift {
    /// A rule; it is kept and disabled.
    Rule(RuleId),
    /// A ban.
    Ban(AddressRange),
    /// An entry of a list.
    Entry {
        /// The list.
        list: ListName,
        /// The entry's addresses.
        addresses: AddressRange,
    },
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickDone {
    /// It is in force.
    InForce,
    /// It is in the draft, because it might cost somebody the way in or because nothing can be applied by itself now.
    Staged,
    /// What was to be lifted isn't there.
    NotThere,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum QuickError {
    /// The role doesn't allow it.
    #[error("this needs an administrator")]
    Forbidden,
    /// It takes a proof that is younger: [`Actions::step_up`].
    #[error("show again that it is you first")]
    Unproved,
    /// It can't take effect by itself now, and only an administrator has a draft for it.
    #[error(
        "it can’t take effect by itself now, because the firewall is off, a revision waits, or somebody might lose the \
         way in: ask an administrator"
    )]
    NotNow,
    /// The helper didn't.
    #[error(transparent)]
    Helper(#[from] HelperFault),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Actions {
    /// Allows or denies an address. For a time an operator may; always only an administrator.
    ///
    /// # Errors
    /// [`QuickError`]; nothing was done then.
    pub async fn quick(&self, by: &SignedIn, quick: Quick, origin: &Origin) -> Result<QuickDone, QuickError> {
        need(by, if quick.seconds.is_some() { Right::Ban } else { Right::ChangeRules })?;
        let edits = if goes_by_lists(&quick) {
            list_edits(&quick, self.now())
        } else {
            let rule = rule(&quick, self.new_rule_id().await?, by.user.name.as_str(), self.now());
            vec![Edit::AddRule { rule, at: 0 }]
        };
        self.at_once(by, Wish::Edits(edits), sentence(&quick), origin).await
    }

    /// Ends a ban, an entry of a list or a rule. Bans an operator may lift, the rest only an administrator.
    ///
    /// # Errors
    /// [`QuickError`]; nothing was done then.
    pub async fn lift(&self, by: &SignedIn, lift: Lift, origin: &Origin) -> Result<QuickDone, QuickError> {
        let (edit, sentence) = match lift {
            Lift::Ban(addresses) => return self.lift_ban(by, addresses, origin).await,
            Lift::Rule(id) => (Edit::SetEnabled { ids: vec![id], enabled: false }, format!("Disable rule {id}")),
            Lift::Entry { list, addresses } => {
                let sentence = format!("Take {addresses} off list {list}");
                (Edit::RemoveEntries { list, addresses: vec![addresses] }, sentence)
            }
        };
        need(by, Right::ChangeRules)?;
        self.at_once(by, Wish::Edits(vec![edit]), sentence, origin).await
    }

    async fn lift_ban(&self, by: &SignedIn, addresses: AddressRange, origin: &Origin) -> Result<QuickDone, QuickError> {
        need(by, Right::Ban)?;
        self.act(move |helper| helper.set_members(Vec::new(), vec![addresses])).await?;
        let tx = self.store().write(by.actor(origin), self.now()).await?;
        tx.commit(StoreEntry::done(Verb::LiftBan, addresses.to_string())).await?;
        self.refresh_surroundings().await;
        Ok(QuickDone::InForce)
    }
}

fn need(by: &SignedIn, right: Right) -> Result<(), QuickError> {
    by.need(right).ok_or(QuickError::Forbidden)
}

/// Everything from an address goes by the two lists that are looked up before all rules; anything narrower is a rule before
/// all others of its direction.
fn goes_by_lists(quick: &Quick) -> bool {
    quick.direction == Direction::In && quick.to.is_empty() && quick.action != Action::Reject
}

fn end(quick: &Quick, now: Moment) -> Option<Moment> {
    quick.seconds.map(|seconds| Moment::from_millis((now.as_millis() / 1000 + seconds) * 1000))
}

fn list_edits(quick: &Quick, now: Moment) -> Vec<Edit> {
    let (on, off) = if quick.action == Action::Allow { (list::ALLOW, list::DENY) } else { (list::DENY, list::ALLOW) };
    let name = |name: &str| ListName::parse(name).expect("a constant of the right form");
    let entry = Entry { addresses: quick.addresses, expires_at: end(quick, now), note: quick.note.clone() };
    vec![
        // An address on both lists would be allowed.
        Edit::RemoveEntries { list: name(off), addresses: vec![quick.addresses] },
        Edit::AddEntries { list: name(on), entries: vec![entry] },
    ]
}

fn rule(quick: &Quick, id: RuleId, owner: &str, now: Moment) -> Rule {
    Rule {
        id,
        enabled: true,
        action: quick.action,
        direction: quick.direction,
        who: vec![Peer::Addresses(quick.addresses)],
        to: quick.to.clone(),
        interfaces: Vec::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at: end(quick, now),
        owner: Text::parse(owner).unwrap_or_else(|_| Text::empty()),
        note: quick.note.clone(),
    }
}

/// Applies edits one after the other. That there is nothing to take off a list is no reason to stop, unless it is all that
/// was asked for.
pub(super) fn apply_all(edits: &[Edit], ruleset: &Ruleset) -> Result<Ruleset, EditProblem> {
    let only = edits.len() == 1;
    edits.iter().try_fold(ruleset.clone(), |ruleset, edit| match edit.apply(ruleset.clone()) {
        Err(EditProblem::NoEntry(_) | EditProblem::NoList(_)) if !only => Ok(ruleset),
        applied => applied,
    })
}

fn sentence(quick: &Quick) -> String {
    let verb = if quick.action == Action::Allow { "Allow" } else { "Deny" };
    let to: Vec<String> = quick.to.iter().take(4).map(ToString::to_string).collect();
    let to = if to.is_empty() { String::new() } else { format!(" {}", to.join(", ")) };
    let many = |number: i64, unit: &str| format!("for {number} {unit}{}", if number == 1 { "" } else { "s" });
    let span = match quick.seconds {
        None => "always".to_owned(),
        Some(seconds) if seconds % 86_400 == 0 => many(seconds / 86_400, "day"),
        Some(seconds) => many(seconds / 3600, "hour"),
    };
    format!("{verb} {}{to} {span}", quick.addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick(action: Action, seconds: Option<i64>, to: &[&str]) -> Quick {
        Quick {
            addresses: AddressRange::parse("198.51.100.7").expect("an address"),
            action,
            seconds,
            to: to.iter().map(|text| Target::parse(text).expect("a target")).collect(),
            direction: Direction::In,
            note: Text::parse("why").expect("a note"),
        }
    }

    const NOW: Moment = Moment::from_millis(1_795_375_697_123);

    fn apply(quick: &Quick, ruleset: &Ruleset) -> Ruleset {
        apply_all(&list_edits(quick, NOW), ruleset).expect("it applies")
    }

    fn entries(ruleset: &Ruleset, name: &str) -> Vec<String> {
        let list = ruleset.parts().lists.iter().find(|list| list.name.as_str() == name);
        list.map(|list| list.entries.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    #[test]
    fn everything_goes_by_the_lists_and_never_by_both() {
        let denied = apply(&quick(Action::Drop, Some(3600), &[]), &Ruleset::default());
        assert_eq!(entries(&denied, "deny"), ["198.51.100.7 until 2026-11-22T20:28:17Z # why"]);
        let allowed = apply(&quick(Action::Allow, None, &[]), &denied);
        assert_eq!((entries(&allowed, "deny").len(), entries(&allowed, "allow").len()), (0, 1));
        assert!(allowed.parts().rules.is_empty());
    }

    #[test]
    fn single_ports_are_a_rule_of_whoever_asked() {
        let ports = quick(Action::Drop, Some(86_400), &["22/tcp", "https"]);
        assert!(!goes_by_lists(&ports) && goes_by_lists(&quick(Action::Drop, None, &[])));
        let rule = rule(&ports, RuleId::new(9).expect("not 0"), "anna", NOW);
        assert_eq!((rule.id.get(), rule.owner.as_str(), rule.to.len()), (9, "anna", 2));
        assert_eq!(rule.expires_at, Some(Moment::from_millis(1_795_462_097_000)));
    }

    #[test]
    fn the_sentence_says_it_in_one_line() {
        assert_eq!(sentence(&quick(Action::Drop, Some(3600), &[])), "Deny 198.51.100.7 for 1 hour");
        assert_eq!(sentence(&quick(Action::Allow, None, &["ssh"])), "Allow 198.51.100.7 ssh always");
    }
}
