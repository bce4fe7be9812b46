//! What the layout says of the firewall on every page: a few words in the top bar, and the change bar at the bottom.

use std::time::Duration;

use super::{Shown, Stamp, words};
use crate::firewall::{
    Moment,
    enforcement::{Enforcement, Mode, RollBackCause, RolledBack},
};

/// The longest reason of the system that a bar shows.
const LONGEST_REASON: usize = 160;

/// How the firewall and the viewer's own work on it stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the helper enforced when it was asked last; none before its first answer.
    pub enforcement: Option<Enforcement>,
    /// Why the helper didn't answer the last time.
    pub fault: Option<String>,
    /// How long the pending revision has until it is rolled back.
    pub left: Option<Duration>,
    /// How many changes the viewer has staged.
    pub staged: usize,
    /// How many things another program changed in our table.
    pub drift: usize,
    /// The revision whose roll back the viewer has taken note of.
    pub noted: Option<u64>,
}

/// The words in the top bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// A class: `good`, `warn`, `bad`, or nothing.
    pub tone: &'static str,
    /// The symbol in the sprite.
    pub icon: &'static str,
    /// What it comes down to.
    pub words: String,
    /// What that means.
    pub title: String,
    /// Whether there is no firewall, which an administrator may change.
    pub is_off: bool,
}

/// One line of the change bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// A revision waits for its confirmation.
    Pending(Countdown),
    /// The last revision was rolled back.
    RolledBack(Told),
    /// Something an administrator must know.
    Alarm(Alarm),
    /// The rules only observe.
    Observing,
    /// Another program changed so many things in our table.
    Drift(String),
    /// The viewer has so many changes that aren't in force.
    Staged(String),
}

/// What the bar says of a roll back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which revision.
    pub revision: u64,
    /// What happened, and what became of the changes.
    pub sentence: String,
    /// Whether there is something to review.
    pub has_changes: bool,
}

/// What can't wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The class.
    pub tone: &'static str,
    /// The symbol.
    pub icon: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What it means and what to do.
    pub text: String,
}

/// For templates, which can't name the variants.
impl Bar {
    /// The time a pending revision has left.
    #[must_use]
    pub const fn pending(&self) -> Option<&Countdown> {
        if let Self::Pending(countdown) = self { Some(countdown) } else { None }
    }

    /// What is told of a roll back.
    #[must_use]
    pub const fn rolled_back(&self) -> Option<&Told> {
        if let Self::RolledBack(told) = self { Some(told) } else { None }
    }

    /// What can't wait.
    #[must_use]
    pub const fn alarm(&self) -> Option<&Alarm> {
        if let Self::Alarm(alarm) = self { Some(alarm) } else { None }
    }

    /// Whether it says that the rules only observe.
    #[must_use]
    pub const fn is_observing(&self) -> bool {
        matches!(self, Self::Observing)
    }

    /// `2 things`.
    #[must_use]
    pub const fn drift(&self) -> Option<&String> {
        if let Self::Drift(words) = self { Some(words) } else { None }
    }

    /// `3 changes staged`.
    #[must_use]
    pub const fn staged(&self) -> Option<&String> {
        if let Self::Staged(words) = self { Some(words) } else { None }
    }
}

/// The time a pending revision has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countdown {
    /// Its number.
    pub revision: u64,
    /// Whole seconds.
    pub seconds: u64,
    /// `1 min 23 s`.
    pub words: String,
    /// When it is over.
    pub until: Stamp,
}

impl Standing {
    /// The words in the top bar.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let Some(enforcement) = &self.enforcement else {
            let title = self.fault.clone().unwrap_or_else(|| "The helper hasn't been asked yet.".to_owned());
            return summary("warn", "unplugged", "Firewall state unknown".to_owned(), title);
        };
        if let Some(fault) = &self.fault {
            return summary("warn", "unplugged", "Helper doesn’t answer".to_owned(), fault.clone());
        }
        let revision = enforcement.confirmed.map_or_else(String::new, |revision| format!(" revision {revision}"));
        match (enforcement.mode, enforcement.pending) {
            (Mode::Panic, _) => {
                let title = "Root ordered that nothing new comes in. On the server, portreeve resume ends it.";
                summary("bad", "bad", "Panic mode".to_owned(), title.to_owned())
            }
            (Mode::Rescue, _) => {
                let title = "Only SSH, this panel and what was established pass.";
                summary("warn", "warn", "Rescue rules".to_owned(), title.to_owned())
            }
            (Mode::Off, _) => {
                let title = "Portreeve has nothing in the kernel: everything passes.";
                Summary { is_off: true, ..summary("", "off", "Firewall not turned on".to_owned(), title.to_owned()) }
            }
            (Mode::Enforcing | Mode::Observing, Some(pending)) => {
                let title = "It is rolled back unless somebody confirms it in time.";
                summary("warn", "clock", format!("Revision {} unconfirmed", pending.revision), title.to_owned())
            }
            (Mode::Observing, None) => {
                let title = "Nothing is dropped or rejected. What would be is recorded under Blocked.";
                summary("warn", "eye", format!("Observing{revision}"), title.to_owned())
            }
            (Mode::Enforcing, None) => {
                summary("good", "shield", format!("Enforcing{revision}"), "In force and confirmed.".to_owned())
            }
        }
    }

    /// The lines of the change bar as of `now`, the most urgent first.
    #[must_use]
    pub fn bars(&self, now: Moment) -> Vec<Bar> {
        let pending = self.countdown(now).map(Bar::Pending);
        let is_pending = pending.is_some();
        let rolled_back = self.rolled_back().filter(|_| !is_pending);
        let is_told = rolled_back.is_some();
        let staged = (self.staged > 0 && !is_pending && !is_told)
            .then(|| Bar::Staged(format!("{} staged", words::count(self.staged, "change"))));
        let drift = (self.drift > 0).then(|| Bar::Drift(words::count(self.drift, "thing")));
        let is_observing = self.enforcement.as_ref().is_some_and(|enforcement| enforcement.mode == Mode::Observing);
        let observing = is_observing.then_some(Bar::Observing);
        self.alarms()
            .into_iter()
            .chain(pending)
            .chain(observing)
            .chain(drift)
            .chain(rolled_back)
            .chain(staged)
            .collect()
    }

    fn countdown(&self, now: Moment) -> Option<Countdown> {
        let pending = self.enforcement.as_ref()?.pending?;
        let left = self.left.unwrap_or(Duration::from_millis(pending.millis_left));
        let seconds = left.as_secs();
        let until = now.plus_seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
        Some(Countdown {
            revision: pending.revision,
            seconds,
            words: words::duration(seconds),
            until: Stamp::new(until, now),
        })
    }

    fn rolled_back(&self) -> Option<Bar> {
        let enforcement = self.enforcement.as_ref()?;
        let RolledBack { revision, cause, .. } = enforcement.rolled_back?;
        let is_old = self.noted >= Some(revision) || enforcement.confirmed > Some(revision);
        let changes = if self.staged > 0 { " Your changes are still staged." } else { "" };
        let sentence = format!("Revision {revision} was rolled back {}.{changes}", because(cause));
        (!is_old).then_some(Bar::RolledBack(Told { revision, sentence, has_changes: self.staged > 0 }))
    }

    fn alarms(&self) -> Vec<Bar> {
        let mut alarms = Vec::new();
        let mut add = |tone, icon, title, text: String| alarms.push(Bar::Alarm(Alarm { tone, icon, title, text }));
        if let Some(fault) = &self.fault {
            let fault = Shown::new(fault, LONGEST_REASON).short;
            let text = format!(
                "{fault}. What was in force stays in force. On the server, systemctl status portreeve-helper tells more."
            );
            add("warn", "unplugged", "The helper doesn’t answer", text);
        }
        let Some(enforcement) = &self.enforcement else { return alarms };
        match enforcement.mode {
            Mode::Panic => {
                let text = "Nothing new comes in until somebody runs portreeve resume as root on the server.";
                add("bad", "bad", "Panic mode is on", text.to_owned());
            }
            Mode::Rescue => {
                let text = "Only SSH, this panel and what was established pass, until somebody runs portreeve resume \
                            as root on the server.";
                add("warn", "warn", "The rescue rules are in force", text.to_owned());
            }
            Mode::Off | Mode::Enforcing | Mode::Observing => {}
        }
        if let Some(notice) = &enforcement.notice {
            add("warn", "warn", "The helper reports", Shown::new(notice, LONGEST_REASON).short);
        }
        alarms
    }
}

fn summary(tone: &'static str, icon: &'static str, words: String, title: String) -> Summary {
    Summary { tone, icon, words, title, is_off: false }
}

/// Why a revision was rolled back, as the end of a sentence.
#[must_use]
pub const fn because(cause: RollBackCause) -> &'static str {
    match cause {
        RollBackCause::Silence => "because nobody confirmed it",
        RollBackCause::Asked => "because somebody asked for it",
        RollBackCause::Restart => "because the helper or the host was restarted before it was confirmed",
        RollBackCause::Superseded => "because another change came before it was confirmed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::enforcement::Pending;

    const NOW: Moment = Moment::from_millis(1_795_375_697_000);

    fn enforcing() -> Enforcement {
        Enforcement { mode: Mode::Enforcing, confirmed: Some(41), ..Enforcement::default() }
    }

    fn standing(enforcement: Enforcement) -> Standing {
        Standing { enforcement: Some(enforcement), ..Standing::default() }
    }

    fn rolled_back(revision: u64) -> Enforcement {
        let rolled_back = RolledBack { revision, cause: RollBackCause::Silence, at: NOW };
        Enforcement { rolled_back: Some(rolled_back), ..enforcing() }
    }

    #[test]
    fn the_top_bar_says_what_is_in_force() {
        let words = |standing: Standing| standing.summary().words;
        assert_eq!(words(Standing::default()), "Firewall state unknown");
        assert_eq!(words(standing(Enforcement::default())), "Firewall not turned on");
        assert_eq!(words(standing(enforcing())), "Enforcing revision 41");
        let pending = Some(Pending { revision: 42, millis_left: 9000, window_seconds: 120 });
        assert_eq!(words(standing(Enforcement { pending, ..enforcing() })), "Revision 42 unconfirmed");
        assert_eq!(words(standing(Enforcement { mode: Mode::Observing, ..enforcing() })), "Observing revision 41");
        assert_eq!(words(standing(Enforcement { mode: Mode::Panic, ..enforcing() })), "Panic mode");
        assert_eq!(words(standing(Enforcement { mode: Mode::Rescue, ..enforcing() })), "Rescue rules");
        let silent = Standing { fault: Some("no answer".into()), ..standing(enforcing()) };
        assert_eq!(words(silent), "Helper doesn’t answer");
    }

    #[test]
    fn a_pending_revision_stands_alone_and_counts_down() {
        let pending = Some(Pending { revision: 42, millis_left: 83_400, window_seconds: 120 });
        let standing = Standing { staged: 3, ..standing(Enforcement { pending, ..rolled_back(40) }) };
        let bars = standing.bars(NOW);
        let [Bar::Pending(countdown)] = bars.as_slice() else { panic!("{bars:?}") };
        assert_eq!((countdown.seconds, countdown.words.as_str()), (83, "1 min 23 s"));
        assert_eq!(countdown.until.clock(), "19:29:40 UTC");
    }

    #[test]
    fn a_roll_back_is_told_until_it_is_noted_or_something_newer_is_confirmed() {
        let told = Standing { staged: 2, ..standing(rolled_back(42)) };
        let bars = told.bars(NOW);
        let [Bar::RolledBack(Told { sentence, has_changes: true, .. })] = bars.as_slice() else { panic!("{bars:?}") };
        assert_eq!(sentence, "Revision 42 was rolled back because nobody confirmed it. Your changes are still staged.");
        let noted = Standing { noted: Some(42), ..told.clone() };
        assert_eq!(noted.bars(NOW), [Bar::Staged("2 changes staged".into())]);
        let newer = Enforcement { confirmed: Some(43), ..rolled_back(42) };
        assert_eq!(standing(newer).bars(NOW), []);
    }

    #[test]
    fn rules_that_only_observe_say_so_as_long_as_they_do() {
        let observing = standing(Enforcement { mode: Mode::Observing, ..enforcing() });
        assert_eq!(observing.bars(NOW), [Bar::Observing]);
        let staged = Standing { staged: 1, ..observing };
        assert_eq!(staged.bars(NOW), [Bar::Observing, Bar::Staged("1 change staged".into())]);
    }

    #[test]
    fn alarms_come_first_and_hide_nothing() {
        let panic = Enforcement { mode: Mode::Panic, notice: Some("state.json was broken".into()), ..enforcing() };
        let standing = Standing { fault: Some("no answer".into()), staged: 1, drift: 2, ..standing(panic) };
        let bars = standing.bars(NOW);
        assert!(bars[..3].iter().all(|bar| matches!(bar, Bar::Alarm(_))), "{bars:?}");
        assert!(matches!(bars[3..], [Bar::Drift(_), Bar::Staged(_)]), "{bars:?}");
    }
}
