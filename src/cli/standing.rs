//! What is in force and what to do next, in plain words. The first line is one sentence.

use crate::firewall::{
    Moment,
    enforcement::{Enforcement, Mode, Pending, RollBackCause, RolledBack},
    instant, untrusted,
};

/// The most that is printed of a notice.
const LONGEST_NOTICE: usize = 1000;

/// All of it, a line each.
pub(super) fn words(state: &Enforcement) -> String {
    let mut lines = match state.pending {
        Some(pending) => waiting(pending),
        None => settled(state),
    };
    let news = |rolled_back: &RolledBack| state.confirmed.is_none_or(|confirmed| rolled_back.revision > confirmed);
    lines.extend(state.rolled_back.filter(news).map(|rolled_back| said_of(&rolled_back)));
    lines.extend(state.notice.as_ref().map(|notice| format!("Notice: {}", untrusted::tame(notice, LONGEST_NOTICE))));
    lines.join("\n") + "\n"
}

fn waiting(pending: Pending) -> Vec<String> {
    let seconds = pending.millis_left.div_ceil(1000);
    vec![
        format!(
            "Revision {} is in force and waits {seconds} s for a confirmation: portreeve confirm",
            pending.revision
        ),
        "Without one, what was in force before comes back. To have it back now: portreeve rollback".to_owned(),
    ]
}

fn settled(state: &Enforcement) -> Vec<String> {
    let end = match state.confirmed {
        Some(revision) => format!("To end it and bring back revision {revision}: portreeve resume"),
        None => "To end it: portreeve resume, or apply a ruleset and confirm it: portreeve rules apply FILE".to_owned(),
    };
    match (state.mode, state.confirmed) {
        (Mode::Off, _) => vec![
            "The firewall is off: nothing of Portreeve is in the kernel.".to_owned(),
            "To turn it on: portreeve rules apply FILE".to_owned(),
        ],
        (Mode::Enforcing, Some(revision)) => vec![format!("Enforcing revision {revision}.")],
        (Mode::Enforcing, None) => vec!["Enforcing a revision.".to_owned()],
        (Mode::Observing, revision) => {
            let which = revision.map_or_else(|| "a revision".to_owned(), |revision| format!("revision {revision}"));
            vec![
                format!("Observing {which}: nothing is turned away, what would be is recorded."),
                "To enforce it: apply it without “observe = true” in its policy: portreeve rules apply FILE".to_owned(),
            ]
        }
        (Mode::Panic, _) => {
            vec!["Panic: nothing new gets in or passes through. What is established goes on.".to_owned(), end]
        }
        (Mode::Rescue, _) => vec!["Rescue: only SSH, the panel and what is established get in.".to_owned(), end],
    }
}

fn said_of(rolled_back: &RolledBack) -> String {
    let cause = match rolled_back.cause {
        RollBackCause::Silence => "nobody confirmed it in time",
        RollBackCause::Asked => "somebody asked for it",
        RollBackCause::Restart => "the helper or the host was stopped before it was confirmed",
        RollBackCause::Superseded => "another revision or an emergency took its place before it was confirmed",
    };
    let when = instant::print(Moment::from_millis(rolled_back.at.as_millis() / 1000 * 1000));
    format!("Revision {} was rolled back on {when}: {cause}.", rolled_back.revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_what_is_in_force() {
        let pending = Some(Pending { revision: 42, millis_left: 62_001, window_seconds: 120 });
        let enforcing = Enforcement { mode: Mode::Enforcing, confirmed: Some(41), ..Enforcement::default() };
        let panic = Enforcement { mode: Mode::Panic, ..enforcing.clone() };
        for (state, first, rest) in [
            (Enforcement::default(), "The firewall is off: nothing of Portreeve is in the kernel.", "rules apply"),
            (enforcing.clone(), "Enforcing revision 41.", ""),
            (
                panic,
                "Panic: nothing new gets in or passes through. What is established goes on.",
                "bring back revision 41",
            ),
            (
                Enforcement { pending, ..enforcing },
                "Revision 42 is in force and waits 63 s for a confirmation: portreeve confirm",
                "portreeve rollback",
            ),
        ] {
            let words = words(&state);
            assert_eq!(words.lines().next(), Some(first));
            assert!(words.contains(rest), "{words}");
        }
    }

    #[test]
    fn an_old_roll_back_is_no_news_and_a_notice_is_tamed() {
        let rolled_back =
            Some(RolledBack { revision: 5, cause: RollBackCause::Silence, at: Moment::from_millis(1_999) });
        let notice = Some("\x1b[2Jgone\nEnforcing revision 9.".to_owned());
        let mut state =
            Enforcement { mode: Mode::Enforcing, confirmed: Some(4), rolled_back, notice, ..Enforcement::default() };
        let news = words(&state);
        assert!(news.contains("\nRevision 5 was rolled back on 1970-01-01T00:00:01Z: nobody confirmed"), "{news}");
        assert_eq!(news.lines().count(), 3);
        assert!(!news.contains('\x1b'));
        state.confirmed = Some(6);
        assert!(!words(&state).contains("rolled back"));
    }
}
