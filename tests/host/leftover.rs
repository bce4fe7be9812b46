//! Names that tell whose they are, so that what a killed run left behind can be removed.

use std::{fs, path::Path, process};

const PREFIX: &str = "prv-";

/// A name of this run.
pub fn own(number: usize, role: &str) -> String {
    format!("{PREFIX}{}-{number}-{role}", process::id())
}

/// The names in a directory that belong to runs which are over.
pub fn of_the_dead(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| owner(name).is_some_and(|pid| !Path::new("/proc").join(pid).exists())).collect()
}

fn owner(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)?.split('-').next().filter(|pid| pid.parse::<u32>().is_ok())
}
