//! The command line, read by hand: a parser crate would be the largest thing in the privileged process.

use std::{ffi::OsString, path::PathBuf};

/// What `--help` prints.
pub const HELP: &str = concat!(
    "the privileged half of Portreeve\n\n",
    "Usage: portreeve-helper serve|restore [OPTIONS]\n\n",
    "  serve    serves the panel over a unix socket: its own, or one handed over by systemd on standard input\n",
    "  restore  puts the last confirmed ruleset into the kernel, and ends\n\n",
    "Options:\n",
    "  --socket PATH        where to listen [default: /run/portreeve/helper.sock]\n",
    "  --state-dir DIR      what the helper must remember; one helper a directory [default: /var/lib/portreeve-helper]\n",
    "  --panel-user USER    name or number of the panel's user [default: portreeve]\n",
    "  --panel-port PORT    what a rescue opens besides SSH [default: 8470]\n",
    "  --floor FILE         root's list of addresses that always reach SSH [default: /etc/portreeve/floor]\n",
    "  --help               print this\n",
    "  --version            print the version",
);

/// What `--version` prints after the program's name.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Serve until killed.
    Serve(Settings),
    /// Put the last confirmed ruleset into the kernel.
    Restore(Settings),
    /// Be the child that starts programs; only the helper itself asks for this.
    RunChildren(Settings),
    /// Be the child that talks to the service manager; only the helper itself asks for this.
    RunUnits,
    /// Hold a rehearsal; only the helper's child asks for this.
    Rehearse,
}

/// What the helper is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub socket: PathBuf,
    /// What the helper must remember.
    pub state_dir: PathBuf,
    /// Name or number of the panel's user.
    pub panel_user: String,
    /// Where the panel listens.
    pub panel_port: u16,
    /// Where root has written who always reaches SSH.
    pub floor: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            socket: "/run/portreeve/helper.sock".into(),
            state_dir: "/var/lib/portreeve-helper".into(),
            panel_user: "portreeve".into(),
            panel_port: 8470,
            floor: "/etc/portreeve/floor".into(),
        }
    }
}

/// Why the command line can't be followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Nothing to do.
    #[error("say what to do: portreeve-helper serve or restore (--help tells more)")]
    Nothing,
    /// Not an argument of this program.
    #[error("{0:?} is no argument of this program (--help lists them)")]
    Unknown(OsString),
    /// An option without its value.
    #[error("{0} needs a value after it")]
    NoValue(&'static str),
    /// A user that isn't text, or a relative path.
    #[error("{0} has a value that can't be used: give {1}")]
    BadValue(&'static str, &'static str),
}

/// Reads the arguments after the program's name.
pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Asked, Wrong> {
    let first = arguments.next().ok_or(Wrong::Nothing)?;
    match first.to_str() {
        Some("--help" | "-h") => return Ok(Asked::Help),
        Some("--version" | "-V") => return Ok(Asked::Version),
        Some("rehearse") => return Ok(Asked::Rehearse),
        Some("run-units") => return Ok(Asked::RunUnits),
        _ => {}
    }
    let verb = match first.to_str() {
        Some("serve") => Asked::Serve,
        Some("restore") => Asked::Restore,
        Some("run-children") => Asked::RunChildren,
        _ => return Err(Wrong::Unknown(first)),
    };
    let mut settings = Settings::default();
    while let Some(option) = arguments.next() {
        match option.to_str() {
            Some("--help" | "-h") => return Ok(Asked::Help),
            Some("--socket") => settings.socket = path("--socket", arguments.next())?,
            Some("--state-dir") => settings.state_dir = path("--state-dir", arguments.next())?,
            Some("--panel-user") => settings.panel_user = user(arguments.next())?,
            Some("--floor") => settings.floor = path("--floor", arguments.next())?,
            Some("--panel-port") => settings.panel_port = port(arguments.next())?,
            _ => return Err(Wrong::Unknown(option)),
        }
    }
    Ok(verb(settings))
}

fn path(option: &'static str, value: Option<OsString>) -> Result<PathBuf, Wrong> {
    let path = PathBuf::from(value.ok_or(Wrong::NoValue(option))?);
    if path.is_absolute() { Ok(path) } else { Err(Wrong::BadValue(option, "an absolute path")) }
}

fn user(value: Option<OsString>) -> Result<String, Wrong> {
    let user = value.ok_or(Wrong::NoValue("--panel-user"))?;
    user.into_string().map_err(|_| Wrong::BadValue("--panel-user", "a name or a number"))
}

fn port(value: Option<OsString>) -> Result<u16, Wrong> {
    let port = value.ok_or(Wrong::NoValue("--panel-port"))?;
    let number = port.to_str().and_then(|port| port.parse().ok()).filter(|number| *number != 0);
    number.ok_or(Wrong::BadValue("--panel-port", "a number from 1 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Asked, Wrong> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn options_replace_the_defaults() {
        assert_eq!(parsed(&["serve"]), Ok(Asked::Serve(Settings::default())));
        let all = parsed(&["serve", "--panel-user", "33", "--socket", "/a", "--state-dir", "/b", "--panel-port", "9"]);
        let settings = Settings {
            socket: "/a".into(),
            state_dir: "/b".into(),
            panel_user: "33".into(),
            panel_port: 9,
            ..Settings::default()
        };
        assert_eq!(all, Ok(Asked::Serve(settings)));
        assert_eq!(parsed(&["restore"]), Ok(Asked::Restore(Settings::default())));
    }

    #[test]
    fn help_and_version_need_no_verb() {
        assert_eq!(parsed(&["--help"]), Ok(Asked::Help));
        assert_eq!(parsed(&["serve", "--help"]), Ok(Asked::Help));
        assert_eq!(parsed(&["--version"]), Ok(Asked::Version));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parsed(&[]), Err(Wrong::Nothing));
        assert_eq!(parsed(&["obey"]), Err(Wrong::Unknown("obey".into())));
        assert_eq!(parsed(&["serve", "now"]), Err(Wrong::Unknown("now".into())));
        assert_eq!(parsed(&["serve", "--socket"]), Err(Wrong::NoValue("--socket")));
        let port = Err(Wrong::BadValue("--panel-port", "a number from 1 to 65535"));
        assert_eq!(parsed(&["restore", "--panel-port", "65536"]), port);
        assert_eq!(parsed(&["serve", "--socket", "a"]), Err(Wrong::BadValue("--socket", "an absolute path")));
    }
}
