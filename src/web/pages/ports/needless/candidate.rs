//! A port that this host does without, and how far it would be closed.

use crate::{
    actions::ClosePlan,
    firewall::{Moment, closing::CloseLevel},
    store::Error,
    web::{
        kit::{App, Shown, Stamp, Tag, words},
        pages::ports::{Place, PortKey, Snapshot, close::recommended, entry},
    },
};

const NAME_LENGTH: usize = 48;
/// The helper is asked about each of them.
const MOST: usize = 30;

/// One row of the list.
#[derive(Debug)]
pub struct Candidate {
    /// The port.
    pub key: PortKey,
    /// What the port is for.
    pub name: &'static str,
    /// Why this host does without it.
    pub sentences: Vec<&'static str>,
    /// Who holds it.
    pub program: Option<Shown>,
    /// From where it is reached.
    pub reached: Tag,
    /// How many are connected now.
    pub connected: Option<String>,
    /// When it was last used.
    pub last: Option<Stamp>,
    /// How far it would be closed.
    pub level: Option<CloseLevel>,
    /// Whether it can be blocked at the firewall.
    pub can_block: bool,
    /// What would be done.
    pub act: String,
}

/// Everything on this host that isn't needed and that somebody else can reach, the farthest first.
pub(super) async fn candidates(app: &App) -> Result<Vec<Candidate>, Error> {
    let actions = app.actions();
    let (listing, now) = (app.listeners().listing, actions.now());
    let (exposures, connections, uses) = (actions.exposures(), actions.connections(), actions.port_uses());
    let snapshot = Snapshot {
        listeners: &listing.listeners,
        exposures: Some(&exposures),
        connections: Some(&connections),
        uses: Some(&uses),
        ..Snapshot::default()
    };
    let published = snapshot.published();
    let mut entries = entry::entries(&snapshot, &published, now);
    entries.retain(entry::Entry::is_needless);
    entries.sort_by_key(|entry| entry.place);
    entries.dedup_by_key(|entry| (entry.port, entry.transport));
    let closing: Vec<PortKey> = entries.iter().map(entry::Entry::port_key).collect();
    let mut found = Vec::new();
    for entry in entries.iter().take(MOST) {
        let plan = actions.close_plan(entry.port, entry.transport).await?;
        found.push(Candidate::new(entry, &plan, &closing, now));
    }
    Ok(found)
}

impl Candidate {
    fn new(entry: &entry::Entry<'_>, plan: &ClosePlan, closing: &[PortKey], now: Moment) -> Self {
        let level = recommended(plan, closing).filter(|_| plan.protected.is_none());
        let can_block = plan.protected.is_none()
            && plan.levels.iter().any(|plan| plan.level == CloseLevel::Block && plan.unavailable.is_none());
        let advice = &entry.advice;
        let peers = entry.connected.map(|connected| connected.peers.len()).filter(|peers| *peers > 0);
        Self {
            key: entry.port_key(),
            name: entry.name().unwrap_or("Unknown"),
            sentences: [advice.reason, advice.safer].into_iter().flatten().collect(),
            program: entry.program().map(|name| Shown::new(name, NAME_LENGTH)),
            reached: tag(entry.place),
            connected: peers.map(|peers| format!("{} connected now", words::grouped(peers))),
            last: entry.used.and_then(|used| used.last_used_at).map(|at| Stamp::new(at, now)),
            level,
            can_block,
            act: act(plan, level),
        }
    }
}

fn tag(place: Place) -> Tag {
    Tag::new(place.tone(), place.icon(), place.label())
}

fn act(plan: &ClosePlan, level: Option<CloseLevel>) -> String {
    let units: Vec<String> = plan.units.iter().map(|unit| unit.name.to_string()).collect();
    match level {
        None => {
            plan.protected.as_deref().map_or_else(|| "It can’t be closed from here now.".to_owned(), words::sentence)
        }
        Some(CloseLevel::Block) if !units.is_empty() => {
            format!("Blocked at the firewall; {} runs on, because it serves more than this.", units.join(", "))
        }
        Some(CloseLevel::Block) => "Blocked at the firewall.".to_owned(),
        Some(CloseLevel::Stop) => format!("{} is stopped.", units.join(", ")),
        Some(CloseLevel::Disable | CloseLevel::Mask) => {
            format!("{} is stopped and doesn’t start at boot any more.", units.join(", "))
        }
    }
}
