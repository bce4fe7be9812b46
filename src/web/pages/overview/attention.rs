//! What needs somebody: one line each, with the one act that helps.

use super::Glance;
use crate::{
    firewall::{Moment, enforcement::Mode, listener::Transport, usage::SeenListener},
    web::kit::{Bar, Frame, Shown, Stamp, Viewer, words},
};

const LONGEST_NAME: usize = 40;
const LONGEST_REASON: usize = 160;

/// New ports that are named; the rest is counted.
const NAMED: usize = 3;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The class: `bad`, `warn`, or nothing.
    pub tone: &'static str,
    /// The symbol.
    pub icon: &'static str,
    /// What it is.
    pub text: String,
    /// Where the act is, and its word.
    pub act: Option<(&'static str, &'static str)>,
}

/// When the panel's certificate ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    days: i64,
}

impl Ending {
    /// Within so many days; it is over with 0.
    #[must_use]
    pub const fn within(days: i64) -> Self {
        Self { days }
    }
}

fn need(tone: &'static str, icon: &'static str, text: String, act: Option<(&'static str, &'static str)>) -> Need {
    Need { tone, icon, text, act }
}

impl Need {
    /// Everything that needs somebody, the most urgent first.
    pub(super) fn all(frame: &Frame, known: &Glance<'_>, now: Moment) -> Vec<Self> {
        let may_change = frame.viewer.as_ref().is_some_and(Viewer::may_change);
        let may_confirm = frame.viewer.as_ref().is_some_and(Viewer::may_confirm);
        let of_bars = frame.bars.iter().map(|bar| of_bar(bar, may_confirm));
        let others = [
            off(known, may_change),
            around(known),
            needless(known, may_change),
            not_recording(known),
            unclear(known),
            news(known, now),
            certificate(known),
        ];
        of_bars.chain(others.into_iter().flatten()).collect()
    }
}

/// What the change bar says waits here too, so that an empty list means that nothing waits.
fn of_bar(bar: &Bar, may_confirm: bool) -> Need {
    match bar {
        Bar::Pending(countdown) => {
            let text = format!(
                "Revision {} is rolled back at {} unless somebody confirms it.",
                countdown.revision,
                countdown.until.clock()
            );
            let act = if may_confirm { ("/review/applied", "Confirm…") } else { ("/review/applied", "See what") };
            need("warn", "clock", text, Some(act))
        }
        Bar::RolledBack(told) => {
            let act = if told.has_changes { ("/review", "Review") } else { ("/history", "See it") };
            need("warn", "again", told.sentence.clone(), Some(act))
        }
        Bar::Alarm(alarm) => need(alarm.tone, alarm.icon, format!("{}. {}", alarm.title, alarm.text), None),
        Bar::Observing => {
            let text = "The rules only observe: nothing is turned away before somebody enforces them.".to_owned();
            need("warn", "eye", text, Some(("/blocked?what=would", "See whom they would")))
        }
        Bar::Drift(what) => {
            let text = format!("Another program changed {what} in Portreeve’s table.");
            need("warn", "warn", text, Some(("/history#drift", "See what")))
        }
        Bar::Staged(what) => {
            need("", "pencil", format!("{what}; nothing of it is in force yet."), Some(("/review", "Review")))
        }
    }
}

fn off(known: &Glance<'_>, may_change: bool) -> Option<Need> {
    let is_off = known.firewall.enforcement.as_ref().is_some_and(|enforcement| enforcement.mode == Mode::Off);
    let text = "The firewall isn’t turned on, so every port is as open as its program makes it.".to_owned();
    is_off.then(|| need("warn", "off", text, may_change.then_some(("/turn-on", "Turn it on"))))
}

fn around(known: &Glance<'_>) -> Option<Need> {
    let text = match known.census.around {
        0 => return None,
        1 => "1 port is open around the firewall: another program’s rules let packets in to it.".to_owned(),
        number => format!(
            "{} are open around the firewall: another program’s rules let packets in to them.",
            words::count(number, "port")
        ),
    };
    Some(need("warn", "warn", text, Some(("/ports?from=world", "See which"))))
}

fn needless(known: &Glance<'_>, may_change: bool) -> Option<Need> {
    let text = match known.census.needless {
        0 => return None,
        1 => "1 service is open to the world and isn’t needed on a web server.".to_owned(),
        number => {
            format!("{} are open to the world and aren’t needed on a web server.", words::count(number, "service"))
        }
    };
    let act =
        if may_change { ("/ports/needless", "Close…") } else { ("/ports?from=world&need=not-needed", "See which") };
    Some(need("warn", "needless", text, Some(act)))
}

/// Without a firewall nothing is to be recorded, and while the helper is silent its own line says enough.
fn not_recording(known: &Glance<'_>) -> Option<Need> {
    let mode = known.firewall.enforcement.as_ref().map(|enforcement| enforcement.mode)?;
    let is_expected = mode == Mode::Off || known.firewall.fault.is_some();
    let fault = known.collecting.fault.as_ref().filter(|_| !is_expected)?;
    let text = format!("What is turned away isn’t recorded: {}.", Shown::new(fault, LONGEST_REASON).short);
    Some(need("warn", "warn", text, Some(("/blocked", "See more"))))
}

fn unclear(known: &Glance<'_>) -> Option<Need> {
    let number =
        known.census.places.iter().find(|(place, ..)| place.as_str() == "unclear").map(|(_, number, _)| *number)?;
    let subject = words::count(number, "port");
    let text = format!("It can’t be told who reaches {subject}, because a rule of another program isn’t understood.");
    known.census.is_known.then(|| need("warn", "question", text, Some(("/ports?from=unclear", "See which"))))
}

/// `8080/tcp (node.service) and 2 more are new since you looked at Ports 2 days ago.`
fn news(known: &Glance<'_>, now: Moment) -> Option<Need> {
    let (new, since) = (&known.news.new, known.news.since?);
    let mut named: Vec<String> = new.iter().take(NAMED).map(name).collect();
    match new.len() {
        0 => return None,
        number if number > NAMED => named.push(format!("{} more", words::grouped(number - NAMED))),
        _ => {}
    }
    let verb = if new.len() == 1 { "is" } else { "are" };
    let since = Stamp::new(since, now).words;
    let text = format!("{} {verb} new since you looked at the ports {since}.", words::list(&named));
    Some(need("", "plug", text, Some(("/ports", "To the ports"))))
}

fn name(seen: &SeenListener) -> String {
    let transport = if seen.transport == Transport::Tcp { "tcp" } else { "udp" };
    format!("{}/{transport} ({})", seen.port, Shown::new(&seen.owner, LONGEST_NAME).short)
}

fn certificate(known: &Glance<'_>) -> Option<Need> {
    let when = match known.certificate?.days {
        0 => "is over".to_owned(),
        1 => "ends within a day".to_owned(),
        days => format!("ends within {days} days"),
    };
    let text = format!(
        "The panel’s certificate {when}. One of your own is used as soon as its files are replaced; the self-made one is \
         made anew when the panel starts again."
    );
    Some(need("warn", "lock", text, None))
}
