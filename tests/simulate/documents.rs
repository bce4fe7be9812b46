//! What the documents say of the command line is so: their examples are run.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

const RULES: &str = include_str!("../../docs/rules.md");
const LOCKED_OUT: &str = include_str!("../../docs/locked-out.md");
const PORTS: &str = include_str!("../../docs/ports.md");
const README: &str = include_str!("../../README.md");

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
    for example in examples(RULES) {
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
    assert!(rulesets >= 10 && answers >= 15, "{rulesets} rulesets, {answers} answers");
}

/// Whether a command needs nothing but files.
fn is_on_paper(arguments: &str) -> bool {
    let starts = ["explain --rules ", "rules check ", "rules diff "];
    starts.iter().any(|start| arguments.starts_with(start)) && !arguments.contains("FILE")
}

#[test]
fn every_command_that_is_named_exists() {
    let dir = TempDir::new().expect("a directory");
    let mut named = 0;
    for page in [RULES, LOCKED_OUT, PORTS, README] {
        let commands = page.lines().filter_map(|line| line.strip_prefix("    portreeve "));
        for line in commands.chain(page.split('`').filter_map(|code| code.strip_prefix("portreeve "))) {
            let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let mut arguments: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('-')).collect();
            arguments.truncate(arguments.iter().take_while(|word| is_word(word)).count());
            arguments.push("--help");
            let (exists, said) = run(dir.path(), &arguments);
            assert!(exists, "portreeve {line}\n{said}");
            named += 1;
        }
    }
    assert!(named > 30, "{named}");
}
