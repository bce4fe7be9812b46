//! Text that a process or a stranger chose, made fit to stand on a page. Escaping for HTML is the template's work.

use crate::firewall::untrusted;

/// More than any title needs; a name of 4 kB times a thousand rows would make a page of megabytes.
const LONGEST_TITLE: usize = 512;

/// A text and, where the short form had to leave something out, the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// At most the asked number of characters, every invisible one written out.
    pub short: String,
    /// The whole text, for the title; absent when nothing was cut.
    pub whole: Option<String>,
}

impl Shown {
    /// Shows at most `longest` characters of `text`. Control characters and those that reorder or hide text are
    /// written as `\u{202e}`: they are never an accident, so an administrator wants to see them.
    #[must_use]
    pub fn new(text: &str, longest: usize) -> Self {
        let visible = if text.trim().is_empty() { String::from("(empty)") } else { visible(text) };
        let cut = |longest: usize| match visible.char_indices().nth(longest) {
            Some((end, _)) => format!("{}…", &visible[..end]),
            None => visible.clone(),
        };
        let short = cut(longest);
        let whole = (short != visible).then(|| cut(LONGEST_TITLE));
        Self { short, whole }
    }
}

fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST_TITLE));
    // One character may become nine, and one beyond the title's length shows that it was cut.
    for character in text.chars().take(LONGEST_TITLE + 1) {
        if is_hidden(character) { out.extend(character.escape_unicode()) } else { out.push(character) }
    }
    out
}

/// Variation selectors are harmless to a terminal, but they make two names look alike.
fn is_hidden(character: char) -> bool {
    untrusted::steers(character) || matches!(character, '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Shown::new("nginx", 40), Shown { short: "nginx".into(), whole: None });
        assert_eq!(Shown::new(" ", 40).short, "(empty)");
    }

    #[test]
    fn invisible_characters_are_written_out() {
        let shown = Shown::new("a\x1b[31m\u{202e}b\n", 40);
        assert_eq!(shown.short, r"a\u{1b}[31m\u{202e}b\u{a}");
        assert_eq!(shown.whole, None);
    }

    #[test]
    fn long_text_is_cut_at_a_character_and_kept_for_the_title() {
        let shown = Shown::new(&"ö".repeat(4096), 5);
        assert_eq!(shown.short, "ööööö…");
        let whole = shown.whole.expect("the title has it");
        assert_eq!(whole.chars().count(), LONGEST_TITLE + 1);
        assert!(whole.ends_with('…'), "the title is cut as well, and says so");
    }
}
