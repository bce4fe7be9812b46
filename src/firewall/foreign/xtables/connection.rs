//! What conntrack knows: `-m conntrack` and `-m state`.

use super::{
    pieces::Choice,
    value::{self, is},
};
use crate::firewall::{
    Family,
    foreign::{Key, Statement},
    nft::Value,
};

/// The statement of an option; none if it isn't understood.
pub(super) fn read(family: Family, choice: &Choice) -> Option<Statement> {
    let (value, is_not) = (choice.value(), choice.is_not);
    let network = |key| Some(is(key, is_not, vec![Value::Addresses(value::network(family, value)?)]));
    let numbers = |key| Some(is(key, is_not, value::numbers(value)?));
    match choice.name.as_str() {
        "--ctstate" | "--state" => state(value, is_not),
        "--ctproto" => Some(is(Key::OriginalProtocol, is_not, vec![Value::from(value::protocol(value)?)])),
        "--ctorigsrc" => network(Key::OriginalSource(family)),
        "--ctorigdst" => network(Key::OriginalDestination(family)),
        "--ctorigsrcport" => numbers(Key::OriginalSourcePort),
        "--ctorigdstport" => numbers(Key::OriginalPort),
        "--ctdir" => Some(is(Key::Direction, is_not, value::words(value))),
        "--ctstatus" => Some(is(Key::Status, is_not, status(value)?)),
        _ => None,
    }
}

/// Beside the states there are two words for how the connection is translated. With others they make an either-or of two
/// kinds, which has no form here.
fn state(text: &str, is_not: bool) -> Option<Statement> {
    let words: Vec<&str> = text.split(',').collect();
    let are = |known: &[&str]| words.iter().all(|word| known.contains(word));
    if are(&["SNAT", "DNAT"]) {
        return Some(is(Key::Status, is_not, value::words(text)));
    }
    are(&["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]).then(|| is(Key::State, is_not, value::words(text)))
}

fn status(text: &str) -> Option<Vec<Value>> {
    let word = |word| match word {
        "EXPECTED" => Some("expected"),
        "SEEN_REPLY" => Some("seen-reply"),
        "ASSURED" => Some("assured"),
        "CONFIRMED" => Some("confirmed"),
        _ => None,
    };
    text.split(',').map(|one| word(one).map(Value::word)).collect()
}
