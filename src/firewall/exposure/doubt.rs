//! Why it can't be told which way packets go, and for whose packets.

use super::ranges::Ranges;

/// Why it can't be told which way a packet goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// It depends on whether the sender is in a set whose members weren't read.
    Listed(String),
    /// It depends on what the sender chooses.
    Choice(String),
    /// Something isn't understood.
    Unknown(String),
    /// It depends on the other one not being so.
    Not(Box<Self>),
}

impl Doubt {
    /// Of those for whom it isn't so.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Not(other) => *other,
            Self::Unknown(_) => self,
            Self::Listed(_) | Self::Choice(_) => Self::Not(Box::new(self)),
        }
    }

    /// What it is about.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Listed(words) | Self::Choice(words) | Self::Unknown(words) => words,
            Self::Not(other) => other.words(),
        }
    }
}

/// Packets that came together on more different ways than this are doubted as one.
const WAYS: usize = 32;

/// For some senders each, all that must be so for their packets to be here. Empty if nothing must.
#[derive(Debug, Clone, Default)]
pub(super) struct Doubts(Vec<(Ranges, Vec<Doubt>)>);

impl Doubts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// One more for all of these senders.
    pub(super) fn add(&mut self, senders: &Ranges, doubt: &Doubt) {
        if self.is_empty() {
            self.0.push((senders.clone(), Vec::new()));
        }
        for (_, doubts) in self.0.iter_mut().filter(|(_, doubts)| !doubts.contains(doubt)) {
            doubts.push(doubt.clone());
        }
    }

    /// Those of these senders, and those of others who came on another way.
    pub(super) fn join(&mut self, senders: &Ranges, (other, others): (Self, &Ranges)) {
        if self.is_empty() && other.is_empty() {
            return;
        }
        let mut ways = Vec::new();
        for (came, doubts) in self.ways(senders).chain(other.ways(others)) {
            match ways.iter_mut().find(|(_, known)| *known == doubts) {
                Some((known, _)) => Ranges::add(known, &came),
                None => ways.push((came, doubts)),
            }
        }
        self.0 = if ways.len() > WAYS { vec![as_one(ways)] } else { ways };
    }

    fn ways<'a>(&'a self, senders: &'a Ranges) -> impl Iterator<Item = (Ranges, Vec<Doubt>)> + 'a {
        let whole = self.is_empty().then(|| (senders.clone(), Vec::new()));
        self.0.iter().map(|(came, doubts)| (came.intersect(senders), doubts.clone())).chain(whole)
    }

    /// What must be so, on each way by which some of these senders came.
    pub(super) fn of(&self, senders: &Ranges) -> impl Iterator<Item = &[Doubt]> {
        self.0.iter().filter(|(came, _)| !came.intersect(senders).is_empty()).map(|(_, doubts)| doubts.as_slice())
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Doubt> {
        self.0.iter().flat_map(|(_, doubts)| doubts)
    }
}

fn as_one(ways: Vec<(Ranges, Vec<Doubt>)>) -> (Ranges, Vec<Doubt>) {
    let mut one = (Ranges::default(), Vec::new());
    for (came, doubts) in ways {
        one.0.add(&came);
        one.1.extend(doubts);
    }
    one.1.sort_unstable();
    one.1.dedup();
    one
}
