//! Who holds a socket, from `/proc`. A process may end at any moment: what can't be read any more is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
};

use rustix::fs::{CWD, Mode, OFlags, RawDir, openat, readlinkat_raw};

use crate::firewall::{Moment, Owner, listener::Process, untrusted};

/// Holders named for one socket; a server with more workers than this is known well enough by the first ones.
const MOST_HOLDERS: usize = 64;

/// `USER_HZ`, which the kernel has promised programs on every architecture that the filter in `confine` knows.
const TICKS_A_SECOND: i64 = 100;

const MOST_NAME: usize = 64;
const MOST_PATH: usize = 1024;

/// Which processes hold which of the wanted sockets.
pub struct Holders {
    by_inode: BTreeMap<u64, Vec<u32>>,
    scanned: BTreeSet<u32>,
    entries: Vec<u8>,
}

impl Holders {
    /// Nothing is known of any of these sockets yet.
    pub fn of(inodes: impl Iterator<Item = u32>) -> Self {
        let by_inode = inodes.map(|inode| (inode.into(), Vec::new())).collect();
        Self { by_inode, scanned: BTreeSet::new(), entries: Vec::with_capacity(32 * 1024) }
    }

    /// Looks through the descriptors of processes; one that was looked through before is skipped.
    pub fn scan(&mut self, pids: impl Iterator<Item = u32>) {
        for pid in pids {
            if self.scanned.insert(pid) {
                let _ = self.scan_one(pid);
            }
        }
    }

    /// The processes that hold a socket, lowest pid first.
    pub fn get(&self, inode: u32) -> &[u32] {
        self.by_inode.get(&inode.into()).map_or(&[], Vec::as_slice)
    }

    fn scan_one(&mut self, pid: u32) -> rustix::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(CWD, format!("/proc/{pid}/fd"), flags, Mode::empty())?;
        let mut entries = RawDir::new(&dir, self.entries.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let mut link = [MaybeUninit::uninit(); 32];
            let Ok((target, _)) = readlinkat_raw(&dir, entry?.file_name(), &mut link) else { continue };
            let holders = socket_inode(target).and_then(|inode| self.by_inode.get_mut(&inode));
            if let Some(holders) = holders.filter(|holders| !holders.contains(&pid)) {
                let place = holders.partition_point(|other| *other < pid);
                holders.insert(place, pid);
                holders.truncate(MOST_HOLDERS);
            }
        }
        Ok(())
    }
}

fn socket_inode(link: &[u8]) -> Option<u64> {
    str::from_utf8(link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?).ok()?.parse().ok()
}

/// Every process of the host, as this process sees it.
pub fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The descriptions of the processes of one listing, each read once.
pub struct Descriptions {
    boot: Option<Moment>,
    known: BTreeMap<u32, Option<Process>>,
    owners: BTreeMap<u32, Owner>,
}

impl Descriptions {
    /// Reads when the host was started; the age of a process counts from there.
    pub fn new() -> Self {
        let boot = fs::read("/proc/stat").ok().and_then(|stat| boot_moment(&String::from_utf8_lossy(&stat)));
        Self { boot, known: BTreeMap::new(), owners: BTreeMap::new() }
    }

    /// Describes a process, if it is still there.
    pub fn get(&mut self, pid: u32) -> Option<Process> {
        let boot = self.boot;
        self.known.entry(pid).or_insert_with(|| describe(pid, boot)).clone()
    }

    /// What the cgroup of a running process tells.
    pub fn owner(&mut self, pid: Option<&u32>) -> Owner {
        let Some(pid) = pid else { return Owner::default() };
        let read = || Owner::from_process(&read_lossy(*pid, "cgroup").unwrap_or_default());
        self.owners.entry(*pid).or_insert_with(read).clone()
    }
}

fn read_lossy(pid: u32, file: &str) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/{file}")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn describe(pid: u32, boot: Option<Moment>) -> Option<Process> {
    let name = read_lossy(pid, "comm")?;
    let executable = fs::read_link(format!("/proc/{pid}/exe")).ok();
    let ticks = read_lossy(pid, "stat").and_then(|stat| start_ticks(&stat));
    Some(Process {
        pid,
        name: untrusted::tame(name.strip_suffix('\n').unwrap_or(&name), MOST_NAME),
        executable: executable.map(|path| untrusted::tame(file_name(path.as_os_str().as_bytes()).as_ref(), MOST_PATH)),
        started_at: boot.zip(ticks).map(|(boot, ticks)| boot.plus_seconds(ticks / TICKS_A_SECOND)),
    })
}

/// The kernel appends ` (deleted)` when the file was removed or replaced, as after an update.
fn file_name(link: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(link.strip_suffix(b" (deleted)").unwrap_or(link))
}

fn boot_moment(stat: &str) -> Option<Moment> {
    let seconds: i64 = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(Moment::from_millis(0).plus_seconds(seconds))
}

/// Field 22. The name in field 2 may hold spaces and brackets, so counting starts after its last bracket.
fn start_ticks(stat: &str) -> Option<i64> {
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_sockets_have_an_inode() {
        for (link, inode) in [
            (&b"socket:[4711]"[..], Some(4711)),
            (b"pipe:[4711]", None),
            (b"socket:[]", None),
            (b"socket:[-1]", None),
            (b"/tmp/socket:[1]", None),
        ] {
            assert_eq!(socket_inode(link), inode, "{link:?}");
        }
    }

    #[test]
    fn the_start_is_read_behind_a_hostile_name() {
        let tail = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 500 20";
        assert_eq!(start_ticks(&format!("7 (a) S 9 (b) {tail}")), Some(500));
        assert_eq!(start_ticks("7 (a"), None);
        assert_eq!(start_ticks("7 (a) S 1"), None);
        assert_eq!(boot_moment("cpu 1\nbtime 100\n"), Some(Moment::from_millis(100_000)));
        assert_eq!(boot_moment("cpu 1\n"), None);
    }

    #[test]
    fn a_replaced_executable_keeps_its_path() {
        assert_eq!(file_name(b"/usr/sbin/nginx (deleted)"), "/usr/sbin/nginx");
        assert_eq!(file_name(b"/usr/sbin/nginx"), "/usr/sbin/nginx");
    }

    #[test]
    fn this_process_describes_itself() {
        let own = Descriptions::new().get(std::process::id()).unwrap();
        assert!(own.executable.is_some_and(|path| path.starts_with('/')));
        assert!(own.started_at.is_some());
        assert_eq!(Descriptions::new().get(u32::MAX), None);
    }
}
