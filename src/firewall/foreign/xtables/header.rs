//! What every rule may look at: addresses, interfaces, the protocol.

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
    match choice.name.as_str() {
        "-s" => network(Key::Source(family)),
        "-d" => network(Key::Destination(family)),
        "-i" => Some(is(Key::InputInterface, is_not, vec![interface(value)?])),
        "-o" => Some(is(Key::OutputInterface, is_not, vec![interface(value)?])),
        "-p" => Some(is(Key::Protocol, is_not, vec![Value::from(value::protocol(value)?)])),
        // What isn't whole is put together before any of this, or else has no port.
        "-f" if !is_not => Some(value::never()),
        _ => None,
    }
}

/// A plus sign at the end stands for any rest, as a star does in nft.
pub(super) fn interface(name: &str) -> Option<Value> {
    let (start, end) = name.strip_suffix('+').map_or((name, ""), |start| (start, "*"));
    (!start.ends_with('*')).then(|| Value::Word(format!("{start}{end}")))
}
