//! The packages that programs came in.

use std::collections::BTreeMap;

/// A package of the host's distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, made fit to show.
    pub name: String,
    /// What it is, in one line that its packager wrote, made fit to show.
    pub summary: String,
}

/// The packages of the programs that listen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages(BTreeMap<String, Package>);

impl Packages {
    /// The package that an executable came in; none when it came in none, or isn't known.
    #[must_use]
    pub fn of(&self, executable: &str) -> Option<&Package> {
        self.0.get(executable)
    }
}

impl FromIterator<(String, Package)> for Packages {
    fn from_iter<I: IntoIterator<Item = (String, Package)>>(found: I) -> Self {
        Self(found.into_iter().collect())
    }
}
