//! From where a row can be reached: all sockets of the row together, with the way that decides.

use crate::{
    firewall::{
        Family, Line,
        exposure::{Answer, Effect, Exposure, Origin, Reach, Step},
    },
    web::kit::{Shown, Tag},
};

use super::Place;

const TEXT_LENGTH: usize = 160;
/// Of reasons below the tag.
const MOST_REASONS: usize = 2;

/// What the cell and the details say.
#[derive(Debug)]
pub struct Reached {
    /// The word.
    pub tag: Tag,
    /// The class of the cell.
    pub place: Place,
    /// Why, or to whom.
    pub reasons: Vec<Shown>,
    /// Whether it is open although our rules alone would not let that in.
    pub is_around: bool,
    /// What decides.
    pub decided_by: Decided,
    /// Each place with its answer.
    pub ways: Vec<Way>,
}

/// The rule at the end of the way from the farthest place.
#[derive(Debug, PartialEq, Eq)]
pub enum Decided {
    /// One of ours.
    Rule(String),
    /// A line of our policy.
    Policy,
    /// A rule or policy of another program.
    Other(Shown),
    /// Nothing: the socket's own address does.
    Nothing,
}

/// The answer for one place.
#[derive(Debug)]
pub struct Way {
    /// From where, and by which families.
    pub title: String,
    /// The answer as a tag.
    pub tag: Tag,
    /// More about it.
    pub words: Option<Shown>,
    /// What packets meet.
    pub steps: Vec<StepRow>,
}

/// One step.
#[derive(Debug)]
pub struct StepRow {
    /// The chain of the table.
    pub place: Shown,
    /// The rule; absent for a policy.
    pub rule: Option<Shown>,
    /// The page of the rule, if it is ours.
    pub href: Option<String>,
    /// What it does.
    pub effect: Shown,
}

/// Of several sockets, the answer by which one gets farthest.
fn best<'a>(exposures: &[&'a Exposure], origin: Origin, family: Family) -> Option<&'a Answer> {
    let answers = exposures.iter().filter_map(|exposure| exposure.answer(origin, family));
    answers.max_by_key(|answer| rank(&answer.reach))
}

const fn rank(reach: &Reach) -> u8 {
    match reach {
        Reach::Open => 4,
        Reach::CantTell(_) => 3,
        Reach::Partly(_) => 2,
        Reach::Closed => 1,
        Reach::Unreachable => 0,
    }
}

/// The farthest of the places.
pub(super) fn place(exposures: &[&Exposure]) -> Option<Place> {
    exposures.iter().map(|exposure| Place::of(exposure)).min()
}

impl Reached {
    /// Describes the exposures of a row's sockets. Without any nobody has looked yet.
    pub(super) fn new(exposures: &[&Exposure], place: Place) -> Self {
        let ways = ways(exposures);
        let origin = origin(place);
        let telling: Vec<&Answer> =
            Family::BOTH.into_iter().filter_map(|family| best(exposures, origin, family)).collect();
        let is_partly = telling.iter().all(|answer| !matches!(answer.reach, Reach::Open))
            && telling.iter().any(|answer| matches!(answer.reach, Reach::Partly(_)));
        let word = match place {
            Place::World | Place::Networks | Place::Containers if is_partly => format!("{}, not all", place.label()),
            _ => place.label().to_owned(),
        };
        Self {
            tag: Tag::new(place.tone(), place.icon(), word),
            place,
            reasons: reasons(exposures, place, &telling),
            is_around: exposures.iter().any(|exposure| exposure.is_around_our_firewall()),
            decided_by: decided(&telling),
            ways,
        }
    }
}

/// The origin whose answers make up the place. That only this host gets through is decided against the world.
const fn origin(place: Place) -> Origin {
    match place {
        Place::World | Place::Unclear | Place::Some | Place::Host => Origin::World,
        Place::Networks => Origin::Networks,
        Place::Containers => Origin::Containers,
    }
}

fn reasons(exposures: &[&Exposure], place: Place, telling: &[&Answer]) -> Vec<Shown> {
    if exposures.is_empty() && place == Place::Unclear {
        return vec![Shown::new("not looked at yet", TEXT_LENGTH)];
    }
    let mut reasons: Vec<String> = Vec::new();
    let unclear = exposures.iter().flat_map(|exposure| exposure.answers()).map(|(.., answer)| answer);
    let unclear: Vec<&Answer> = if place == Place::Unclear { unclear.collect() } else { Vec::new() };
    for answer in telling.iter().chain(&unclear) {
        match &answer.reach {
            Reach::Partly(words) | Reach::CantTell(words) => reasons.push(words.clone()),
            Reach::Open | Reach::Closed | Reach::Unreachable => {}
        }
    }
    reasons.extend(families(exposures, origin(place)).map(str::to_owned));
    if place == Place::Host && telling.iter().any(|answer| answer.reach == Reach::Closed) {
        reasons.push("shut to everybody else".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    reasons.retain(|reason| seen.insert(reason.clone()));
    reasons.iter().take(MOST_REASONS).map(|reason| Shown::new(reason, TEXT_LENGTH)).collect()
}

/// Said only where one family gets through and the other doesn't.
fn families(exposures: &[&Exposure], origin: Origin) -> Option<&'static str> {
    let open = |family| best(exposures, origin, family).map(|answer| answer.reach.is_open());
    match (open(Family::V4), open(Family::V6)) {
        (Some(true), Some(false)) => Some("over IPv4; shut over IPv6"),
        (Some(false), Some(true)) => Some("over IPv6; shut over IPv4"),
        (Some(true), None) => Some("over IPv4 only"),
        (None, Some(true)) => Some("over IPv6 only"),
        _ => None,
    }
}

/// What let in comes before what didn't.
fn decided(telling: &[&Answer]) -> Decided {
    let ends = || telling.iter().filter(|answer| answer.reach.is_open()).chain(telling);
    let steps = || ends().flat_map(|answer| answer.path.iter().rev());
    let lets_in = steps().find(|step| step.effect == Effect::Accept && matches!(own_line(step), Some(Line::Rule(_))));
    let Some(step) = lets_in.or_else(|| ends().find_map(|answer| answer.path.last())) else { return Decided::Nothing };
    match own_line(step) {
        Some(Line::Rule(id) | Line::Limit(id)) => Decided::Rule(id.to_string()),
        Some(Line::Automatic(_)) => Decided::Policy,
        None => Decided::Other(Shown::new(&format!("{} {}", step.table, step.chain), TEXT_LENGTH)),
    }
}

fn own_line(step: &Step) -> Option<Line> {
    let is_ours = step.table.rsplit(' ').next() == Some("portreeve");
    step.rule.as_deref().filter(|_| is_ours).and_then(|rule| Line::parse(rule).ok())
}

/// Families, and places one after the other, with the same answer share a line.
fn ways(exposures: &[&Exposure]) -> Vec<Way> {
    let mut found: Vec<(Vec<String>, &Answer)> = Vec::new();
    for origin in Origin::ALL {
        let answers = Family::BOTH.map(|family| best(exposures, origin, family));
        let mut add = |family: &str, answer| found.push((vec![format!("{}{family}", from(origin))], answer));
        match answers {
            [Some(four), Some(six)] if is_alike(four, six) => add("", four),
            [Some(four), Some(six)] => {
                add(" over IPv4", four);
                add(" over IPv6", six);
            }
            [four, six] => four.or(six).into_iter().for_each(|answer| add("", answer)),
        }
    }
    let mut ways: Vec<(Vec<String>, &Answer)> = Vec::new();
    for (names, answer) in found {
        match ways.last_mut().filter(|(_, last)| is_alike(last, answer)) {
            Some((last, _)) => last.extend(names),
            None => ways.push((names, answer)),
        }
    }
    ways.iter().map(|(names, answer)| Way::new(names, answer)).collect()
}

const fn from(origin: Origin) -> &'static str {
    match origin {
        Origin::World => "the world",
        Origin::Networks => "my networks",
        Origin::Containers => "containers",
        Origin::Host => "this host",
    }
}

fn is_alike(one: &Answer, other: &Answer) -> bool {
    one.reach == other.reach && telling(one).eq(telling(other))
}

/// The steps that decide something. That a chain of ours sends packets on, or lets them pass to the next chain, doesn't.
fn telling(answer: &Answer) -> impl Iterator<Item = &Step> {
    answer.path.iter().filter(|step| match (&step.effect, own_line(step)) {
        (Effect::Jump(_), _) | (Effect::Limit(_), Some(Line::Automatic(_))) => false,
        (Effect::Accept, _) => step.rule.is_some(),
        _ => true,
    })
}

impl Way {
    fn new(names: &[String], answer: &Answer) -> Self {
        let (tag, words) = match &answer.reach {
            Reach::Open => (Tag::new("every", "good", "Open"), None),
            Reach::Partly(words) => (Tag::new("some", "good", "Open to some"), Some(words.as_str())),
            Reach::Closed => (Tag::new("host", "stop", "Shut"), None),
            Reach::Unreachable => (Tag::new("host", "needless", "Not bound there"), None),
            Reach::CantTell(why) => (Tag::new("warn", "question", "Can’t tell"), Some(why.as_str())),
        };
        Self {
            title: format!("From {}", names.join(" and ")),
            tag,
            words: words.map(|words| Shown::new(words, TEXT_LENGTH)),
            steps: telling(answer).map(StepRow::new).collect(),
        }
    }
}

impl StepRow {
    fn new(step: &Step) -> Self {
        let href = match own_line(step) {
            Some(Line::Rule(id) | Line::Limit(id)) => Some(format!("/rules#{id}")),
            Some(Line::Automatic(_)) => Some("/rules".to_owned()),
            None => None,
        };
        Self {
            place: Shown::new(&format!("{} {}", step.table, step.chain), TEXT_LENGTH),
            rule: step.rule.as_deref().map(|rule| Shown::new(rule, TEXT_LENGTH)),
            href,
            effect: Shown::new(&step.effect.to_string(), TEXT_LENGTH),
        }
    }
}
