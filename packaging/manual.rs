//! Writes the manual pages and the shells' completions, made from the definition of the command line, below a folder like
//! `/usr/share`; with a second argument also the reference of the documentation, as that file.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use clap_complete::Shell;
use clap_mangen::Man;
use portreeve::cli::{definition, reference};

const NAME: &str = "portreeve";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let share = arguments.next().ok_or("usage: manual FOLDER [REFERENCE]")?;
    let command = definition();
    write_pages(&command, &made(&share.join("man/man8"))?)?;
    for (shell, folder, file) in [
        (Shell::Bash, "bash-completion/completions", "portreeve"),
        (Shell::Zsh, "zsh/vendor-completions", "_portreeve"),
        (Shell::Fish, "fish/vendor_completions.d", "portreeve.fish"),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), NAME, &mut script);
        fs::write(made(&share.join(folder))?.join(file), script)?;
    }
    if let Some(file) = arguments.next() {
        fs::write(file, reference())?;
    }
    Ok(())
}

/// A page for the command and for each below it. What root runs has section 8.
fn write_pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    Man::new(command.clone()).section("8").generate_to(folder)?;
    command.get_subcommands().try_for_each(|inner| write_pages(inner, folder))
}

fn made(folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    Ok(folder.to_path_buf())
}
