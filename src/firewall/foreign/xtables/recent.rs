//! `-m recent`: who was seen lately.

use super::pieces::Choice;
use crate::firewall::foreign::Statement;

/// The statements; none if it isn't understood. To be noted is no condition. Only how often somebody was seen is a limit
/// that a first packet is below; whether he was seen at all, nobody knows.
pub(super) fn read(choices: &[Choice]) -> Option<Vec<Statement>> {
    let chosen = |name: &str| choices.iter().find(|choice| choice.name == name);
    if chosen("--set").is_some_and(|set| !set.is_not) {
        return Some(Vec::new());
    }
    let look = chosen("--rcheck").or_else(|| chosen("--update"))?;
    let count: u32 = chosen("--hitcount")?.value().parse().ok()?;
    let seconds = chosen("--seconds").map_or_else(String::new, |seconds| format!(" in {} seconds", seconds.value()));
    let words = format!("{count} packets{seconds}");
    (count > 1).then(|| vec![Statement::Limit { over: !look.is_not, words }])
}
