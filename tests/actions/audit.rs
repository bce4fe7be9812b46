//! That no act goes without a record. A change of the database can't: its transaction commits only with one. Acts of the
//! helper could, so the source is read for them.

use std::{collections::BTreeSet, fs, path::Path};

use portreeve::store::Theme;
use sqlx::Row;

use super::panel::{HOME, Panel, origin};

/// Where the helper is asked for what changes nothing, and where the asking itself is written.
const ASK_ONLY: [&str; 2] = ["close_admission.rs", "helper_socket.rs"];

/// Opens what others write, or writes the verb that it is handed.
const HANDED_ON: [&str; 2] = ["refused_acts.rs", "people.rs"];

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("readable source")
}

fn actions() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/actions");
    let paths = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("an entry").into_path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let named = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (named(&path), fs::read_to_string(&path).expect("readable source"))).collect()
}

fn verbs() -> BTreeSet<String> {
    let file = syn::parse_file(&source("src/store/audit.rs")).expect("the source parses");
    let verbs = file.items.into_iter().find_map(|item| match item {
        syn::Item::Enum(verbs) if verbs.ident == "Verb" => Some(verbs),
        _ => None,
    });
    verbs.expect("the verbs").variants.into_iter().map(|verb| verb.ident.to_string()).collect()
}

#[test]
fn whatever_acts_writes_a_record() {
    let mut acting = 0;
    for (name, text) in actions() {
        let acts = text.contains(".act(") || text.contains(".write(");
        if acts && !ASK_ONLY.contains(&name.as_str()) && !HANDED_ON.contains(&name.as_str()) {
            assert!(text.contains("Entry::") && text.contains("Verb::"), "{name} acts and writes no record");
            acting += 1;
        }
    }
    assert!(acting >= 20, "only {acting} files act");
}

#[test]
fn every_verb_is_written_by_somebody() {
    let all: String =
        actions().into_iter().map(|(_, text)| text).collect::<String>() + &source("src/store/audit_chain/mod.rs");
    let verbs = verbs();
    assert!(verbs.len() >= 27);
    for verb in verbs {
        assert!(all.contains(&format!("Verb::{verb}")), "nobody writes Verb::{verb}");
    }
}

#[tokio::test]
async fn a_record_says_how_sure_it_is_who_acted_and_what_was_before() {
    let (panel, session) = Panel::with_account().await;
    panel.actions.set_theme(&session.signed_in, Theme::Dark, &origin(HOME)).await.unwrap();
    let newest = sqlx::query("select strength, before_value, after_value from audit order by id desc limit 1");
    let row = newest.fetch_one(&mut panel.connection().await).await.unwrap();
    let texts: (String, String, String) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(texts, ("password".into(), "system".into(), "dark".into()));
}
