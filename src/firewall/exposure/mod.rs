//! From where a listener can really be reached, found by following packets through every table of the host.
//!
//! Never a guess: where something isn't understood both ways are followed, and if they differ the answer is that it can't
//! be told, and why.

mod answer;
mod doubt;
mod exceptions;
mod gather;
mod ground;
mod judge;
mod look;
mod named;
mod neighbours;
mod ours;
mod packet;
mod path;
mod places;
mod probe;
mod published;
mod ranges;
mod trial;
mod verdict;
mod walk;
mod way;

pub use answer::{Answer, Exposure, Origin, Reach, Scope};
pub use path::{Effect, Step};
pub use published::Published;

use self::{ground::Ground, judge::Judge};
use super::{Compiled, Listener, enforcement::Survey, foreign::Foreign, simulate::Situation};

/// What decides who reaches a listener.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The tables of other programs. If one of them changed ours, that is among them and counts as it stands there.
    pub foreign: &'a Foreign,
    /// What we enforce, and in which situation; none if nothing of ours is in the kernel.
    pub ours: Option<(&'a Compiled, &'a Situation)>,
    /// The host's place in its networks.
    pub survey: &'a Survey,
}

/// From where one listener can be reached. Who asks for many asks [`exposures`].
#[must_use]
pub fn exposure(listener: &Listener, surroundings: &Surroundings) -> Exposure {
    exposures(std::slice::from_ref(listener), surroundings).pop().unwrap_or_default()
}

/// From where each of the listeners can be reached, in their order.
#[must_use]
pub fn exposures(listeners: &[Listener], surroundings: &Surroundings) -> Vec<Exposure> {
    let ours = surroundings.ours.map(|(compiled, situation)| ours::tables(compiled, situation));
    let found = surroundings.ours.and_then(|ours| ours::as_found(surroundings.foreign, ours));
    let tables: Vec<&Foreign> = match &found {
        Some(all) => vec![all],
        None => [surroundings.foreign].into_iter().chain(&ours).collect(),
    };
    let now = surroundings.ours.map(|(_, situation)| situation.now);
    let ground = Ground::new(&tables, surroundings.survey, now);
    let alone = ours.as_ref().map(|ours| Ground::new(&[ours], surroundings.survey, now));
    let judge = Judge::new(&ground, alone.as_ref(), &surroundings.foreign.unreadable);
    listeners.iter().map(|listener| judge.exposure(listener)).collect()
}

/// The ports that tables of other programs publish to containers.
#[must_use]
pub fn published(surroundings: &Surroundings) -> Vec<Published> {
    published::find(surroundings)
}

#[cfg(test)]
mod tests;
