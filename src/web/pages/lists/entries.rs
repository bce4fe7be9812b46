//! Many entries of a list at once, as they were typed.

use serde::Deserialize;

use crate::{
    firewall::{Moment, Text, list::Entry},
    web::{
        kit::{Problems, words},
        pages::rules::fields::{Options, end_of_span, spans, take},
    },
};

/// How many wrong lines are told one by one.
const TOLD: usize = 20;

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EntriesForm {
    /// One entry in each line.
    pub entries: String,
    /// When those end that don't say so themselves: a quick choice or nothing.
    pub expires: String,
    /// The note of those that have none.
    pub entry_note: String,
}

/// What became of the lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Sorted {
    /// Those that are entries.
    pub entries: Vec<Entry>,
    /// The others, as they were typed.
    pub rest: String,
    /// What is wrong with them.
    pub problems: Problems,
}

impl EntriesForm {
    /// Takes the lines apart. Empty ones and those that begin with `#` are left out.
    #[must_use]
    pub fn sort(&self, now: Moment) -> Sorted {
        let mut problems = Problems::default();
        let note = take(&mut problems, "entry_note", Text::parse(self.entry_note.trim())).unwrap_or_else(Text::empty);
        let expires_at = end_of_span(&self.expires, now);
        let (mut entries, mut wrong, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for (number, line) in (1..).zip(self.entries.lines()) {
            let text = line.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match Entry::parse(text.trim_end_matches(',')) {
                Ok(entry) => entries.push(Entry {
                    expires_at: entry.expires_at.or(expires_at),
                    note: if entry.note.is_empty() { note.clone() } else { entry.note },
                    ..entry
                }),
                Err(error) => {
                    wrong.push(format!("Line {number}: {error}"));
                    rest.push(line);
                }
            }
        }
        let more = wrong.len().saturating_sub(TOLD);
        wrong.truncate(TOLD);
        if more > 0 {
            wrong.push(format!("and {} more", words::count(more, "line")));
        }
        if !wrong.is_empty() {
            problems.add("entries", wrong.join(". "));
        } else if entries.is_empty() {
            problems.add("entries", "Type at least one address.");
        }
        Sorted { entries, rest: rest.join("\n"), problems }
    }

    /// When they end.
    #[must_use]
    pub fn expiries(&self) -> Options {
        spans(&self.expires, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_lines_become_entries_and_wrong_ones_stay() {
        let form = EntriesForm {
            entries: "198.51.100.7\n\n# a comment\nnobody\n 192.0.2.0/24 # Anna,\n192.0.2.1/24\r\n".into(),
            expires: "1h".into(),
            entry_note: "all of them".into(),
        };
        let sorted = form.sort(Moment::from_millis(1_795_375_697_123));
        let entries: Vec<String> = sorted.entries.iter().map(ToString::to_string).collect();
        assert_eq!(
            entries,
            ["198.51.100.7 until 2026-11-22T20:28:17Z # all of them", "192.0.2.0/24 until 2026-11-22T20:28:17Z # Anna",]
        );
        assert_eq!(sorted.rest, "nobody\n192.0.2.1/24");
        let problem = sorted.problems.of("entries").expect("two lines are wrong");
        assert!(problem.starts_with("Line 4: \"nobody\" isn't") && problem.contains("Line 6: "), "{problem}");
    }

    #[test]
    fn nothing_typed_is_a_problem_and_many_wrong_lines_are_counted() {
        assert!(EntriesForm::default().sort(Moment::from_millis(0)).problems.of("entries").is_some());
        let many = EntriesForm { entries: "x\n".repeat(1_000), ..EntriesForm::default() };
        let sorted = many.sort(Moment::from_millis(0));
        assert!(sorted.problems.of("entries").is_some_and(|text| text.ends_with("and 980 lines more")), "{sorted:?}");
    }
}
