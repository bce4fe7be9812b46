//! Numbers and lists as words.

/// `11,204`.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.char_indices() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 port`, `14 ports`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A clause as a sentence: `is over` becomes `Is over.`
#[must_use]
pub fn sentence(clause: &str) -> String {
    let mut rest = clause.chars();
    let first = rest.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", rest.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_becomes_a_sentence() {
        assert_eq!(sentence("there is no list office"), "There is no list office.");
        assert_eq!(sentence("Done."), "Done.");
    }

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(count(0, "port"), "0 ports");
        assert_eq!(count(1, "port"), "1 port");
        assert_eq!(count(999, "port"), "999 ports");
        assert_eq!(count(1000, "port"), "1,000 ports");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
