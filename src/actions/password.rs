//! What may become a password.

use zxcvbn::{Score, feedback::Feedback, zxcvbn};

use crate::store::UserName;

/// Why a text may not become a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("A password has at least 12 characters. Three or four words that don't belong together are easy to keep.")]
    TooShort,
    /// More than [`MAX_BYTES`].
    #[error("A password has at most 1024 bytes.")]
    TooLong,
    /// Holds a control character, which can't be typed everywhere.
    #[error("A password can't hold tabs, line breaks or other control characters.")]
    ControlCharacter,
    /// Is the account's name, in upper or lower case.
    #[error("A password must not be the name of the account.")]
    IsName,
    /// Among the first an attacker tries.
    #[error("This password is among the first an attacker tries. Choose another.")]
    Common,
    /// An attacker would soon find it; why, and what would be better.
    #[error("This password is easy to guess. {0}")]
    Guessable(String),
    /// Is the password in force.
    #[error("The new password is the same as the one before.")]
    Unchanged,
}

const MIN_CHARACTERS: usize = 12;
const MAX_BYTES: usize = 1024;

/// Sentences that everybody has read somewhere; what else is common, `zxcvbn` knows without asking anybody.
const FAMOUS: [&str; 2] = ["correcthorsebatterystaple", "correct horse battery staple"];

/// Words that an attacker of this panel tries first, besides the account's name.
const OURS: [&str; 3] = ["portreeve", "firewall", "administrator"];

/// Judges a password for the account `name`, if that is known.
///
/// # Errors
/// The first [`PasswordProblem`] found.
pub(super) fn check(password: &str, name: Option<&UserName>) -> Result<(), PasswordProblem> {
    if password.len() > MAX_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().any(char::is_control) {
        return Err(PasswordProblem::ControlCharacter);
    }
    if password.chars().count() < MIN_CHARACTERS {
        return Err(PasswordProblem::TooShort);
    }
    if name.is_some_and(|name| password.trim().eq_ignore_ascii_case(name.as_str())) {
        return Err(PasswordProblem::IsName);
    }
    if FAMOUS.contains(&password.to_lowercase().as_str()) {
        return Err(PasswordProblem::Common);
    }
    estimate(password, name)
}

/// Judges by how many guesses it takes, not by which characters there are. Looks at the first hundred characters.
fn estimate(password: &str, name: Option<&UserName>) -> Result<(), PasswordProblem> {
    let words: Vec<&str> = OURS.into_iter().chain(name.map(UserName::as_str)).collect();
    let estimate = zxcvbn(password, &words);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let warning = feedback.and_then(Feedback::warning).map(|warning| warning.to_string());
    let advice = feedback.map(Feedback::suggestions).unwrap_or_default();
    let sentences: Vec<String> = warning.into_iter().chain(advice.iter().map(ToString::to_string)).collect();
    Err(PasswordProblem::Guessable(sentences.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(password: &str) -> Option<PasswordProblem> {
        check(password, UserName::parse("Bartholomew-99").ok().as_ref()).err()
    }

    #[test]
    fn a_good_password_may_be_long_and_hold_any_letters() {
        for password in [
            "tin otter 9 lamps",
            &format!("tin otter 9 lamps{}", "x".repeat(900)),
            "\u{e9}t\u{e9} \u{65e5}\u{672c}\u{8a9e} seven \u{1f98a}",
        ] {
            assert_eq!(problem(password), None, "{password:?}");
        }
    }

    #[test]
    fn each_rule_has_its_own_sentence() {
        let wrong = [
            ("", PasswordProblem::TooShort),
            ("elevenchars", PasswordProblem::TooShort),
            (&"aB3-x".repeat(205), PasswordProblem::TooLong),
            ("tin otter\09 lamps", PasswordProblem::ControlCharacter),
            ("tin otter\n9 lamps", PasswordProblem::ControlCharacter),
            ("bartholomew-99", PasswordProblem::IsName),
            ("Correct horse battery staple", PasswordProblem::Common),
        ];
        for (password, expected) in wrong {
            assert_eq!(problem(password), Some(expected), "{password:?}");
        }
    }

    #[test]
    fn what_is_soon_guessed_is_refused_with_a_word_how_to_do_better() {
        for password in [
            "Password1234",
            "passwordpass",
            "123456789012",
            "abababababababab",
            "qwertyuiop12",
            "portreeve2024",
            "bartholomew-99!",
            "P@ssw0rd!2023",
        ] {
            match problem(password) {
                Some(PasswordProblem::Guessable(advice)) => assert!(advice.len() > 20, "{password:?}: {advice:?}"),
                other => panic!("{password:?}: {other:?}"),
            }
        }
    }
}
