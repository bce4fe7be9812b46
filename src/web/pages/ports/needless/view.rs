//! The list to tick, as the template sees it.

use std::collections::BTreeSet;

use askama::Template;

use super::Candidate;
use crate::web::{
    kit::{Frame, Problems, words},
    pages::ports::PortKey,
};

/// What was ticked and chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    ports: BTreeSet<PortKey>,
    /// Whether everything that listens shall run on.
    pub only_block: bool,
}

impl Typed {
    /// Everything that can be closed is ticked.
    #[must_use]
    pub fn all(candidates: &[Candidate]) -> Self {
        let open = candidates.iter().filter(|candidate| candidate.level.is_some());
        Self { ports: open.map(|candidate| candidate.key).collect(), only_block: false }
    }

    /// Reads the form; absent when it isn't one of ours.
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Option<Self> {
        let ports = pairs.iter().filter(|(name, _)| name == "port").map(|(_, text)| PortKey::parse(text));
        let how = pairs.iter().find(|(name, _)| name == "how").map_or("off", |(_, how)| how.as_str());
        Some(Self { ports: ports.collect::<Option<_>>()?, only_block: how == "block" })
    }

    pub(super) fn has(&self, key: PortKey) -> bool {
        self.ports.contains(&key)
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/ports/needless.html")]
pub struct NeedlessView {
    frame: Frame,
    candidates: Vec<Candidate>,
    typed: Typed,
    problems: Problems,
    answer: String,
}

impl NeedlessView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, candidates: Vec<Candidate>, (typed, problems): (Typed, Problems)) -> Self {
        let answer = match candidates.len() {
            1 => "1 port that others can reach isn’t needed on a web server.".to_owned(),
            number => format!("{} that others can reach aren’t needed on a web server.", words::count(number, "port")),
        };
        Self { frame, candidates, typed, problems, answer }
    }

    fn is_ticked(&self, candidate: &Candidate) -> bool {
        self.typed.has(candidate.key) && (candidate.level.is_some() || candidate.can_block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Option<Typed> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Typed::from_pairs(&pairs)
    }

    #[test]
    fn ticks_are_read_and_nonsense_is_refused() {
        let typed_two =
            typed(&[("port", "21/tcp"), ("csrf", "x"), ("port", "111/udp"), ("how", "block")]).expect("fine");
        assert!(typed_two.has(PortKey::parse("111/udp").expect("a port")) && typed_two.only_block);
        assert_eq!(typed(&[]), Some(Typed::default()));
        assert_eq!(typed(&[("port", "21/tcp"), ("port", "all")]), None);
    }
}
