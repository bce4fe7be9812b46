//! The folders mirror each other: what exists in one room has its counterpart in the others.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use portreeve::web::kit::assets::ASSETS;
use walkdir::WalkDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &str) -> Vec<PathBuf> {
    let entries = WalkDir::new(root().join(folder)).into_iter().map(|entry| entry.expect("a readable folder"));
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a readable folder");
    let names = entries.map(|entry| entry.expect("an entry").path());
    names.filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).collect()
}

fn relative(path: &Path, folder: &str) -> String {
    path.strip_prefix(root().join(folder)).expect("below the folder").display().to_string()
}

/// Everything that names a template: Rust attributes and other templates.
fn text_that_may_name_templates() -> String {
    let sources = files_below("src").into_iter().chain(files_below("templates"));
    sources.map(|path| fs::read_to_string(path).expect("readable text")).collect()
}

/// Pages with a view are folders; a single file only redirects or serves files.
fn pages() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("src/web/pages")).expect("a readable folder");
    let folders = entries.map(|entry| entry.expect("an entry")).filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_page_has_templates_and_a_test() {
    let pages = pages();
    let templates = names_in("templates/pages");
    let tests = names_in("tests/web");
    for page in &pages {
        assert!(templates.contains(page), "templates/pages/{page} is missing");
        assert!(tests.contains(page), "tests/web/{page}.rs is missing");
    }
    for template in templates {
        assert!(pages.contains(&template), "templates/pages/{template} belongs to no page");
    }
}

#[test]
fn the_reference_tells_what_every_command_says_of_itself() {
    let written = fs::read_to_string(root().join("docs/commands.md")).expect("the reference");
    assert!(written == portreeve::cli::reference(), "docs/commands.md is old: make reference");
}

#[test]
fn every_template_is_used() {
    let text = text_that_may_name_templates();
    for path in files_below("templates") {
        let name = relative(&path, "templates");
        assert!(text.contains(&format!("\"{name}\"")), "templates/{name} is used nowhere");
    }
}

#[test]
fn no_template_switches_escaping_off_or_holds_script_or_style() {
    for path in files_below("templates") {
        let text = fs::read_to_string(&path).expect("readable text");
        for forbidden in ["|safe", "| safe", "escape=\"none\"", "{% filter", "<style", " style=", "javascript:"] {
            assert!(!text.contains(forbidden), "{} contains {forbidden}", path.display());
        }
        for (index, _) in text.match_indices("<script") {
            let tag = text[index..].lines().next().unwrap_or_default();
            let is_file = tag.starts_with("<script src=\"{{ ") && tag.ends_with("\" defer></script>");
            assert!(is_file, "{} has a script inline: {tag}", path.display());
        }
        let handlers = text.split_whitespace().filter(|word| word.starts_with("on") && word.contains("=\""));
        assert_eq!(handlers.collect::<Vec<_>>(), Vec::<&str>::new(), "{}", path.display());
    }
}

#[test]
fn every_static_file_is_shipped_and_used() {
    let shipped: BTreeSet<String> = ASSETS.iter().map(|asset| asset.name.to_owned()).collect();
    let present: BTreeSet<String> = files_below("static").iter().map(|path| relative(path, "static")).collect();
    assert_eq!(shipped, present);
    let text = text_that_may_name_templates();
    for name in shipped {
        assert!(text.contains(&format!("\"{name}\"")), "static/{name} is used nowhere");
    }
}

#[test]
fn every_migration_has_sample_data() {
    let migrations = names_in("migrations");
    assert_eq!(migrations, names_in("tests/store/data"));
}
