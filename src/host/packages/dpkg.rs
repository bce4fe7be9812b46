//! Reads dpkg's database: `info/NAME.list` are the files of a package, `status` describes all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use crate::firewall::{package::Package, untrusted};

/// The longest file that is read; what comes behind doesn't count.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The longest line; a longer one is read as several.
const LONGEST_LINE: u64 = 64 * 1024;

const NAME_LENGTH: usize = 64;
const SUMMARY_LENGTH: usize = 160;

/// The directories that many distributions moved below `/usr`; a list may still have the old place.
const MERGED: [&str; 5] = ["bin/", "sbin/", "lib/", "lib32/", "lib64/"];

/// The packages of the executables that came in one.
pub(super) fn find(dir: &Path, executables: &BTreeSet<&str>) -> io::Result<BTreeMap<String, Package>> {
    let owners = owners(&dir.join("info"), &places(executables))?;
    let summaries = summaries(&dir.join("status"), &owners.values().map(String::as_str).collect())?;
    let package = |(executable, name): (&str, String)| {
        let summary = summaries.get(&name).map(String::as_str).unwrap_or_default();
        let summary = untrusted::tame(summary, SUMMARY_LENGTH);
        (executable.to_owned(), Package { name: untrusted::tame(&name, NAME_LENGTH), summary })
    };
    Ok(owners.into_iter().map(package).collect())
}

/// Where a list may say that an executable is.
fn places<'a>(executables: &BTreeSet<&'a str>) -> BTreeMap<&'a [u8], &'a str> {
    let old = |executable: &'a str| {
        let rest = executable.strip_prefix("/usr/")?;
        MERGED.iter().any(|dir| rest.starts_with(dir)).then(|| executable.strip_prefix("/usr")).flatten()
    };
    let both = |executable: &'a str| [Some(executable), old(executable)].into_iter().flatten();
    executables.iter().flat_map(|executable| both(executable).map(|place| (place.as_bytes(), *executable))).collect()
}

fn owners<'a>(info: &Path, places: &BTreeMap<&[u8], &'a str>) -> io::Result<BTreeMap<&'a str, String>> {
    let names = fs::read_dir(info)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<BTreeSet<_>>>()?;
    let mut owners = BTreeMap::new();
    let mut files = Vec::new();
    for name in names.iter().filter_map(|name| name.to_str()) {
        let Some(package) = name.strip_suffix(".list") else { continue };
        files.clear();
        File::open(info.join(name))?.take(LONGEST).read_to_end(&mut files)?;
        for executable in files.split(|byte| *byte == b'\n').filter_map(|file| places.get(file)) {
            // Of several architectures each has a list: `libc6:amd64`.
            let package = package.split(':').next().unwrap_or(package);
            owners.entry(*executable).or_insert_with(|| package.to_owned());
        }
    }
    Ok(owners)
}

/// The first line of the description of each package.
fn summaries(status: &Path, packages: &BTreeSet<&str>) -> io::Result<BTreeMap<String, String>> {
    let mut reader = BufReader::new(File::open(status)?.take(LONGEST));
    let mut summaries = BTreeMap::new();
    let (mut line, mut package) = (Vec::new(), None);
    while reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if let Some(name) = text.strip_prefix("Package: ") {
            package = packages.get(name.trim()).copied();
        } else if let Some((summary, package)) = text.strip_prefix("Description: ").zip(package) {
            summaries.entry(package.to_owned()).or_insert_with(|| summary.trim().to_owned());
        }
        line.clear();
    }
    Ok(summaries)
}
