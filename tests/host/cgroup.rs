//! A control group for each machine, because two that share one would take each other's services for their own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    command::{output, run},
    leftover,
};

/// The group; gone when dropped, which must be after its last process.
pub struct Cgroup {
    /// Its directory.
    pub path: PathBuf,
}

impl Cgroup {
    /// Makes an empty one.
    pub fn new(number: usize) -> Self {
        let mounted = run("findmnt --noheadings --first-only --types cgroup2 --output TARGET");
        let root = Path::new(mounted.trim());
        for name in leftover::of_the_dead(root) {
            remove(&root.join(name));
        }
        let path = root.join(leftover::own(number, "machine"));
        fs::create_dir(&path).expect("a control group");
        Self { path }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    output(&format!("find {} -depth -type d -exec rmdir {{}} +", path.display()));
}
