//! From which package a program came, by the files that dpkg keeps and everybody may read.
//!
//! The lists of files of a whole distribution are large and few of their lines are ever asked for, so what is kept is
//! the answers. Diversions aren't followed. The database of RPM is read by its own library only, so programs of that
//! family have no package here.

mod dpkg;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::firewall::package::{Package, Packages};

/// Where dpkg keeps what is installed.
pub const DPKG: &str = "/var/lib/dpkg";

/// So many programs are looked up; more don't listen on a host that is well.
const MOST: usize = 1_000;

/// Finds packages and remembers them.
#[derive(Debug)]
pub struct Finder {
    dir: PathBuf,
    known: BTreeMap<String, Option<Package>>,
    state: Option<State>,
}

/// Another state of the database differs in one of these.
#[derive(Debug, PartialEq, Eq)]
struct State {
    changed_at: SystemTime,
    length: u64,
}

impl Finder {
    /// Reads nothing yet. `dir` is [`DPKG`].
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), known: BTreeMap::new(), state: None }
    }

    /// The packages of these executables. Reads the lists of files when one of them was never asked for, or when something
    /// was installed or removed since; that may take a second.
    ///
    /// # Errors
    /// When dpkg's database is there and can't be read.
    pub fn find(&mut self, executables: &BTreeSet<String>) -> io::Result<Packages> {
        let state = match fs::metadata(self.dir.join("status")) {
            Ok(status) => Some(State { changed_at: status.modified()?, length: status.len() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Packages::default()),
            Err(error) => return Err(error),
        };
        if state != self.state {
            self.known.clear();
        }
        self.known.retain(|executable, _| executables.contains(executable));
        let asked = executables.iter().take(MOST);
        let unknown: BTreeSet<&str> =
            asked.filter(|executable| !self.known.contains_key(*executable)).map(String::as_str).collect();
        if !unknown.is_empty() {
            let mut found = dpkg::find(&self.dir, &unknown)?;
            self.known.extend(unknown.iter().map(|executable| ((*executable).to_owned(), found.remove(*executable))));
        }
        self.state = state;
        let known = |(executable, package): (&String, &Option<Package>)| Some((executable.clone(), package.clone()?));
        Ok(self.known.iter().filter_map(known).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(executables: &[&str]) -> BTreeSet<String> {
        executables.iter().map(|executable| (*executable).to_owned()).collect()
    }

    fn write(dir: &Path, lists: &[(&str, &str)], status: &str) {
        fs::create_dir_all(dir.join("info")).unwrap();
        for (name, files) in lists {
            fs::write(dir.join("info").join(name), files).unwrap();
        }
        fs::write(dir.join("status"), status).unwrap();
    }

    #[test]
    fn programs_are_found_where_the_package_put_them_or_where_usr_was_merged() {
        let dir = tempfile::tempdir().unwrap();
        let lists = [
            ("nginx-core.list", "/.\n/usr/sbin\n/usr/sbin/nginx\n"),
            ("rpcbind:amd64.list", "/sbin\n/sbin/rpcbind\n"),
            ("nginx-core.md5sums", "/usr/sbin/other\n"),
        ];
        let status = "Package: nginx-core\nStatus: install ok installed\nDescription: small web\x1b[2J server\n long text\n\n\
                      Package: rpcbind\nDescription-md5: 1\nDescription: converts RPC numbers\n";
        write(dir.path(), &lists, status);
        let mut finder = Finder::new(dir.path());
        let found = finder.find(&set(&["/usr/sbin/nginx", "/usr/sbin/rpcbind", "/usr/sbin/other", "/opt/x"])).unwrap();
        let nginx = found.of("/usr/sbin/nginx").unwrap();
        assert_eq!((nginx.name.as_str(), nginx.summary.as_str()), ("nginx-core", "small web\u{fffd}[2J server"));
        let rpcbind = found.of("/usr/sbin/rpcbind").unwrap();
        assert_eq!((rpcbind.name.as_str(), rpcbind.summary.as_str()), ("rpcbind", "converts RPC numbers"));
        assert_eq!((found.of("/usr/sbin/other"), found.of("/opt/x")), (None, None));
    }

    #[test]
    fn what_is_installed_later_is_found_and_nothing_is_read_twice_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut finder = Finder::new(dir.path());
        let wanted = set(&["/usr/sbin/vsftpd"]);
        assert_eq!(finder.find(&wanted).unwrap(), Packages::default(), "no dpkg at all");
        write(dir.path(), &[], "");
        assert_eq!(finder.find(&wanted).unwrap().of("/usr/sbin/vsftpd"), None);
        fs::write(dir.path().join("info/vsftpd.list"), "/usr/sbin/vsftpd\n").unwrap();
        assert_eq!(finder.find(&wanted).unwrap().of("/usr/sbin/vsftpd"), None, "the answer is remembered");
        fs::write(dir.path().join("status"), "Package: vsftpd\nDescription: file server\n").unwrap();
        assert_eq!(finder.find(&wanted).unwrap().of("/usr/sbin/vsftpd").unwrap().summary, "file server");
    }

    #[test]
    fn this_machine_knows_its_shell() {
        if !Path::new(DPKG).exists() {
            return;
        }
        let shell = fs::canonicalize("/bin/bash").unwrap();
        let found = Finder::new(Path::new(DPKG)).find(&set(&[shell.to_str().unwrap()])).unwrap();
        assert_eq!(found.of(shell.to_str().unwrap()).unwrap().name, "bash");
    }
}
