//! Who may use whom, from the table in `ARCHITECTURE.md`, checked against every path and `use` in `src/`.

use std::{collections::BTreeSet, fs, path::Path};

use syn::{UseTree, visit::Visit};
use walkdir::WalkDir;

const ROOMS: [(&str, &[&str]); 11] = [
    ("firewall", &[]),
    ("detect", &["firewall"]),
    ("boundary", &["firewall"]),
    ("netlink", &["firewall"]),
    ("helper", &["boundary", "firewall", "netlink"]),
    ("host", &["firewall", "detect", "netlink"]),
    ("store", &["firewall", "detect"]),
    ("actions", &["store", "boundary", "firewall", "detect"]),
    ("web", &["actions", "store", "firewall", "detect"]),
    ("cli", &["actions", "store", "boundary", "firewall", "daemon"]),
    ("daemon", &["host", "detect", "actions", "store", "web", "firewall"]),
];

#[derive(Default)]
struct Rooms {
    used: BTreeSet<String>,
    climbs: bool,
}

impl Rooms {
    fn note(&mut self, path: &[String]) {
        match path {
            [first, second, ..] if first == "crate" => {
                self.used.insert(second.clone());
            }
            [first, second, ..] if first == "super" && second == "super" => self.climbs = true,
            _ => {}
        }
    }

    fn walk(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.walk(&part.tree, path);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|item| self.walk(item, path)),
            UseTree::Name(name) => self.leaf(&name.ident.to_string(), path),
            UseTree::Rename(rename) => self.leaf(&rename.ident.to_string(), path),
            UseTree::Glob(_) => self.leaf("*", path),
        }
    }

    fn leaf(&mut self, name: &str, path: &mut Vec<String>) {
        path.push(name.to_owned());
        self.note(path);
        path.pop();
    }
}

impl<'ast> Visit<'ast> for Rooms {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.walk(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&parts);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        // Macro bodies aren't parsed; a path in one still has to be seen.
        let text = item.tokens.to_string().replace(' ', "");
        for rest in text.split("crate::").skip(1) {
            let room = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            self.used.insert(room.to_owned());
        }
        syn::visit::visit_macro(self, item);
    }
}

fn rooms_used_by(source: &str) -> Rooms {
    let mut rooms = Rooms::default();
    rooms.visit_file(&syn::parse_file(source).expect("the source parses"));
    rooms
}

fn sources(room: &str) -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = WalkDir::new(&src).into_iter().map(|entry| entry.expect("src is readable").into_path());
    let own = |path: &Path| {
        let inside = path.strip_prefix(&src).expect("below src");
        inside.starts_with(room) || inside == Path::new(&format!("{room}.rs"))
    };
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && own(path))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("readable source")))
        .collect()
}

#[test]
fn every_room_uses_only_its_neighbours() {
    let mut wrong = Vec::new();
    for (room, neighbours) in ROOMS {
        let sources = sources(room);
        assert!(!sources.is_empty(), "the room {room} is empty");
        for (file, source) in sources {
            let found = rooms_used_by(&source);
            let strangers =
                ROOMS.iter().map(|(name, _)| *name).filter(|name| *name != room && found.used.contains(*name));
            wrong.extend(strangers.filter(|name| !neighbours.contains(name)).map(|name| format!("{file} uses {name}")));
            if found.climbs {
                wrong.push(format!("{file} climbs with super::super"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_source_belongs_to_a_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).chain(["lib", "bin"]).collect();
    for entry in fs::read_dir(src).expect("src is readable") {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        assert!(known.contains(name.trim_end_matches(".rs")), "src/{name} is no room of the house");
    }
}

#[test]
fn the_net_catches_groups_paths_and_macros() {
    let groups = rooms_used_by("use crate::{firewall::Moment, web};");
    assert!(groups.used.contains("web") && groups.used.contains("firewall"));
    assert!(rooms_used_by("fn f() { crate::store::open() }").used.contains("store"));
    assert!(rooms_used_by("fn f() { format!(\"{}\", crate::helper::X) }").used.contains("helper"));
    assert!(rooms_used_by("use super::super::web;").climbs);
}

#[test]
fn each_room_says_its_purpose_neighbours_and_invariant() {
    for (room, _) in ROOMS.iter().filter(|(room, _)| *room != "daemon") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room).join("mod.rs");
        let source = fs::read_to_string(&path).expect("every room has a mod.rs");
        for word in ["//! Neighbours: ", "//! Invariant: "] {
            assert!(source.contains(word), "{room}/mod.rs lacks {word:?}");
        }
    }
}
