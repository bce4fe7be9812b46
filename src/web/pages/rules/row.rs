//! One line of the page, ready for the template: a rule, or an automatic line that nobody can move.

use crate::{
    firewall::{
        Action, Automatic, Direction, Family, InterfaceName, Line, Moment, Peer, Policy, Rule, Ruleset, Severity,
        Target,
        check::Subject,
        order::{Effect, Step},
        sentence,
    },
    web::kit::{Shown, Stamp, Tag, words},
};

use super::{
    badges::{self, Badge},
    sight::Sight,
};

const NOTE_LENGTH: usize = 120;
const OWNER_LENGTH: usize = 40;
/// Of addresses, ports and the like in one cell.
const LISTED: usize = 4;

/// One row.
#[derive(Debug)]
pub enum Row {
    /// A rule of the draft, or one that the draft removes.
    Rule(Box<RuleRow>),
    /// A line of the policy.
    Automatic(Box<AutomaticRow>),
}

/// A rule.
#[derive(Debug)]
pub struct RuleRow {
    /// `r12`.
    pub id: String,
    /// Its number among the rules of its direction; none for one that the draft removes.
    pub number: Option<usize>,
    /// Whether it does anything.
    pub enabled: bool,
    /// What happens.
    pub verdict: Tag,
    /// Which way.
    pub direction: &'static str,
    /// Who sends.
    pub from: Vec<Part>,
    /// Who or what receives.
    pub to: Vec<Part>,
    /// Limits and conditions, each a few words.
    pub conditions: Vec<String>,
    /// When it will be in force.
    pub start: Option<Stamp>,
    /// When it ends.
    pub expiry: Option<Stamp>,
    /// Why it is there.
    pub note: Option<Shown>,
    /// Who answers for it.
    pub owner: Option<Shown>,
    /// What an administrator should know of it.
    pub badges: Vec<Badge>,
    /// How often it decided.
    pub hits: Hits,
}

/// An automatic line.
#[derive(Debug)]
pub struct AutomaticRow {
    /// Its name in receipts.
    pub line: &'static str,
    /// What happens.
    pub verdict: Tag,
    /// What it is called.
    pub label: &'static str,
    /// Why it is there.
    pub explanation: &'static str,
    /// The limit it has.
    pub limit: Option<String>,
    /// Where it is decided, if anywhere.
    pub place: Option<&'static str>,
    /// How often it decided.
    pub hits: Hits,
}

/// How often a line decided, in words.
#[derive(Debug, Default)]
pub struct Hits {
    /// Packets; absent where nothing is counted.
    pub packets: Option<String>,
    /// When it last did.
    pub last: Option<Stamp>,
    /// Packets above the rule's limit.
    pub above: Option<String>,
}

/// A word in a cell.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// What joins it to the one before.
    pub joint: &'static str,
    /// Whether it is an address or a port.
    pub mono: bool,
    /// Where it leads.
    pub href: Option<String>,
}

impl Row {
    pub(super) fn new(step: &Step<'_>, sight: &Sight<'_>) -> Self {
        match step {
            Step::Rule { rule, number } => Self::Rule(Box::new(RuleRow::new(rule, Some(*number), sight))),
            Step::Automatic { line, effect } => Self::Automatic(Box::new(AutomaticRow::new(*line, *effect, sight))),
        }
    }
}

impl RuleRow {
    pub(super) fn new(rule: &Rule, number: Option<usize>, sight: &Sight<'_>) -> Self {
        let ruleset = if number.is_some() { sight.draft } else { sight.running };
        let some = |text: &str, longest| (!text.is_empty()).then(|| Shown::new(text, longest));
        Self {
            id: rule.id.to_string(),
            number,
            enabled: rule.enabled && !is_ahead(rule, sight.now),
            verdict: rule.action.into(),
            direction: word(rule.direction),
            from: from(rule),
            to: to(rule, ruleset),
            conditions: conditions(rule),
            start: rule.starts_at.filter(|moment| *moment > sight.now).map(|moment| Stamp::ahead(moment, sight.now)),
            expiry: rule.expires_at.map(|moment| Stamp::ahead(moment, sight.now)),
            note: some(rule.note.as_str(), NOTE_LENGTH),
            owner: some(rule.owner.as_str(), OWNER_LENGTH),
            badges: badges::of(rule, number.is_none(), sight),
            hits: Hits::of(Line::Rule(rule.id), Some(Line::Limit(rule.id)), sight),
        }
    }

    /// Whether the draft removes it.
    #[must_use]
    pub const fn is_removed(&self) -> bool {
        self.number.is_none()
    }

    /// The classes of the row.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match (self.is_removed(), self.enabled, self.badges.iter().any(|badge| badge.draft)) {
            (true, ..) => "gone",
            (_, false, true) => "idle staged",
            (_, false, false) => "idle",
            (_, true, true) => "staged",
            (_, true, false) => "",
        }
    }
}

impl AutomaticRow {
    fn new(line: Automatic, effect: Effect, sight: &Sight<'_>) -> Self {
        let policy: &Policy = &sight.draft.parts().policy;
        Self {
            line: line.as_str(),
            verdict: match effect {
                Effect::Decides(action) => action.into(),
                Effect::GoesOn => Tag::new("", "right", "Goes on"),
            },
            label: line.label(),
            explanation: line.explanation(),
            limit: line.limit(policy),
            place: place(line),
            hits: Hits::of(Line::Automatic(line), None, sight),
        }
    }
}

impl Hits {
    fn of(line: Line, above: Option<Line>, sight: &Sight<'_>) -> Self {
        let packets = |line| sight.hits.get(&line).map(|hit| (hit.packets, hit.last_hit_at));
        let grouped = |number: u64| words::grouped(usize::try_from(number).unwrap_or(usize::MAX));
        let own = packets(line);
        Self {
            packets: own.map(|(packets, _)| grouped(packets)),
            last: own.and_then(|(_, last)| last).map(|last| Stamp::new(last, sight.now)),
            above: above.and_then(packets).filter(|(packets, _)| *packets > 0).map(|(packets, _)| grouped(packets)),
        }
    }
}

/// The page on which an automatic line is decided.
const fn place(line: Automatic) -> Option<&'static str> {
    match line {
        Automatic::DenyList => Some("/lists/deny"),
        Automatic::AllowList => Some("/lists/allow"),
        Automatic::TcpFlags => Some("/rules/policy#tcp_flags"),
        Automatic::ReversePath => Some("/rules/policy#reverse_path"),
        Automatic::Ping | Automatic::PingLimit => Some("/rules/policy#ping"),
        Automatic::Dhcpv6 => Some("/rules/policy#dhcpv6"),
        Automatic::Invalid => Some("/rules/policy#invalid"),
        Automatic::SynFlood => Some("/rules/policy#syn_flood"),
        Automatic::ConnectionFlood => Some("/rules/policy#connections"),
        Automatic::DefaultIn => Some("/rules/policy#incoming"),
        Automatic::DefaultForward => Some("/rules/policy#forwarded"),
        Automatic::DefaultOut => Some("/rules/policy#outgoing"),
        Automatic::Loopback
        | Automatic::Neighbours
        | Automatic::Ban
        | Automatic::Established
        | Automatic::NeededIcmp => None,
    }
}

/// The word of a direction.
pub(super) const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Forward => "through",
    }
}

fn from(rule: &Rule) -> Vec<Part> {
    match rule.direction {
        Direction::In | Direction::Forward if rule.who.is_empty() => vec![Part::plain("Everybody")],
        Direction::In | Direction::Forward => listed(&rule.who, Part::peer),
        Direction::Out => vec![Part::plain("This host")].into_iter().chain(at(rule)).collect(),
    }
}

fn to(rule: &Rule, ruleset: &Ruleset) -> Vec<Part> {
    let mut parts = if rule.to.is_empty() {
        vec![Part::plain("Everything")]
    } else {
        listed(&rule.to, |target| Part::target(target, ruleset))
    };
    match rule.direction {
        Direction::Out => parts.extend(behind(" at", listed(&rule.who, Part::peer))),
        Direction::In | Direction::Forward => parts.extend(at(rule)),
    }
    parts
}

fn at(rule: &Rule) -> Vec<Part> {
    behind(" at", listed(&rule.at, |range| Part::address(range.to_string())))
}

/// Joins the first of the parts to what stands before by a word.
fn behind(joint: &'static str, mut parts: Vec<Part>) -> Vec<Part> {
    if let Some(first) = parts.first_mut() {
        first.joint = joint;
    }
    parts
}

fn listed<T>(things: &[T], part: impl Fn(&T) -> Part) -> Vec<Part> {
    let mut parts: Vec<Part> = things.iter().take(LISTED).map(part).collect();
    for part in parts.iter_mut().skip(1) {
        part.joint = ",";
    }
    if things.len() > LISTED {
        let more = Part::plain(format!("{} more", words::grouped(things.len() - LISTED)));
        parts.push(Part { joint: " and", ..more });
    }
    parts
}

impl Part {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), joint: "", mono: false, href: None }
    }

    fn address(text: String) -> Self {
        let href = format!("/address/{text}");
        Self { text, joint: "", mono: true, href: Some(href) }
    }

    pub(super) fn peer(peer: &Peer) -> Self {
        match peer {
            Peer::Addresses(range) => Self::address(range.to_string()),
            Peer::List(name) => Self { href: Some(format!("/lists/{name}")), ..Self::plain(format!("list {name}")) },
            Peer::OwnNetworks => Self::plain("This host's own networks"),
        }
    }

    fn target(target: &Target, ruleset: &Ruleset) -> Self {
        let mono = matches!(target, Target::Ports(_));
        Self { mono, ..Self::plain(sentence::target(target, ruleset)) }
    }
}

/// Everything that narrows the rule besides from and to.
fn conditions(rule: &Rule) -> Vec<String> {
    let mut found = Vec::new();
    if !rule.interfaces.is_empty() {
        let names: Vec<&str> = rule.interfaces.iter().take(LISTED).map(InterfaceName::as_str).collect();
        let more = if rule.interfaces.len() > LISTED { " and more" } else { "" };
        found.push(format!("only by {}{more}", names.join(", ")));
    }
    found.extend(rule.new_connections.map(|rate| format!("{rate} new of each source")));
    found.extend(rule.connections.map(|most| format!("{most} at once of each source")));
    if rule.log && rule.action == Action::Allow {
        found.push("recorded".to_owned());
    }
    found.extend(match rule.families().as_slice() {
        [Family::V4] => Some("IPv4 only".to_owned()),
        [Family::V6] => Some("IPv6 only".to_owned()),
        _ => None,
    });
    found
}

/// The sentences of the check about a rule, with whether they forbid to apply.
pub(super) fn problems_of<'a>(rule: &Rule, sight: &Sight<'a>) -> impl Iterator<Item = (bool, &'a str)> {
    let subject = Subject::Rule(rule.id);
    let own = sight.problems.iter().filter(move |problem| problem.subject == subject);
    own.map(|problem| (problem.severity == Severity::Error, problem.sentence.as_str()))
}

/// Whether the moment from which a rule does something is still to come.
pub(super) fn is_ahead(rule: &Rule, now: Moment) -> bool {
    rule.starts_at.is_some_and(|moment| moment > now)
}

/// Whether the moment from which a rule does nothing has come.
pub(super) fn is_over(rule: &Rule, now: Moment) -> bool {
    rule.expires_at.is_some_and(|moment| moment <= now)
}
