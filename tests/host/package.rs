//! The Debian package, built from this source.

use std::{fs, path::Path, sync::OnceLock};

use super::{
    command::{command, printed},
    machine::Machine,
};

/// Where the package lies inside a machine.
const INSIDE: &str = "/root/portreeve.deb";

/// Installs the package, or the same one again. Gives what the administrator reads meanwhile.
pub fn install(machine: &Machine) -> String {
    fs::write(machine.path(INSIDE), built()).expect("room in the machine");
    machine.run(&format!("dpkg --install {INSIDE} 2>&1"))
}

/// The package that all tests install.
pub fn built() -> &'static [u8] {
    static PACKAGE: OnceLock<Vec<u8>> = OnceLock::new();
    PACKAGE.get_or_init(build)
}

/// Builds it once more.
pub fn build() -> Vec<u8> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = command("packaging/deb.sh").arg("dev").current_dir(source).output().expect("bash");
    fs::read(source.join(printed("packaging/deb.sh dev", &output).trim())).expect("the package it named")
}
