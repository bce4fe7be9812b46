//! Databases in MaxMind's format that an administrator put into a folder of the panel's own: where an address is and whose.
//!
//! The files come from the internet, so nothing in them is trusted: they are bounded in size, and what can't be read is a
//! fault beside the others.

use std::{
    fs,
    io::{self, Read},
    net::IpAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use crate::firewall::{
    Moment, untrusted,
    whereabouts::{Atlas, Geography, Volume, Whereabouts},
};

/// The folder below the state directory.
pub const FOLDER: &str = "geo";

/// Files that are read, in the order of their names.
const MOST_FILES: usize = 4;

/// They are held in memory, of which the panel's unit has 512 MB.
const MOST_BYTES: u64 = 192 << 20;

const LONGEST_NAME: usize = 100;

/// The folder as it was read last.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    seen: Option<Vec<Seen>>,
}

/// A file, and by what it is told that it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    name: String,
    is_file: bool,
    size: u64,
    stamp: (u64, i64, i64),
}

impl Shelf {
    /// The shelf of a state directory. It need not be there.
    #[must_use]
    pub fn new(state_dir: &Path) -> Self {
        Self { folder: state_dir.join(FOLDER), seen: None }
    }

    /// Reads all databases if any of them changed since the last time.
    pub fn read_if_changed(&mut self) -> Option<Geography> {
        let seen = self.look();
        if self.seen.as_ref() == Some(&seen) {
            return None;
        }
        let geography = self.read(&seen);
        self.seen = Some(seen);
        Some(geography)
    }

    /// What can't be listed isn't there.
    fn look(&self) -> Vec<Seen> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let every = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = every.filter(|name| name.strip_suffix(".mmdb").is_some()).collect();
        names.sort_unstable();
        let seen = names.into_iter().take(MOST_FILES).filter_map(|name| {
            let data = fs::symlink_metadata(self.folder.join(&name)).ok()?;
            let stamp = (data.ino(), data.mtime(), data.mtime_nsec());
            Some(Seen { name, is_file: data.is_file(), size: data.len(), stamp })
        });
        seen.collect()
    }

    fn read(&self, seen: &[Seen]) -> Geography {
        let (mut readers, mut volumes, mut room) = (Vec::new(), Vec::new(), MOST_BYTES);
        for one in seen {
            let opened = open(&self.folder.join(&one.name), one, room);
            let (kind, built_at, fault) = match opened {
                Ok(reader) => {
                    room = room.saturating_sub(one.size);
                    let metadata = reader.metadata();
                    let told = (short(&metadata.database_type), built_at(metadata.build_epoch), None);
                    readers.push(reader);
                    told
                }
                Err(fault) => (String::new(), None, Some(fault)),
            };
            volumes.push(Volume { file: one.name.clone(), kind, built_at, fault });
        }
        let atlas: Option<Arc<dyn Atlas>> = if readers.is_empty() { None } else { Some(Arc::new(Books(readers))) };
        Geography { atlas, volumes }
    }
}

fn open(path: &Path, seen: &Seen, room: u64) -> Result<Reader<Vec<u8>>, String> {
    if !seen.is_file {
        return Err("it isn’t a plain file".to_owned());
    }
    if seen.size > room {
        return Err(format!("it is too large: there is room for {} MB of databases", MOST_BYTES >> 20));
    }
    let bytes = read(path, room).map_err(|error| format!("it can’t be read: {error}"))?;
    Reader::from_source(bytes).map_err(|error| match error {
        MaxMindDbError::Io(error) => format!("it can’t be read: {error}"),
        error => format!("it isn’t a database in MaxMind’s format: {}", short(&error.to_string())),
    })
}

fn read(path: &Path, room: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(room).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn built_at(seconds: u64) -> Option<Moment> {
    let seconds = i64::try_from(seconds).ok()?;
    (seconds > 0 && seconds < 1 << 40).then(|| Moment::from_millis(seconds * 1000))
}

/// Without what steers, and not too long.
fn short(text: &str) -> String {
    text.chars().filter(|character| !untrusted::steers(*character)).take(LONGEST_NAME).collect()
}

/// The databases in order: the first that knows something says it.
#[derive(Debug)]
struct Books(Vec<Reader<Vec<u8>>>);

impl Atlas for Books {
    fn find(&self, address: IpAddr) -> Whereabouts {
        self.0.iter().fold(Whereabouts::default(), |known, book| known.or(look_up(book, address)))
    }
}

/// What can't be read says nothing.
fn look_up(book: &Reader<Vec<u8>>, address: IpAddr) -> Whereabouts {
    let found = book.lookup(address).and_then(|found| found.decode::<Record>());
    found.ok().flatten().map(Whereabouts::from).unwrap_or_default()
}

/// What the makers of such databases write: MaxMind and DB-IP nest the country, others write it flat.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    country: Option<Country>,
    country_code: Option<String>,
    country_name: Option<String>,
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<String>,
    asn: Option<System>,
    as_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Country {
    Nested {
        #[serde(default)]
        iso_code: Option<String>,
        #[serde(default)]
        names: Names,
    },
    Flat(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    en: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum System {
    Number(u32),
    Text(String),
}

impl From<Record> for Whereabouts {
    fn from(record: Record) -> Self {
        let (nested_code, nested_name) = match record.country {
            Some(Country::Nested { iso_code, names }) => (iso_code, names.en),
            Some(Country::Flat(text)) if is_code(&text) => (Some(text), None),
            Some(Country::Flat(text)) => (None, Some(text)),
            None => (None, None),
        };
        let number = match record.asn {
            Some(System::Number(number)) => Some(number),
            Some(System::Text(text)) => text.trim_start_matches("AS").parse().ok(),
            None => None,
        };
        let name = |text: Option<String>| text.map(|text| short(&text)).filter(|text| !text.is_empty());
        Self {
            code: nested_code.or(record.country_code).filter(|code| is_code(code)),
            country: name(nested_name.or(record.country_name)),
            system: record.autonomous_system_number.or(number),
            organisation: name(record.autonomous_system_organization.or(record.as_name)),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
