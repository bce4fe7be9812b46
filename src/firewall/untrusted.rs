//! Text that a stranger chose: a process's name, a path, a user agent.

/// Replaces what could steer a terminal or deceive a reader (control characters, line breaks, invisible characters and
/// those that turn the writing direction) by U+FFFD, and cuts after `limit` characters.
#[must_use]
pub fn tame(text: &str, limit: usize) -> String {
    text.chars().take(limit).map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Whether a character could steer a terminal or deceive a reader.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_replaced_and_what_is_read_stays() {
        for (hostile, tamed) in [
            ("nginx: worker \"ü\" 漢字 <b>", "nginx: worker \"ü\" 漢字 <b>"),
            ("\x1b[2Jsshd\r\n\0", "\u{fffd}[2Jsshd\u{fffd}\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}"),
            ("\u{9b}31m\u{7f}", "\u{fffd}31m\u{fffd}"),
        ] {
            assert_eq!(tame(hostile, 64), tamed);
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        assert_eq!(tame("üüü", 2), "üü");
    }
}
