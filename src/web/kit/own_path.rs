//! Where to go after signing in.

use super::query;

/// A path of this panel that a redirect may lead to. Anything a browser could read as another site is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// Longer ones come from nobody's bookmark.
    const LONGEST: usize = 1024;

    /// Reads a path with its query. Browsers take `//host` and, because they turn backslashes over, `/\host` for
    /// another site, and skip tabs and line ends while they look.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let is_local =
            !rest.starts_with('/') && !rest.contains('\\') && rest.bytes().all(|byte| byte.is_ascii_graphic());
        (is_local && text.len() <= Self::LONGEST).then(|| Self(text.to_owned()))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as the value of a query parameter.
    #[must_use]
    pub fn encoded(&self) -> String {
        query::encoded(&self.0)
    }
}

impl Default for OwnPath {
    /// The start page.
    fn default() -> Self {
        Self("/".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_panel_pass() {
        for path in ["/", "/ports", "/ports?sort=port&q=%2F%2Fx", "/a//b", "/@evil"] {
            assert_eq!(OwnPath::parse(path).unwrap().as_str(), path);
        }
        let long = format!("/{}", "a".repeat(OwnPath::LONGEST));
        let hostile = [
            "",
            "ports",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n//evil.example",
            " /x",
            "https://evil.example",
            "javascript:alert(1)",
            "/x\r\nSet-Cookie: a=b",
            "/\0",
            "/\u{2215}x",
            "/a\\..\\b",
            &long,
        ];
        for path in hostile {
            assert_eq!(OwnPath::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn an_encoded_path_stays_one_value() {
        assert_eq!(OwnPath::parse("/ports?a=b&c=%20+d").unwrap().encoded(), "/ports%3Fa%3Db%26c%3D%2520%2Bd");
    }
}
