//! Bytes as text.

use std::fmt::Write;

/// Two lower-case digits for each byte.
pub(super) fn encode(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
