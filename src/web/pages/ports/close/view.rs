//! The sheet as the template sees it.

use askama::Template;

use crate::{
    actions::{ClosePlan, LevelPlan, UnitPlan},
    firewall::{
        Moment,
        closing::CloseLevel,
        listener::Transport,
        unit::UnitName,
        usage::{Connected, PortUse},
    },
    web::{
        kit::{Frame, Problems, Shown, Stamp, words},
        pages::ports::{PortKey, subject::Subject, unit_state::unit_state},
    },
};

const TEXT_LENGTH: usize = 160;
/// Of addresses or ports in one sentence.
const MOST: usize = 12;

/// What the sheet is laid out from.
#[derive(Debug)]
pub struct SheetGrounds<'a> {
    /// What the port is for and who holds it.
    pub subject: Subject,
    /// What closing it would do.
    pub plan: &'a ClosePlan,
    /// Who is connected, where that is known.
    pub connected: Option<&'a Connected>,
    /// Who used it, where that is known.
    pub used: Option<&'a PortUse>,
    /// Whether rules are enforced.
    pub is_on: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/ports/close.html")]
pub struct SheetView {
    frame: Frame,
    port: PortKey,
    subject: Subject,
    protected: Option<String>,
    connected: String,
    peers: Vec<Peer>,
    last_used: Option<Stamp>,
    units: Vec<Unit>,
    still: Vec<String>,
    rule_changes: Vec<String>,
    levels: Vec<Level>,
    is_on: bool,
    problems: Problems,
}

#[derive(Debug)]
struct Peer {
    address: String,
    connections: String,
}

/// A unit that has something to do with the port.
#[derive(Debug)]
struct Unit {
    name: String,
    description: Option<Shown>,
    state: Option<Shown>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Level {
    value: &'static str,
    label: &'static str,
    undo: &'static str,
    effects: Vec<String>,
    unavailable: Option<String>,
    is_chosen: bool,
}

impl SheetView {
    /// Lays the page out. `chosen` is the level of a form that comes back.
    #[must_use]
    pub fn new(
        frame: Frame,
        grounds: &SheetGrounds<'_>,
        chosen: Option<CloseLevel>,
        problems: Problems,
        now: Moment,
    ) -> Self {
        let plan = grounds.plan;
        let chosen = chosen.or_else(|| recommended(plan, &[]));
        let (connected, peers) = connected(grounds.connected);
        Self {
            frame,
            port: PortKey { port: plan.port, transport: plan.transport },
            subject: grounds.subject.clone(),
            protected: plan.protected.as_deref().map(words::sentence),
            connected,
            peers,
            last_used: grounds.used.and_then(|used| used.last_used_at).map(|at| Stamp::new(at, now)),
            units: plan.units.iter().map(Unit::new).collect(),
            still: plan.still.iter().take(MOST).map(ToString::to_string).collect(),
            rule_changes: plan.rule_changes.clone(),
            levels: plan.levels.iter().map(|level| Level::new(level, chosen)).collect(),
            is_on: grounds.is_on,
            problems,
        }
    }

    fn can_close(&self) -> bool {
        self.protected.is_none() && self.levels.iter().any(|level| level.unavailable.is_none())
    }
}

/// As far as possible without ending what else the program serves, `closing` excepted.
pub(in crate::web::pages::ports) fn recommended(plan: &ClosePlan, closing: &[PortKey]) -> Option<CloseLevel> {
    let is_open =
        |wanted: CloseLevel| plan.levels.iter().any(|level| level.level == wanted && level.unavailable.is_none());
    let stays =
        |(port, transport): &(u16, Transport)| !closing.contains(&PortKey { port: *port, transport: *transport });
    let serves_more = plan.units.iter().flat_map(|unit| &unit.others).any(stays);
    let order: &[CloseLevel] =
        if serves_more { &[CloseLevel::Block] } else { &[CloseLevel::Disable, CloseLevel::Block, CloseLevel::Stop] };
    order.iter().copied().find(|level| is_open(*level))
}

fn connected(connected: Option<&Connected>) -> (String, Vec<Peer>) {
    let Some(connected) = connected else { return ("Who is connected now isn’t known.".to_owned(), Vec::new()) };
    let peers = connected.peers.iter().take(MOST).map(|(address, connections)| Peer {
        address: address.to_string(),
        connections: words::count(usize::try_from(*connections).unwrap_or(usize::MAX), "connection"),
    });
    let sentence = match connected.peers.len() {
        0 => "Nobody is connected now.".to_owned(),
        1 => "1 address is connected now.".to_owned(),
        number => format!("{} addresses are connected now.", words::grouped(number)),
    };
    (sentence, peers.collect())
}

impl Unit {
    fn new(plan: &UnitPlan) -> Self {
        let facts = plan.facts.as_ref();
        let ports: Vec<String> = plan
            .others
            .iter()
            .map(|(port, transport)| PortKey { port: *port, transport: *transport }.to_string())
            .collect();
        let names =
            |units: &[UnitName]| units.iter().take(MOST).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let note = |words: &str, what: String| (!what.is_empty()).then(|| format!("{words} {what}."));
        let notes = [
            note("It also serves", ports.join(", ")),
            facts.and_then(|facts| note("It is started by", names(&facts.triggered_by))),
            facts.and_then(|facts| note("These need it and stop with it:", names(&facts.required_by))),
            facts.and_then(|facts| note("These would like it to run:", names(&facts.wanted_by))),
        ];
        Self {
            name: plan.name.to_string(),
            description: facts
                .filter(|facts| !facts.description.is_empty())
                .map(|facts| Shown::new(&facts.description, TEXT_LENGTH)),
            state: facts.map(unit_state).map(|state| Shown::new(&state, TEXT_LENGTH)),
            notes: notes.into_iter().flatten().collect(),
        }
    }
}

impl Level {
    fn new(plan: &LevelPlan, chosen: Option<CloseLevel>) -> Self {
        let (label, undo) = match plan.level {
            CloseLevel::Block => ("Block at the firewall", "Undo puts the rules back as they are now."),
            CloseLevel::Stop => ("Stop it now", "Undo starts it again, and puts the rules back."),
            CloseLevel::Disable => (
                "Stop it and keep it from starting at boot",
                "Undo lets it start at boot again, starts it, and puts the rules back.",
            ),
            CloseLevel::Mask => (
                "Stop it and let nothing start it",
                "Undo removes the mask, restores whether it starts at boot, starts it, and puts the rules back.",
            ),
        };
        Self {
            value: plan.level.as_str(),
            label,
            undo,
            effects: plan.effects.clone(),
            unavailable: plan.unavailable.as_deref().map(words::sentence),
            is_chosen: chosen == Some(plan.level) && plan.unavailable.is_none(),
        }
    }
}
