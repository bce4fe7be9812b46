//! How the fields of forms about rules are read.

use std::{fmt::Display, num::NonZeroU32};

use crate::{
    firewall::{Moment, ParseError, Target},
    web::kit::Problems,
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The quick choices of an end: value, words, seconds from now.
const SPANS: [(&str, &str, i64); 4] =
    [("1h", "In 1 hour", HOUR), ("1d", "In 1 day", DAY), ("7d", "In 7 days", 7 * DAY), ("30d", "In 30 days", 30 * DAY)];

/// A choice: value, words, whether it is chosen.
pub type Options = Vec<(&'static str, &'static str, bool)>;

/// The pieces between line ends, commas and semicolons.
pub(in crate::web::pages) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r', ',', ';']).map(str::trim).filter(|piece| !piece.is_empty())
}

/// The same where no piece holds a space.
pub(in crate::web::pages) fn split_words(text: &str) -> impl Iterator<Item = &str> {
    split(text).flat_map(str::split_whitespace)
}

/// Notes the problem of a field, if it has one.
pub(in crate::web::pages) fn take<T>(
    problems: &mut Problems,
    field: &'static str,
    read: Result<T, impl Display>,
) -> Option<T> {
    read.map_err(|error| problems.add(field, error.to_string())).ok()
}

/// Reads every piece; what is wrong with several of them becomes one problem of the field.
pub(in crate::web::pages) fn all<'a, T>(
    problems: &mut Problems,
    field: &'static str,
    pieces: impl Iterator<Item = &'a str>,
    parse: impl Fn(&str) -> Result<T, ParseError>,
) -> Vec<T> {
    let (mut things, mut wrong) = (Vec::new(), Vec::new());
    for piece in pieces {
        match parse(piece) {
            Ok(thing) => things.push(thing),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if !wrong.is_empty() {
        let more = wrong.len().saturating_sub(3);
        wrong.truncate(3);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        problems.add(field, format!("{}{more}", wrong.join("; ")));
    }
    things
}

pub(in crate::web::pages) fn optional<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

pub(in crate::web::pages) fn parse_count(text: &str) -> Result<NonZeroU32, ParseError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if plain { text.parse().ok() } else { None };
    number.ok_or_else(|| ParseError::new(text, "isn't a number from 1"))
}

/// Reads a service or ports, and says what a bare number lacks.
pub(in crate::web::pages) fn parse_target(text: &str) -> Result<Target, ParseError> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(ParseError::new(text, format!("needs its protocol: write {text}/tcp or {text}/udp")));
    }
    Target::parse(&text.to_ascii_lowercase())
}

/// The quick choices of an end, "never" first and what else the form has last.
pub(in crate::web::pages) fn spans(chosen: &str, more: &[(&'static str, &'static str)]) -> Options {
    let spans = SPANS.iter().map(|(value, words, _)| (*value, *words));
    let all = [("", "Never")].into_iter().chain(spans).chain(more.iter().copied());
    all.map(|(value, words)| (value, words, value == chosen)).collect()
}

/// The moment that a quick choice means; in whole seconds, because the kernel compares those.
pub(in crate::web::pages) fn end_of_span(chosen: &str, now: Moment) -> Option<Moment> {
    let (.., seconds) = SPANS.into_iter().find(|(value, ..)| *value == chosen)?;
    Some(Moment::from_millis((now.as_millis() / 1000 + seconds) * 1000))
}
