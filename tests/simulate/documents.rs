//! What the documents say is so: their rulesets are checked, their examples are run, every command that they name is one that
//! the program takes, and what they lead to is there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use portreeve::cli::definition;
use tempfile::TempDir;

/// The pages, each with its name.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
    paths.extend(["README.md", "ARCHITECTURE.md", "SECURITY.md"].map(|name| root.join(name)));
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root).expect("below").display().to_string();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a page"))).collect()
}

/// The pages whose examples are run: what stands behind a `#` there is what the command answers.
const WITH_EXAMPLES: [&str; 3] = ["docs/docker.md", "docs/hardening.md", "docs/rules.md"];

/// What begins like a command and is none.
const NO_COMMAND: &str = "portreeve audit record 1";

/// Runs a command as somebody who stands in the directory; gives whether it succeeded and all it said.
fn run(dir: &Path, arguments: &[&str]) -> (bool, String) {
    #[expect(clippy::disallowed_methods, reason = "the test runs the program as a person does")]
    let output = Command::new(env!("CARGO_BIN_EXE_portreeve")).args(arguments).current_dir(dir).output();
    let output = output.expect("it runs");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    (output.status.success(), said)
}

/// The lines of an example: a ruleset's file under its name, or a command.
enum Example<'a> {
    Ruleset(&'a str, String),
    Command(&'a str),
}

fn examples(page: &str) -> Vec<Example<'_>> {
    let mut examples = Vec::new();
    for line in page.lines() {
        let Some(line) = line.strip_prefix("    ") else {
            // An empty line may stand within a ruleset; a sentence ends it.
            if !line.is_empty() {
                examples.push(Example::Command(""));
            }
            continue;
        };
        let name = line
            .strip_prefix("# ")
            .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"));
        match (name, examples.last_mut()) {
            (Some(name), _) => examples.push(Example::Ruleset(name, String::new())),
            (None, Some(Example::Ruleset(_, text))) if !line.starts_with("portreeve ") => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => examples.push(Example::Command(line)),
        }
    }
    examples
}

#[test]
fn every_ruleset_is_right_and_every_answer_is_as_written() {
    let dir = TempDir::new().expect("a directory");
    let (mut rulesets, mut answers) = (0, 0);
    let pages = pages();
    let pages = pages.iter().filter(|(name, _)| WITH_EXAMPLES.contains(&name.as_str()));
    for example in pages.flat_map(|(_, page)| examples(page)) {
        match example {
            Example::Ruleset(name, text) => {
                fs::write(dir.path().join(name), text).expect("written");
                let (is_right, said) = run(dir.path(), &["rules", "check", name]);
                assert!(is_right, "{name}: {said}");
                rulesets += 1;
            }
            Example::Command(line) => {
                let Some((command, answer)) = line.split_once('#') else { continue };
                let arguments = command.strip_prefix("portreeve ").filter(|rest| is_on_paper(rest));
                let Some(arguments) = arguments else { continue };
                let (succeeded, said) = run(dir.path(), &arguments.split_whitespace().collect::<Vec<_>>());
                assert!(succeeded && said.contains(answer.trim()), "{line}\n{said}");
                answers += 1;
            }
        }
    }
    assert!(rulesets >= 12 && answers >= 17, "{rulesets} rulesets, {answers} answers");
}

/// Whether a command needs nothing but files that the pages themselves show.
fn is_on_paper(arguments: &str) -> bool {
    let starts = ["explain --rules ", "rules check ", "rules diff "];
    starts.iter().any(|start| arguments.starts_with(start)) && !arguments.contains("FILE")
}

/// What stands for something of the reader's, as an example of it.
fn filled(word: &str) -> &str {
    match word {
        "ADDRESS" => "203.0.113.9",
        "FILE" => "web.toml",
        "NAME" => "anna",
        "PORT" => "22/tcp",
        other => other,
    }
}

/// The commands of a page that begin with a word: examples, and what stands among the words of a sentence.
fn commands<'a>(page: &'a str, program: &str) -> Vec<Vec<&'a str>> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("    "));
    let in_words = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let parts = lines.chain(in_words).filter_map(|line| line.split(" # ").next()).flat_map(|line| line.split("&& "));
    let mut commands = Vec::new();
    for part in parts {
        let words: Vec<&str> = part.trim_start_matches("sudo ").split_whitespace().collect();
        if words.len() > 1 && words[0] == program {
            commands.push(words);
        }
    }
    commands
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    let mut named = 0;
    for (name, page) in pages().iter().filter(|(name, _)| name != "docs/commands.md") {
        for words in commands(page, "portreeve").into_iter().filter(|words| words.join(" ") != NO_COMMAND) {
            let words: Vec<&str> = words.into_iter().map(filled).collect();
            // Among words, `portreeve rules` is a name for all that is below.
            let is_group = words.len() == 2 && definition().find_subcommand(words[1]).is_some();
            let parsed = definition().try_get_matches_from(&words);
            assert!(is_group || parsed.is_ok(), "{name}: {}\n{}", words.join(" "), parsed.unwrap_err());
            named += 1;
        }
    }
    assert!(named > 60, "{named}");
}

#[test]
fn every_target_and_every_unit_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let makefile = fs::read_to_string(root.join("Makefile")).expect("a Makefile");
    let (mut targets, mut units) = (0, 0);
    for (name, page) in pages() {
        for words in commands(&page, "make") {
            assert!(makefile.contains(&format!("\n{}: ##", words[1])), "{name}: make {}", words[1]);
            targets += 1;
        }
        let managed = [commands(&page, "systemctl"), commands(&page, "journalctl")].concat();
        for unit in managed.iter().flatten().filter(|word| word.starts_with("portreeve")) {
            let stem = unit.trim_end_matches(".service");
            assert!(root.join(format!("packaging/{stem}.service")).exists(), "{name}: {unit}");
            units += 1;
        }
    }
    assert!(targets > 10 && units > 10, "{targets} targets, {units} units");
}

#[test]
fn every_link_and_every_path_of_the_source_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, page) in pages() {
        let folder = root.join(&name).parent().expect("a folder").to_owned();
        for target in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(target.starts_with("http") || folder.join(target).exists(), "{name}: {target}");
        }
        let roots =
            ["src/", "tests/", "docs/", "packaging/", "templates/", "migrations/", "demo/", "benches/", "fuzz/"];
        for line in page.lines() {
            for code in
                line.split('`').skip(1).step_by(2).filter(|code| roots.iter().any(|root| code.starts_with(root)))
            {
                let is_pattern = code.contains(['<', '{', '*', ' ']) || code.contains("NAME") || code.contains("::");
                assert!(is_pattern || root.join(code).exists(), "{name}: {code}");
            }
        }
    }
}
