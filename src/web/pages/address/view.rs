//! All that is known of an address, as the template sees it.

use askama::Template;

use super::{
    PATH, QuickForm,
    guests::GuestsView,
    knocks::{Knocks, KnocksView},
    remarks::RemarksView,
    volumes::VolumeRow,
};
use crate::{
    firewall::{
        AddressRange, Family, ListName, Moment, ParseError, Rule, Ruleset, enforcement::Ban, list::Entry, sentence,
        usage::Connections, whereabouts::Geography,
    },
    store::AddressNote,
    web::{
        kit::{Frame, Located, Problems, Shown, Stamp, Tag, words},
        pages::rules::fields::Options,
    },
};

const NOTE_LENGTH: usize = 120;
/// More hits of a kind than this are counted.
const MOST: usize = 100;

/// Everything that an address hits.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The address, prefix or range.
    pub addresses: AddressRange,
    /// The ruleset in force.
    pub running: &'a Ruleset,
    /// Rules that name it or some of it.
    pub rules: &'a [Rule],
    /// Entries of lists that hold it or some of it.
    pub entries: &'a [(ListName, Entry)],
    /// Bans on it or some of it.
    pub bans: &'a [Ban],
    /// What it was turned away from.
    pub knocks: &'a Knocks,
    /// Every note there is.
    pub notes: &'a [AddressNote],
    /// Who is connected.
    pub connections: &'a Connections,
    /// What databases say.
    pub geography: &'a Geography,
}

/// The page of what is no address.
#[derive(Debug, Template)]
#[template(path = "pages/address/wrong.html")]
pub struct WrongView {
    frame: Frame,
    sentence: String,
}

impl WrongView {
    /// Says why `text` is no address.
    #[must_use]
    pub fn new(frame: Frame, problem: &ParseError) -> Self {
        Self { frame, sentence: words::sentence(&problem.to_string()) }
    }
}

/// What was typed, kept as it was.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Into the form that allows or denies.
    pub form: QuickForm,
    /// Into the field for a note; none if that form wasn't sent.
    pub remark: Option<String>,
    /// What is wrong with it.
    pub problems: Problems,
}

impl From<QuickForm> for Typed {
    fn from(form: QuickForm) -> Self {
        Self { form, ..Self::default() }
    }
}

/// What the viewer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Allow, deny and lift for a time.
    pub can_act: bool,
    /// Everything.
    pub can_edit: bool,
}

/// The page of an address.
#[derive(Debug, Template)]
#[template(path = "pages/address/address.html")]
pub struct AddressView {
    frame: Frame,
    addresses: String,
    is_one: bool,
    networks: Vec<(String, String)>,
    located: Option<Located>,
    volumes: Vec<VolumeRow>,
    answer: String,
    rules: Vec<RuleHit>,
    entries: Vec<EntryHit>,
    bans: Vec<BanHit>,
    more: Option<String>,
    knocks: Option<KnocksView>,
    remarks: RemarksView,
    guests: GuestsView,
    form: QuickForm,
    problems: Problems,
    rights: Rights,
}

#[derive(Debug)]
struct RuleHit {
    id: String,
    verdict: Tag,
    sentence: String,
    enabled: bool,
    over: bool,
}

#[derive(Debug)]
struct EntryHit {
    list: String,
    addresses: String,
    expiry: Option<Stamp>,
    over: bool,
    note: Option<Shown>,
}

#[derive(Debug)]
struct BanHit {
    addresses: String,
    until: Option<Stamp>,
}

impl AddressView {
    /// Lays the page out.
    #[must_use]
    pub fn new(
        frame: Frame,
        found: &Findings<'_>,
        Typed { form, remark, problems }: Typed,
        rights: Rights,
        now: Moment,
    ) -> Self {
        let left_out = [found.rules.len(), found.entries.len(), found.bans.len()].map(|size| size.saturating_sub(MOST));
        let left_out: usize = left_out.iter().sum();
        Self {
            frame,
            addresses: found.addresses.to_string(),
            is_one: found.addresses.first() == found.addresses.last(),
            networks: networks(found.addresses),
            located: Located::new(&found.geography.of(found.addresses)),
            volumes: found.geography.volumes.iter().map(|volume| VolumeRow::new(volume, now)).collect(),
            answer: answer(found),
            rules: found.rules.iter().take(MOST).map(|rule| RuleHit::new(rule, found.running, now)).collect(),
            entries: found.entries.iter().take(MOST).map(|(list, entry)| EntryHit::new(list, entry, now)).collect(),
            bans: found.bans.iter().take(MOST).map(|ban| BanHit::new(ban, now)).collect(),
            more: (left_out > 0)
                .then(|| format!("{} aren't shown. Look up a smaller range.", words::count(left_out, "more hit"))),
            knocks: KnocksView::new(found.knocks, found.addresses, now),
            remarks: RemarksView::new(found.notes, found.addresses, remark, now),
            guests: GuestsView::new(found.connections, found.addresses, now),
            form,
            problems,
            rights,
        }
    }

    fn spans(&self) -> Options {
        self.form.spans(self.rights.can_edit)
    }

    fn has_fault(&self) -> bool {
        self.volumes.iter().any(|volume| volume.fault.is_some())
    }

    fn hits_nothing(&self) -> bool {
        self.rules.is_empty() && self.entries.is_empty() && self.bans.is_empty()
    }
}

/// The usual networks around an address, the narrowest first, each with its page.
fn networks(addresses: AddressRange) -> Vec<(String, String)> {
    let lengths = if addresses.family() == Family::V4 { [24, 16] } else { [64, 48] };
    let around = lengths.into_iter().filter_map(|length| AddressRange::network(addresses.first(), length));
    let wider = around.filter(|network| *network != addresses && network.covers(addresses));
    wider.map(|network| (network.to_string(), format!("{PATH}/{network}"))).collect()
}

fn answer(found: &Findings<'_>) -> String {
    let part = |number: usize, noun: &str| (number > 0).then(|| words::count(number, noun));
    let entries = match found.entries.len() {
        0 => None,
        1 => Some("1 list entry".to_owned()),
        number => Some(format!("{} list entries", words::grouped(number))),
    };
    let parts: Vec<String> =
        [part(found.bans.len(), "ban"), entries, part(found.rules.len(), "rule")].into_iter().flatten().collect();
    match parts.as_slice() {
        [] => "No rule, no list and no ban names it. Rules about everybody still apply.".to_owned(),
        [one] => format!("{one} {} it.", if one.starts_with("1 ") { "names" } else { "name" }),
        [before @ .., last] => format!("{} and {last} name it.", before.join(", ")),
    }
}

impl RuleHit {
    fn new(rule: &Rule, running: &Ruleset, now: Moment) -> Self {
        Self {
            id: rule.id.to_string(),
            verdict: rule.action.into(),
            sentence: sentence::of(rule, running),
            enabled: rule.enabled,
            over: rule.expires_at.is_some_and(|moment| moment <= now),
        }
    }
}

impl EntryHit {
    fn new(list: &ListName, entry: &Entry, now: Moment) -> Self {
        Self {
            list: list.to_string(),
            addresses: entry.addresses.to_string(),
            expiry: entry.expires_at.map(|moment| Stamp::ahead(moment, now)),
            over: entry.expires_at.is_some_and(|moment| moment <= now),
            note: (!entry.note.is_empty()).then(|| Shown::new(entry.note.as_str(), NOTE_LENGTH)),
        }
    }
}

impl BanHit {
    fn new(ban: &Ban, now: Moment) -> Self {
        let until = ban.seconds.map(|seconds| Stamp::ahead(now.plus_seconds(seconds.into()), now));
        Self { addresses: ban.addresses.to_string(), until }
    }
}
