//! The text form of a ruleset: one readable TOML file.

use super::{Ruleset, TooMany};

/// Why a text isn't a ruleset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{sentence}", .line.map(|line| format!("line {line}: ")).unwrap_or_default(), .field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct TextError {
    /// The line, counted from 1, where it can be told.
    pub line: Option<usize>,
    /// The key on that line.
    pub field: Option<String>,
    /// What is wrong.
    pub sentence: String,
}

/// Reads a ruleset.
///
/// # Errors
/// The first thing that isn't as it should be, with its line.
pub fn parse(text: &str) -> Result<Ruleset, TextError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map(|span| span.start).filter(|start| *start > 0 && text.is_char_boundary(*start));
        let line = start.map(|start| text[..start].matches('\n').count() + 1);
        TextError { line, field: line.and_then(|line| field(text, line)), sentence: error.message().to_owned() }
    })
}

/// Prints a ruleset so that [`parse`] gives the same again.
///
/// # Panics
/// Never: a ruleset holds nothing that TOML has no form for.
#[must_use]
pub fn print(ruleset: &Ruleset) -> String {
    toml::to_string(ruleset).expect("a ruleset holds nothing that TOML has no form for")
}

/// The key that the line belongs to: its own, or that of the array it is in.
fn field(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let keys = lines.iter().rev().map_while(|line| (!line.trim_start().starts_with("[[")).then_some(line));
    let key = keys.filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim().to_owned()).next();
    key.filter(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

impl From<TooMany> for TextError {
    fn from(error: TooMany) -> Self {
        Self { line: None, field: None, sentence: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
[policy]
incoming = "reject"
ping = "off"

[[lists]]
name = "office"
entries = [
  "203.0.113.0/24",
  "198.51.100.7 until 2026-11-23T10:00:00Z # Anna at home",
]

[[rules]]
id = 1
action = "allow"
direction = "in"
who = ["list:office", "own-networks"]
to = ["ssh", "8470/tcp"]
note = "administrators"
"#;

    #[test]
    fn the_example_is_read_and_printed_back() {
        let ruleset = parse(EXAMPLE).expect("a good text");
        assert_eq!(ruleset.parts().lists[0].entries[1].note.as_str(), "Anna at home");
        assert_eq!(ruleset.parts().policy.ping, None);
        assert_eq!(parse(&print(&ruleset)), Ok(ruleset));
    }

    #[test]
    fn errors_name_line_and_field() {
        for (from, to, expected) in [
            ("8470/tcp", "8470/sctp", "line 18: to: \"8470/sctp\" isn't of the form 22/tcp or 6000-6010/udp"),
            (
                "203.0.113.0/24",
                "203.0.113.1/24",
                "line 8: entries: \"203.0.113.1/24\" has bits set behind its length; did you mean 203.0.113.0/24?",
            ),
            ("id = 1", "id = 0", "line 14: id: "),
            ("action", "axion", "line 15: axion: unknown field `axion`"),
        ] {
            let error = parse(&EXAMPLE.replacen(from, to, 1)).expect_err(to).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
