//! What may become a password.

use std::collections::BTreeSet;

use crate::store::UserName;

/// Why a text may not become a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
    /// Is the password in force.
    #[error("The new password is the same as the one before.")]
    Unchanged,
}

const MIN_CHARACTERS: usize = 12;
const MAX_BYTES: usize = 1024;

/// A text of fewer different characters is a pattern, not a secret.
const MIN_DIFFERENT: usize = 5;

/// Lower-case beginnings and whole passwords of at least twelve characters that lead the published lists.
const COMMON: [&str; 44] = [
    "000111222333",
    "0123456789",
    "0987654321",
    "112233445566",
    "1234567890",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "abc123abc123",
    "abcdefghijkl",
    "adminadminadmin",
    "administrator",
    "admin12345",
    "admin123admin",
    "asdfghjkl123",
    "asdfghjklqwe",
    "changemechangeme",
    "changemenow",
    "changeme123",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "football1234",
    "iloveyou1234",
    "iloveyouforever",
    "letmeinletmein",
    "letmein12345",
    "monkey123456",
    "p@ssw0rd1234",
    "p@ssword1234",
    "passw0rd1234",
    "password",
    "portreeve",
    "princess1234",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwerty123456",
    "qwertyqwerty",
    "qwertyuiop",
    "rootroot",
    "sunshine1234",
    "superman1234",
    "trustno1trustno1",
    "welcome12345",
    "welcomewelcome",
    "zxcvbnm12345",
];

/// The most characters that may follow a common password before it counts as a different one.
const TAIL: usize = 4;

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
    if is_common(&password.to_lowercase()) {
        return Err(PasswordProblem::Common);
    }
    Ok(())
}

fn is_common(password: &str) -> bool {
    let different: BTreeSet<char> = password.chars().collect();
    let begins = |common: &str| password.strip_prefix(common).is_some_and(|tail| tail.chars().count() <= TAIL);
    different.len() < MIN_DIFFERENT || COMMON.iter().any(|common| begins(common))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(password: &str) -> Option<PasswordProblem> {
        check(password, UserName::parse("Bartholomew-99").ok().as_ref()).err()
    }

    #[test]
    fn a_good_password_may_be_long_and_hold_any_letters() {
        for password in
            ["tin otter 9 lamps", &"aB3-x".repeat(204), "\u{e9}t\u{e9} \u{65e5}\u{672c}\u{8a9e} seven \u{1f98a}"]
        {
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
            ("Password1234", PasswordProblem::Common),
            ("passwordpass", PasswordProblem::Common),
            ("123456789012", PasswordProblem::Common),
            ("abababababababab", PasswordProblem::Common),
        ];
        for (password, expected) in wrong {
            assert_eq!(problem(password), Some(expected), "{password:?}");
        }
    }
}
