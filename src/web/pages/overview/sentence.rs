//! The page's first sentence: what the firewall does now.

use crate::{
    actions::FirewallView,
    firewall::{Moment, enforcement::Mode},
    store::Revision,
    web::kit::{Shown, Stamp},
};

/// Accounts have short names; whoever confirmed outside the panel has none.
const LONGEST_NAME: usize = 40;

/// `Enforcing revision 41, confirmed by anna 2 days ago.`
pub(super) fn sentence(firewall: &FirewallView, revision: Option<&Revision>, now: Moment) -> String {
    let Some(enforcement) = &firewall.enforcement else {
        return match firewall.fault {
            Some(_) => "What the firewall does isn’t known: the helper doesn’t answer.".to_owned(),
            None => "What the firewall does isn’t known yet: Portreeve has just started.".to_owned(),
        };
    };
    let what = match (enforcement.mode, firewall.pending()) {
        (Mode::Off, _) => "The firewall is off: Portreeve filters nothing.".to_owned(),
        (Mode::Panic, _) => "Panic mode: nothing new comes in.".to_owned(),
        (Mode::Rescue, _) => "Rescue rules: only SSH, this panel and what was established pass.".to_owned(),
        (Mode::Enforcing | Mode::Observing, Some(pending)) => {
            format!("Revision {pending} is in force for a moment: it is rolled back unless somebody confirms it.")
        }
        (Mode::Enforcing, None) => enforcing(enforcement.confirmed, revision, now),
        (Mode::Observing, None) => match enforcement.confirmed {
            Some(number) => format!("Observing revision {number}: nothing is turned away, only recorded."),
            None => "Observing: nothing is turned away, only recorded.".to_owned(),
        },
    };
    match &firewall.fault {
        Some(_) => format!("The helper doesn’t answer. When it last did: {what}"),
        None => what,
    }
}

fn enforcing(confirmed: Option<u64>, revision: Option<&Revision>, now: Moment) -> String {
    let Some(number) = confirmed else { return "Enforcing rules that no revision tells of.".to_owned() };
    let Some(revision) = revision else { return format!("Enforcing revision {number}.") };
    let at = revision.ended_at.map(|at| format!(" {}", Stamp::new(at, now).words)).unwrap_or_default();
    format!("Enforcing revision {number}, confirmed{}{at}.", by(&revision.reason))
}

/// The reason of a confirmation begins with who it was, if it was somebody of this panel.
fn by(reason: &str) -> String {
    let name = reason.strip_prefix("by ").and_then(|rest| rest.split(',').next());
    name.map(|name| format!(" by {}", Shown::new(name, LONGEST_NAME).short)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        firewall::enforcement::{Enforcement, Pending},
        store::Ending,
    };

    const NOW: Moment = Moment::from_millis(1_795_375_697_000);

    fn said(mode: Mode, pending: Option<u64>, fault: Option<&str>, reason: &str) -> String {
        let pending = pending.map(|revision| Pending { revision, millis_left: 9_000, window_seconds: 120 });
        let enforcement = Some(Enforcement { mode, confirmed: Some(41), pending, ..Enforcement::default() });
        let firewall = FirewallView { enforcement, fault: fault.map(str::to_owned), ..FirewallView::default() };
        let at = NOW.plus_seconds(-2 * 86_400);
        let revision = Revision {
            number: 41,
            parent: None,
            author: "bert".into(),
            at,
            sentence: String::new(),
            ending: Ending::Confirmed,
            ended_at: Some(at),
            reason: reason.into(),
        };
        sentence(&firewall, Some(&revision), NOW)
    }

    #[test]
    fn each_state_has_its_words() {
        let by_anna = "by anna, 14 s after the change";
        assert_eq!(said(Mode::Enforcing, None, None, by_anna), "Enforcing revision 41, confirmed by anna 2 days ago.");
        assert_eq!(
            said(Mode::Enforcing, None, None, "confirmed outside the panel"),
            "Enforcing revision 41, confirmed 2 days ago."
        );
        assert!(said(Mode::Enforcing, Some(42), None, by_anna).starts_with("Revision 42 is in force for a moment"));
        assert!(said(Mode::Off, None, None, by_anna).starts_with("The firewall is off"));
        assert!(said(Mode::Panic, None, None, by_anna).starts_with("Panic mode"));
        assert!(said(Mode::Rescue, None, None, by_anna).starts_with("Rescue rules"));
        let silent = said(Mode::Enforcing, None, Some("no answer"), by_anna);
        assert!(silent.starts_with("The helper doesn’t answer. When it last did: Enforcing"), "{silent}");
    }

    #[test]
    fn what_nobody_told_isnt_guessed() {
        let never = FirewallView::default();
        assert!(sentence(&never, None, NOW).contains("just started"));
        let down = FirewallView { fault: Some("x".into()), ..never };
        assert!(sentence(&down, None, NOW).contains("doesn’t answer"));
    }
}
