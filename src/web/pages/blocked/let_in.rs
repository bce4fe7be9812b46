//! What would let this in: the narrowest rules that admit a row, and who else each of them would have let in.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use tokio::task::spawn_blocking;

use super::{Judge, Row, Today, show::judge, today::line_words};
use crate::{
    firewall::{
        Action, AddressRange, Direction, Family, Line, Moment, Rule, RuleId, Ruleset,
        blocked::{Blocked, BlockedId, Source},
        replay::rule_for,
        sentence,
    },
    store::{BlockedFilter, SourceSums},
    web::{
        kit::{App, Fault, Frame, Page, Query, Section, Session, Stamp, Tag, Viewer, Visit, words},
        pages::address,
    },
};

/// How far back others are looked for, in days.
const DAYS: i64 = 30;
const DAY: i64 = 86_400;

/// Others that are listed.
const LISTED: usize = 8;

/// A choice of who is let in, with what is known of the others it would have let in.
#[derive(Debug, Clone)]
pub struct Width {
    /// Whom the rule names; nobody for everybody.
    pub who: Option<AddressRange>,
    /// Who knocked there and was turned away.
    pub knocked: SourceSums,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/blocked/let-in.html")]
pub struct LetInView {
    frame: Frame,
    row: Row,
    today: Tag,
    answer: String,
    choices: Vec<Choice>,
    for_a_time: Option<String>,
    days: i64,
}

/// One rule that could be made.
#[derive(Debug)]
struct Choice {
    title: &'static str,
    rule: String,
    /// Why it wouldn't help.
    futile: Option<String>,
    others: String,
    listed: Vec<Other>,
    stage: Option<String>,
}

#[derive(Debug)]
struct Other {
    text: String,
    href: String,
    packets: String,
}

impl LetInView {
    /// Lays the page out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, row: &Blocked, judge: &Judge, widths: &[Width], now: Moment) -> Self {
        let today = judge.judge(row);
        let choices = widths.iter().filter_map(|width| Choice::new(width, row, judge)).collect();
        let to = row.door.aim().target().map(|target| target.to_string()).unwrap_or_default();
        let for_a_time = row.source.some_address().map(|address| {
            format!("{}#quick", Query::default().with("to", &to).on(&format!("{}/{address}", address::PATH)))
        });
        Self {
            today: today.into(),
            answer: answer(today),
            choices,
            for_a_time: for_a_time.filter(|_| row.door.outgoing.is_none()),
            row: Row::new(row, judge, now),
            days: DAYS,
            frame,
        }
    }

    fn may_change(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_change)
    }

    fn may_act(&self) -> bool {
        self.frame.viewer.as_ref().is_some_and(Viewer::may_confirm)
    }

    fn at(&self) -> &Stamp {
        &self.row.at
    }
}

fn answer(today: Today) -> String {
    match today {
        Today::Passes(Some(line)) => {
            format!("Today’s rules let it in, by {}. Nothing needs to be done.", line_words(line))
        }
        Today::Passes(None) => "Today’s rules let it in. Nothing needs to be done.".to_owned(),
        Today::TurnedAway(Some(line)) => format!("Today’s rules turn it away, by {}.", line_words(line)),
        Today::TurnedAway(None) => "Today’s rules turn it away.".to_owned(),
        Today::NoFirewall => "The firewall isn’t turned on: it would get in today.".to_owned(),
        Today::Unclear(why) => why.words().to_owned(),
    }
}

impl Choice {
    fn new(width: &Width, row: &Blocked, judge: &Judge) -> Option<Self> {
        let id = RuleId::new(u32::MAX)?;
        let rule = rule_for(&row.door, width.who, id)?;
        let fresh = Ruleset::default();
        let futile = futile(judge.judge_with(row, &rule));
        let own = row.source;
        let others: Vec<_> = width.knocked.most.iter().filter(|sum| sum.source != own).collect();
        let number = |number: u64| words::grouped(usize::try_from(number).unwrap_or(usize::MAX));
        let listed = others.iter().take(LISTED).filter_map(|sum| {
            let text = sum.source.addresses()?.to_string();
            Some(Other { href: format!("{}/{text}", address::PATH), text, packets: number(sum.packets) })
        });
        Some(Self {
            title: title(width.who, row.source),
            rule: sentence::of(&rule, judge.ruleset().unwrap_or(&fresh)),
            others: others_in_words(width, others.len()),
            listed: listed.collect(),
            stage: futile.is_none().then(|| stage(&rule, row, judge)),
            futile,
        })
    }
}

fn title(who: Option<AddressRange>, source: Source) -> &'static str {
    match who {
        None => "Everybody",
        Some(who) if Some(who) == source.addresses() => "Only this address",
        Some(_) => "Its network",
    }
}

/// Why a rule at the very top wouldn't let the row in.
fn futile(with: Option<Today>) -> Option<String> {
    match with {
        Some(Today::TurnedAway(Some(line))) => {
            Some(format!("No rule helps: {} decides before any rule. Its entry has to go first.", line_words(line)))
        }
        Some(Today::TurnedAway(None)) => Some("No rule helps: it is turned away before any rule.".to_owned()),
        None => Some("There are no rules in force that it could be added to.".to_owned()),
        Some(Today::Passes(_) | Today::NoFirewall | Today::Unclear(_)) => None,
    }
}

fn others_in_words(width: &Width, listed: usize) -> String {
    let at_least = if width.knocked.since.is_some() { "at least " } else { "" };
    let others = width.knocked.sources.unwrap_or(0).saturating_sub(1);
    match usize::try_from(others.max(u64::try_from(listed).unwrap_or(0))).unwrap_or(usize::MAX) {
        0 => "Nobody else who knocked there.".to_owned(),
        others => format!("{at_least}{} who knocked there.", words::count(others, "other source")),
    }
}

/// The editor with the rule filled in, placed before the rule that decides now.
fn stage(rule: &Rule, row: &Blocked, judge: &Judge) -> String {
    let rule_of = |line: Line| match line {
        Line::Rule(id) | Line::Limit(id) => Some(id),
        Line::Automatic(_) => None,
    };
    let decided = match judge.judge(row) {
        Today::TurnedAway(line) => line.and_then(rule_of),
        Today::Passes(_) | Today::NoFirewall | Today::Unclear(_) => None,
    };
    let rules = judge.ruleset().map(|ruleset| ruleset.parts().rules.as_slice()).unwrap_or_default();
    let mut same = rules.iter().filter(|other| other.direction == rule.direction);
    let position = decided.and_then(|id| same.position(|other| other.id == id)).map(|place| (place + 1).to_string());
    let direction = match rule.direction {
        Direction::In => "in",
        Direction::Out => "out",
        Direction::Forward => "forward",
    };
    let text = |things: Vec<String>| things.join("\n");
    Query::default()
        .with("action", Action::Allow.as_str())
        .with("direction", direction)
        .with("who", &text(rule.who.iter().map(ToString::to_string).collect()))
        .with("to", &text(rule.to.iter().map(ToString::to_string).collect()))
        .with("position", &position.unwrap_or_default())
        .on("/rules/new")
}

/// A row's key in an address.
type Key = Result<Path<String>, PathRejection>;

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    key: Key,
) -> Result<Page<LetInView>, Fault> {
    let key = key.ok().and_then(|Path(key)| key.parse().ok()).map(BlockedId).ok_or(Fault::NotFound)?;
    let row = app.actions().store().find_blocked(key).await?.ok_or(Fault::NotFound)?;
    let (widths, judge) = tokio::try_join!(widths(&app, &row), judge(&app, &session))?;
    let (frame, now) = (visit.frame(Some(Section::Blocked)), app.actions().now());
    let view = spawn_blocking(move || LetInView::new(frame, &row, &Arc::clone(&judge), &widths, now));
    Ok(Page(StatusCode::OK, view.await.map_err(|error| Fault::internal(&error))?))
}

/// The address alone, its network, everybody: each with those who knocked at the same door.
async fn widths(app: &App, row: &Blocked) -> Result<Vec<Width>, Fault> {
    let Source::Address(address) = row.source else { return Ok(Vec::new()) };
    let length = match Family::of(address) {
        Family::V4 => 24,
        Family::V6 => 64,
    };
    let now = app.actions().now();
    let midnight = now.as_millis().div_euclid(DAY * 1000);
    let from = Moment::from_millis((midnight - DAYS) * DAY * 1000);
    let mut widths = Vec::new();
    for who in [Some(AddressRange::from(address)), AddressRange::network(address, length), None] {
        let door = &row.door;
        let wanted = BlockedFilter {
            sources: who,
            port: door.port,
            protocol: door.protocol,
            ..BlockedFilter::between(from, now.plus_seconds(1))
        };
        let knocked = app.actions().store().sum_blocked_sources(&wanted).await?;
        widths.push(Width { who, knocked });
    }
    Ok(widths)
}
