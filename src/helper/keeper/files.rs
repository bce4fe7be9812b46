//! The state directory. A file is there whole or not at all, and what was damaged is known to be.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    sync::Arc,
};

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
use serde::{Serialize, de::DeserializeOwned};

/// Everything the helper remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The confirmed revision.
    Confirmed,
    /// The one before it.
    Previous,
    /// The applied revision that waits for its confirmation.
    Pending,
    /// How long it may wait.
    Window,
    /// What else must survive a restart.
    Standing,
    /// What the kernel showed after the last commit.
    Committed,
    /// Who is banned.
    Bans,
    /// Which units are closed. It isn't about the ruleset, so it outlives that.
    Units,
}

impl Name {
    /// All that is about the ruleset.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Window, Self::Confirmed, Self::Previous, Self::Standing, Self::Committed, Self::Bans];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Previous => "confirmed.previous",
            Self::Pending => "pending",
            Self::Window => "window",
            Self::Standing => "standing",
            Self::Committed => "committed",
            Self::Bans => "bans",
            Self::Units => "units",
        }
    }

    fn draft(self) -> String {
        format!("{}.new", self.as_str())
    }
}

/// The directory, open and locked.
#[derive(Clone)]
pub struct StateDir(Arc<File>);

impl StateDir {
    /// Takes the directory that `socket::lock` has opened.
    pub fn new(dir: File) -> Self {
        Self(Arc::new(dir))
    }

    /// Whether a revision waits for its confirmation, readable or not.
    pub fn has_pending(&self) -> bool {
        self.bytes(Name::Pending).is_ok()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Why it can't be believed; nothing at all is `None`.
    pub fn read<T: DeserializeOwned>(&self, name: Name) -> Result<Option<T>, String> {
        let bytes = match self.bytes(name) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("the file {} can't be read: {error}", name.as_str())),
        };
        let damaged = || format!("the file {} is damaged", name.as_str());
        let at = bytes.iter().rposition(|byte| *byte == b'\n').ok_or_else(damaged)?;
        let (json, sum) = bytes.split_at(at);
        if sum[1..] != *Sum::of(json).to_string().as_bytes() {
            return Err(damaged());
        }
        serde_json::from_slice(json).map(Some).map_err(|error| format!("{}: {error}", damaged()))
    }

    fn bytes(&self, name: Name) -> io::Result<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mut bytes = Vec::new();
        File::from(openat(&*self.0, name.as_str(), flags, Mode::empty())?).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes a file whole and safely to disk, beside the one of that name.
    pub fn draft<T: Serialize>(&self, name: Name, value: &T) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = File::from(openat(&*self.0, name.draft(), flags, Mode::RUSR | Mode::WUSR)?);
        let mut writer = Summing { writer: BufWriter::new(file), sum: Sum::default() };
        serde_json::to_writer(&mut writer, value)?;
        let Summing { mut writer, sum } = writer;
        write!(writer, "\n{sum}")?;
        writer.into_inner()?.sync_all()
    }

    /// Puts the draft in its place.
    pub fn publish(&self, name: Name) -> io::Result<()> {
        self.rename(&name.draft(), name.as_str())
    }

    /// Writes a file in place of the one of that name.
    pub fn write<T: Serialize>(&self, name: Name, value: &T) -> io::Result<()> {
        self.draft(name, value)?;
        self.publish(name)
    }

    /// Gives a file another name, in place of the one that had it.
    pub fn replace(&self, from: Name, to: Name) -> io::Result<()> {
        self.rename(from.as_str(), to.as_str())
    }

    /// Removes files and their drafts; those that aren't there are fine.
    pub fn remove(&self, names: &[Name]) -> io::Result<()> {
        for name in names {
            for file in [name.as_str(), &name.draft()] {
                match unlinkat(&*self.0, file, AtFlags::empty()) {
                    Ok(()) | Err(rustix::io::Errno::NOENT) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        self.0.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        renameat(&*self.0, from, &*self.0, to)?;
        self.0.sync_all()
    }
}

/// FNV-1a: finds what a failing disk or an interrupted editor does. Whoever would forge it is root already.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sum(u64);

impl Default for Sum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Sum {
    fn of(bytes: &[u8]) -> Self {
        let mut sum = Self::default();
        sum.add(bytes);
        sum
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

struct Summing<W> {
    writer: W,
    sum: Sum,
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.writer.write(bytes)?;
        self.sum.add(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_what_was_damaged_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::new(File::open(dir.path()).unwrap());
        assert_eq!(state.read::<Vec<u8>>(Name::Confirmed), Ok(None));
        state.write(Name::Confirmed, &vec![1, 2, 3]).unwrap();
        assert_eq!(state.read(Name::Confirmed), Ok(Some(vec![1, 2, 3])));
        let whole = fs::read(dir.path().join("confirmed")).unwrap();
        for length in 0..whole.len() {
            fs::write(dir.path().join("confirmed"), &whole[..length]).unwrap();
            state.read::<Vec<u8>>(Name::Confirmed).unwrap_err();
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(dir.path().join("confirmed"), damaged).unwrap();
            state.read::<Vec<u8>>(Name::Confirmed).unwrap_err();
        }
    }

    #[test]
    fn a_draft_changes_nothing_until_it_is_published() {
        let dir = tempfile::tempdir().unwrap();
        let state = StateDir::new(File::open(dir.path()).unwrap());
        state.write(Name::Window, &1).unwrap();
        state.draft(Name::Window, &2).unwrap();
        assert_eq!(state.read(Name::Window), Ok(Some(1)));
        state.publish(Name::Window).unwrap();
        assert_eq!(state.read(Name::Window), Ok(Some(2)));
        state.remove(&[Name::Window, Name::Pending]).unwrap();
        assert_eq!(state.read::<u8>(Name::Window), Ok(None));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
