//! Databases about addresses: of every usual make, broken and hostile ones, and what pages say of them.

mod pages;
mod writer;

use std::{fs, os::unix::fs::symlink, path::Path};

use portreeve::{
    firewall::{
        AddressRange,
        whereabouts::{Geography, Whereabouts},
    },
    host::geography::{FOLDER, Shelf},
};
use serde_json::{Value, json};
pub use writer::database;

/// A folder with these files, read.
fn read(files: &[(&str, &[u8])]) -> Geography {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), files);
    Shelf::new(dir.path()).read_if_changed().expect("the first look is news")
}

fn put(dir: &Path, files: &[(&str, &[u8])]) {
    fs::create_dir_all(dir.join(FOLDER)).expect("a folder");
    for (name, bytes) in files {
        fs::write(dir.join(FOLDER).join(name), bytes).expect("a file");
    }
}

fn of(geography: &Geography, text: &str) -> Whereabouts {
    geography.of(AddressRange::parse(text).expect(text))
}

pub fn country() -> Vec<u8> {
    let nested = |code: &str, name: &str| json!({"country": {"iso_code": code, "names": {"de": "x", "en": name}}});
    database(
        "DBIP-Country-Lite",
        &[
            ("203.0.113.0/24", nested("DE", "Germany")),
            ("198.51.100.0/25", nested("FR", "France")),
            ("2001:db8::/32", nested("NL", "The Netherlands")),
        ],
    )
}

pub fn systems() -> Vec<u8> {
    let system =
        |number: u32, name: &str| json!({"autonomous_system_number": number, "autonomous_system_organization": name});
    database(
        "GeoLite2-ASN",
        &[("203.0.113.0/24", system(64_500, "Example <b>Ltd</b>")), ("2001:db8::/32", system(1, ""))],
    )
}

#[test]
fn two_databases_together_say_country_and_network() {
    let geography = read(&[("b-asn.mmdb", &systems()), ("a-country.mmdb", &country()), ("notes.txt", b"x")]);
    let kinds: Vec<&str> = geography.volumes.iter().map(|volume| volume.kind.as_str()).collect();
    assert_eq!(kinds, ["DBIP-Country-Lite", "GeoLite2-ASN"]);
    assert!(geography.volumes.iter().all(|volume| volume.fault.is_none() && volume.built_at.is_some()));
    let found = of(&geography, "203.0.113.9");
    assert_eq!((found.code.as_deref(), found.country.as_deref()), (Some("DE"), Some("Germany")));
    assert_eq!((found.system, found.organisation.as_deref()), (Some(64_500), Some("Example <b>Ltd</b>")));
    assert_eq!(of(&geography, "2001:db8::7").code.as_deref(), Some("NL"));
    assert!(of(&geography, "192.0.2.1").is_empty());
    assert_eq!(of(&geography, "198.51.100.0/24").code, None, "half of it is elsewhere");
}

#[test]
fn other_makers_write_it_flat() {
    let flat = json!({"country": "Germany", "country_code": "DE", "asn": "AS64500", "as_name": "Example"});
    let short = json!({"country": "DE", "asn": 7});
    let geography =
        read(&[("x.mmdb", &database("ipinfo lite", &[("203.0.113.0/24", flat), ("198.51.100.0/24", short)]))]);
    let found = of(&geography, "203.0.113.9");
    assert_eq!(
        (found.code.as_deref(), found.country.as_deref(), found.system),
        (Some("DE"), Some("Germany"), Some(64_500))
    );
    let found = of(&geography, "198.51.100.9");
    assert_eq!((found.code.as_deref(), found.system), (Some("DE"), Some(7)));
}

#[test]
fn what_is_no_code_or_too_long_or_steers_is_left_out() {
    let hostile = json!({
        "country": {"iso_code": "<b>", "names": {"en": format!("{}\u{202e}\u{1b}[31m{}", "a".repeat(60), "b".repeat(200))}},
        "autonomous_system_organization": "\u{202e}\u{7}"
    });
    let geography = read(&[("x.mmdb", &database("x\u{1b}[2J", &[("203.0.113.0/24", hostile)]))]);
    let found = of(&geography, "203.0.113.9");
    assert_eq!((found.code, found.organisation), (None, None));
    let name = found.country.expect("a name");
    assert!(name.chars().count() == 100 && !name.contains(['\u{202e}', '\u{1b}']), "{name:?}");
    assert_eq!(geography.volumes[0].kind, "x[2J");
    let odd: Value = json!({"country": ["DE"], "autonomous_system_number": {"a": 1}});
    assert!(of(&read(&[("x.mmdb", &database("x", &[("203.0.113.0/24", odd)]))]), "203.0.113.9").is_empty());
}

#[test]
fn a_broken_file_is_a_fault_beside_the_others() {
    let whole = country();
    let geography =
        read(&[("a.mmdb", b"<html>"), ("b.mmdb", &whole), ("c.mmdb", b""), ("d.mmdb", &whole[..whole.len() / 2])]);
    let faults: Vec<bool> = geography.volumes.iter().map(|volume| volume.fault.is_some()).collect();
    assert_eq!(faults, [true, false, true, true]);
    let fault = geography.volumes[0].fault.as_deref().expect("a fault");
    assert!(fault.starts_with("it isn’t a database in MaxMind’s format"), "{fault}");
    assert_eq!(of(&geography, "203.0.113.9").code.as_deref(), Some("DE"));
}

#[test]
fn links_folders_and_giants_are_left_out_and_a_new_file_is_noticed() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut shelf = Shelf::new(dir.path());
    assert!(shelf.read_if_changed().expect("news").volumes.is_empty());
    assert!(shelf.read_if_changed().is_none(), "nothing is new");
    put(dir.path(), &[("c.mmdb", &country())]);
    let folder = dir.path().join(FOLDER);
    symlink("/etc/passwd", folder.join("a.mmdb")).expect("a link");
    fs::create_dir(folder.join("b.mmdb")).expect("a folder");
    fs::File::create(folder.join("d.mmdb")).and_then(|file| file.set_len(1 << 30)).expect("a giant");
    let geography = shelf.read_if_changed().expect("news");
    let faults: Vec<String> = geography.volumes.into_iter().filter_map(|volume| volume.fault).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].contains("plain file") && faults[1].contains("plain file") && faults[2].contains("too large"));
    fs::remove_file(folder.join("c.mmdb")).expect("it was there");
    assert!(shelf.read_if_changed().expect("news").atlas.is_none());
}

#[test]
fn thousands_of_damaged_databases_crash_nothing() {
    let (whole, mut seed) = ([country(), systems()].concat(), 7_u64);
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits")
    };
    let (dir, sizes) = (tempfile::tempdir().expect("a folder"), [country(), systems(), whole]);
    for round in 0..3_000 {
        let mut file = sizes[round % 3].clone();
        for _ in 0..=random() % 6 {
            let place = random() % file.len();
            file[place] = u8::try_from(random() % 256).expect("a byte");
        }
        if round % 5 == 0 {
            file.truncate(random() % file.len());
        }
        put(dir.path(), &[("x.mmdb", &file)]);
        let geography = Shelf::new(dir.path()).read_if_changed().expect("news");
        for address in ["203.0.113.9", "2001:db8::1", "255.255.255.255", "::", "198.51.100.200"] {
            let found = of(&geography, address);
            assert!(found.country.is_none_or(|name| name.chars().count() <= 100));
        }
    }
}
