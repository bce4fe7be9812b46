//! From where people are signed in on this machine, as systemd-logind has it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    net::IpAddr,
    path::Path,
};

/// One file a session. They are what `sd_session_get_remote_host(3)` reads: `REMOTE_HOST=` stands in those of people who
/// came over the network.
pub const SESSIONS: &str = "/run/systemd/sessions";

/// A session's file has about a dozen short lines.
const LONGEST_FILE: u64 = 16 * 1024;

/// The addresses of everybody who is signed in over the network now. Whoever only knocks at SSH isn't.
///
/// # Errors
/// When the directory can't be read; without logind there is none.
pub fn addresses() -> io::Result<BTreeSet<IpAddr>> {
    read(Path::new(SESSIONS))
}

fn read(sessions: &Path) -> io::Result<BTreeSet<IpAddr>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(sessions)? {
        let entry = entry?;
        // Beside each file lies a pipe, which would make its reader wait.
        if entry.file_type()?.is_file() {
            let mut text = String::new();
            // A session that ends meanwhile is no error.
            if File::open(entry.path()).and_then(|file| file.take(LONGEST_FILE).read_to_string(&mut text)).is_ok() {
                found.extend(remote_host(&text));
            }
        }
    }
    Ok(found)
}

/// The address a session came from. One that ends is nobody's any more.
fn remote_host(session: &str) -> Option<IpAddr> {
    let value = |key: &str| session.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let host = value("REMOTE_HOST").filter(|_| value("STATE") != Some("closing"))?;
    let without_zone = host.split('%').next().unwrap_or_default();
    without_zone.parse().ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn sessions_from_the_network_count_until_they_close() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = [
            (
                "1",
                "# This is private data. Do not parse.\nUID=0\nSTATE=active\nREMOTE=1\nREMOTE_HOST=198.51.100.7\nTYPE=tty\n",
            ),
            ("2", "STATE=online\nREMOTE_HOST=fe80::7%eth0\n"),
            ("3", "STATE=closing\nREMOTE_HOST=203.0.113.9\n"),
            ("4", "STATE=active\nREMOTE=0\nTTY=tty1\n"),
            ("5", "STATE=active\nREMOTE_HOST=evil.example.net\n"),
            ("6", "STATE=active\nREMOTE_HOST=::ffff:192.0.2.1\n"),
        ];
        for (name, text) in sessions {
            fs::write(dir.path().join(name), text).unwrap();
        }
        mknodat(CWD, dir.path().join("1.ref"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let expected = ["192.0.2.1", "198.51.100.7", "fe80::7"].map(|address| address.parse().unwrap());
        assert_eq!(read(dir.path()).unwrap(), BTreeSet::from(expected));
        assert!(read(&dir.path().join("none")).is_err());
    }
}
