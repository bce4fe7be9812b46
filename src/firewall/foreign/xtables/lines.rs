//! The text as lines, and the lines as words.

use crate::firewall::untrusted::tame;

/// Characters of a line that people are shown.
const SHOWN: usize = 1_000;

/// One line that says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// As it is written.
    pub(super) text: String,
    /// Its words without quotes and escapes.
    pub(super) words: Vec<String>,
}

impl Line {
    /// For people.
    pub(super) fn tamed(&self) -> String {
        tame(&self.text, SHOWN)
    }
}

/// Cuts the text at line ends, but not at those within quotes: a comment may hold anything. Comments of the program are
/// left out.
pub(super) fn split(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if rest.starts_with(['#', '\n']) {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let (words, length) = words(rest).ok_or_else(|| "the text ends within quotes".to_owned())?;
        lines.push(Line { text: rest[..length].trim_end().to_owned(), words });
        rest = &rest[length..];
    }
    Ok(lines)
}

/// The words up to the end of the line, and how many bytes that took; none if the text ends within quotes.
fn words(text: &str) -> Option<(Vec<String>, usize)> {
    let (mut words, mut word, mut is_quoted): (Vec<String>, Option<String>, bool) = (Vec::new(), None, false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if is_quoted => word.get_or_insert_default().push(chars.next()?.1),
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            '\n' if !is_quoted => {
                words.extend(word);
                return Some((words, at + 1));
            }
            ' ' if !is_quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!is_quoted).then_some((words, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_spaces_line_ends_and_what_is_escaped() {
        let text = "# made by\n\n-A INPUT --comment \"say \\\"hi\\\" \\\\ \nCOMMIT\" -j \"\"  x\nCOMMIT";
        let words: Vec<Vec<String>> = split(text).unwrap().into_iter().map(|line| line.words).collect();
        assert_eq!(words, [vec!["-A", "INPUT", "--comment", "say \"hi\" \\ \nCOMMIT", "-j", "", "x"], vec!["COMMIT"]]);
    }

    #[test]
    fn an_open_quote_is_an_error() {
        split("*nat\n-A \"x").unwrap_err();
        split("-A \"x\\").unwrap_err();
    }
}
