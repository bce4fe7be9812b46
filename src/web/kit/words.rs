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

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// A clause as a sentence: `is over` becomes `Is over.`
#[must_use]
pub fn sentence(clause: &str) -> String {
    let mut rest = clause.chars();
    let first = rest.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", rest.as_str().trim_end_matches('.'))
}

/// `45 s`, `1 min 23 s`, `2 min`, `1 h 5 min`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let parts = |large: u64, unit: &str, small: u64, rest: &str| match small {
        0 => format!("{large} {unit}"),
        _ => format!("{large} {unit} {small} {rest}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => parts(seconds / 60, "min", seconds % 60, "s"),
        _ => parts(seconds / 3600, "h", seconds % 3600 / 60, "min"),
    }
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
    fn parts_are_joined_as_one_would_say_them() {
        let parts = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([list(&[]), list(&parts[..1]), list(&parts[..2]), list(&parts)], ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn a_duration_has_at_most_two_units() {
        for (seconds, words) in [(0, "0 s"), (59, "59 s"), (60, "1 min"), (83, "1 min 23 s"), (3_900, "1 h 5 min")] {
            assert_eq!(duration(seconds), words);
        }
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
