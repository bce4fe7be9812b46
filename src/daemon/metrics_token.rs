//! The token that opens the panel's figures: a secret, so it stands in a file of its own.

use std::{fs::File, io::Read, os::unix::fs::MetadataExt, path::Path};

use anyhow::{Context, bail};

/// Guessing a shorter one could succeed.
const SHORTEST: usize = 32;
const LONGEST: u64 = 1024;

/// Reads it.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let told = || format!("{} can't be used", path.display());
    let file = File::open(path).with_context(told)?;
    if file.metadata().with_context(told)?.mode() & 0o027 != 0 {
        bail!("{} is open to others: run `chmod 0640` on it", path.display());
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).with_context(told)?;
    let token = text.trim();
    if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("{} must hold one word of at least {SHORTEST} letters and digits", path.display());
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_long_word_in_a_file_of_ones_own_is_a_token_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let told = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            read(&path).map_err(|error| error.to_string())
        };
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(told(&format!("{token}\n"), 0o640).as_deref(), Ok(token));
        assert!(told(token, 0o644).unwrap_err().contains("chmod 0640"));
        for text in ["", "short", &token.replace('4', " "), &token.replace('4', "\u{e4}")] {
            assert!(told(text, 0o600).unwrap_err().contains("at least 32"), "{text}");
        }
        assert!(read(Path::new("/nonexistent")).is_err());
    }
}
