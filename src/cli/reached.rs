//! From where a port is reached, as `portreeve ports` prints it.

use serde::Serialize;

use crate::firewall::{
    Family,
    exposure::{Exposure, Origin, Reach, Scope},
};

/// The answers about one port, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Reached {
    /// The farthest place.
    widest: &'static str,
    /// Whether our own rules alone would not let that in.
    around_our_firewall: bool,
    answers: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    from: &'static str,
    family: &'static str,
    answer: &'static str,
    /// Who gets in, or why it can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

impl Reached {
    pub(super) fn new(exposure: &Exposure) -> Self {
        let answers = exposure.answers().map(|(origin, family, answer)| told(origin, family, &answer.reach)).collect();
        let around_our_firewall = exposure.is_around_our_firewall();
        Self { widest: widest(exposure.widest()), around_our_firewall, answers }
    }
}

fn told(origin: Origin, family: Family, reach: &Reach) -> Told {
    let (answer, words) = match reach {
        Reach::Open => ("open", None),
        Reach::Partly(words) => ("partly", Some(words.clone())),
        Reach::Closed => ("closed", None),
        Reach::Unreachable => ("unreachable", None),
        Reach::CantTell(why) => ("unclear", Some(why.clone())),
    };
    let from = match origin {
        Origin::World => "world",
        Origin::Networks => "networks",
        Origin::Containers => "containers",
        Origin::Host => "host",
    };
    let family = if family == Family::V4 { "ipv4" } else { "ipv6" };
    Told { from, family, answer, words }
}

const fn widest(scope: Scope) -> &'static str {
    match scope {
        Scope::World { .. } => "world",
        Scope::Networks { .. } => "networks",
        Scope::Containers { .. } => "containers",
        Scope::HostOnly => "host",
        Scope::CantTell => "unclear",
    }
}

/// The cell of the table.
pub(super) fn cell(exposure: &Exposure) -> String {
    let place = match exposure.widest() {
        Scope::World { partly: false } => "world",
        Scope::World { partly: true } => "world, not all",
        Scope::Networks { partly: false } => "my networks",
        Scope::Networks { partly: true } => "my networks, not all",
        Scope::Containers { partly: false } => "containers",
        Scope::Containers { partly: true } => "containers, not all",
        Scope::HostOnly => "this host",
        Scope::CantTell => "can't tell",
    };
    let around = if exposure.is_around_our_firewall() { ", around the firewall" } else { "" };
    format!("{place}{around}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{
        Listener,
        enforcement::Survey,
        exposure::{Surroundings, exposure},
        foreign::Foreign,
        listener::{Bind, Transport},
    };

    #[test]
    fn what_only_this_host_reaches_is_told_in_both_forms() {
        let listener = Listener {
            transport: Transport::Tcp,
            bind: Bind::Address("127.0.0.1".parse().unwrap()),
            port: 5432,
            interface: None,
            uid: 0,
            user: None,
            processes: Vec::new(),
            unit: None,
            container: None,
        };
        let (foreign, survey) = (Foreign::default(), Survey::default());
        let exposure = exposure(&listener, &Surroundings { foreign: &foreign, ours: None, survey: &survey });
        assert_eq!(cell(&exposure), "this host");
        let json = serde_json::to_value(Reached::new(&exposure)).unwrap();
        assert_eq!((&json["widest"], &json["around_our_firewall"]), (&"host".into(), &false.into()));
        let world = &json["answers"][0];
        assert_eq!(*world, serde_json::json!({ "from": "world", "family": "ipv4", "answer": "unreachable" }));
        assert_eq!(json["answers"].as_array().unwrap().len(), Origin::ALL.len());
    }
}
