//! Finds cgroups (version 2) by the number that the kernel reports for a socket.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::DirEntryExt,
    path::{Path, PathBuf},
};

/// The whole hierarchy, or the one beside version 1.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Where systemd itself runs. A socket made there is held for some other unit.
const MANAGER: &str = "init.scope";

/// The cgroups that tell something about a socket's owner.
#[derive(Default)]
pub struct Cgroups(BTreeMap<u64, Cgroup>);

struct Cgroup {
    dir: PathBuf,
    path: String,
}

impl Cgroups {
    /// Looks for these numbers. The root's and the manager's aren't found: they tell nothing.
    pub fn find(mut wanted: BTreeSet<u64>) -> Self {
        let is_root = |root: &&&str| Path::new(root).join("cgroup.controllers").exists();
        let Some(root) = ROOTS.iter().find(is_root).map(Path::new) else { return Self::default() };
        let mut found = BTreeMap::new();
        let mut left = vec![root.to_owned()];
        while let Some(dir) = left.pop().filter(|_| !wanted.is_empty()) {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                let dir = entry.path();
                if wanted.remove(&entry.ino()) && dir != root.join(MANAGER) {
                    let path = dir.strip_prefix(root).unwrap_or(&dir).to_string_lossy().into_owned();
                    found.insert(entry.ino(), Cgroup { dir: dir.clone(), path });
                }
                left.push(dir);
            }
        }
        Self(found)
    }

    /// The path from the root of the hierarchy.
    pub fn path(&self, id: u64) -> Option<&str> {
        self.0.get(&id).map(|cgroup| cgroup.path.as_str())
    }

    /// The processes that are in the found cgroups now.
    pub fn members(&self) -> impl Iterator<Item = u32> {
        self.0.values().flat_map(|cgroup| {
            let text = fs::read_to_string(cgroup.dir.join("cgroup.procs")).unwrap_or_default();
            text.lines().filter_map(|line| line.parse().ok()).collect::<Vec<u32>>()
        })
    }
}
