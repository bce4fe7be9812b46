//! What is inside the privileged process, besides our own code.

use std::{collections::BTreeSet, fs, path::Path};

use super::running::program;

/// Few enough that a person can know them all.
const MOST: usize = 20;

#[test]
fn the_helpers_packages_are_the_listed_ones_and_few() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = program(option_env!("CARGO").unwrap_or("cargo"));
    cargo.current_dir(root).args(["tree", "--offline", "--locked", "--no-default-features", "--edges", "normal,build"]);
    let output = cargo.args(["--prefix", "none", "--format", "{p}"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let found: BTreeSet<String> = tree
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .filter(|package| !package.starts_with("portreeve "))
        .collect();
    assert!(found.len() <= MOST, "{} packages", found.len());
    let listed = fs::read_to_string(root.join("packaging/helper-packages.txt")).unwrap();
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    assert_eq!(found, listed, "update packaging/helper-packages.txt and say in the commit why");
}
