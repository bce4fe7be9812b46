//! The state of a unit in words.

use crate::firewall::unit::UnitFacts;

/// The service manager's own words for the state, ours for the rest.
pub(super) fn unit_state(facts: &UnitFacts) -> String {
    let boot = match facts.unit_file_state.as_str() {
        "enabled" | "enabled-runtime" => ", starts at boot",
        "masked" => ", masked",
        "disabled" => ", doesn’t start at boot",
        _ => "",
    };
    let restarts = match facts.restarts {
        0 => String::new(),
        1 => ", restarted once by itself".to_owned(),
        number => format!(", restarted {number} times by itself"),
    };
    format!("{} ({}){boot}{restarts}", facts.active_state, facts.sub_state)
}
