//! The helper's door: a unix socket that only root and the panel's group can reach, never wider for a moment.

use std::{
    fs, io,
    os::{
        fd::AsFd,
        unix::{
            fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt, chown},
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{FlockOperation, Mode, flock},
    net::{AddressFamily, sockopt},
    process::umask,
};

use super::{accounts::Account, arguments::Settings};

/// The listening socket.
pub struct Doorway {
    /// Accepts the connections.
    pub listener: UnixListener,
}

/// How often a lock that is taken is tried.
const GLANCE: Duration = Duration::from_millis(20);

/// Why there is no socket to serve on.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{path} can't be used ({doing}): {source}", path = path.display())]
    Io { path: PathBuf, doing: &'static str, source: io::Error },
    #[error("another helper is running: it uses {}", .0.display())]
    InUse(PathBuf),
    #[error("{} is in the way and is not a socket: remove it, or choose another --socket", .0.display())]
    NotASocket(PathBuf),
    #[error("{} belongs to somebody else or others may write there: give it to root with mode 0755", .0.display())]
    OpenDirectory(PathBuf),
    #[error("the socket on standard input can't be used: {0}")]
    Handed(#[source] io::Error),
}

impl Doorway {
    /// Takes the socket that systemd hands over, or else binds its own.
    pub fn open(settings: &Settings, panel: &Account) -> Result<Self, Fault> {
        let listener = match handed_over().map_err(Fault::Handed)? {
            Some(listener) => listener,
            None => bind(&settings.socket, panel)?,
        };
        Ok(Self { listener })
    }
}

/// Opens the state directory and makes this the only helper, for as long as the file is open. One that was killed may
/// have left a child that is just putting things right: it gets `patience`.
pub fn lock(dir: &Path, patience: Duration) -> Result<fs::File, Fault> {
    make_dir(dir, 0o700)?;
    let file = fs::File::open(dir).map_err(|source| at(dir, "open", source))?;
    let end = Instant::now() + patience;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < end => thread::sleep(GLANCE),
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(Fault::InUse(dir.to_owned())),
            Err(error) => return Err(at(dir, "lock", error.into())),
        }
    }
}

/// Systemd puts the socket on standard input (`StandardInput=socket`): the one descriptor that can be taken over without
/// `unsafe` and without a privilege. Any other standard input, a terminal or a pipe, means nothing.
fn handed_over() -> io::Result<Option<UnixListener>> {
    let input = io::stdin();
    if !sockopt::socket_acceptconn(&input).unwrap_or(false) {
        return Ok(None);
    }
    if sockopt::socket_domain(&input) != Ok(AddressFamily::UNIX) {
        return Err(io::Error::other("it is no unix socket"));
    }
    let listener = UnixListener::from(input.as_fd().try_clone_to_owned()?);
    listener.set_nonblocking(false)?;
    Ok(Some(listener))
}

fn bind(path: &Path, panel: &Account) -> Result<UnixListener, Fault> {
    // The directory lets everyone through, whatever mask the helper was started with.
    umask(Mode::from_raw_mode(0o022));
    make_dir(path.parent().unwrap_or(Path::new("/")), 0o755)?;
    clear_stale(path)?;
    // Between bind and chown the socket is root's alone: nobody else can slip in.
    umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(path).map_err(|source| at(path, "bind", source))?;
    chown(path, None, Some(panel.gid)).map_err(|source| at(path, "give to the panel's group", source))?;
    let mode = fs::Permissions::from_mode(0o660);
    fs::set_permissions(path, mode).map_err(|source| at(path, "open to the panel's group", source))?;
    Ok(listener)
}

/// Makes the directory if it is missing, and refuses one in which somebody else could put another file in our place.
fn make_dir(dir: &Path, mode: u32) -> Result<(), Fault> {
    let created = fs::DirBuilder::new().recursive(true).mode(mode).create(dir);
    created.map_err(|source| at(dir, "create", source))?;
    let found = fs::metadata(dir).map_err(|source| at(dir, "inspect", source))?;
    if found.uid() != 0 || found.mode() & 0o022 != 0 { Err(Fault::OpenDirectory(dir.to_owned())) } else { Ok(()) }
}

fn clear_stale(path: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(at(path, "inspect", source)),
        Ok(found) if !found.file_type().is_socket() => return Err(Fault::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|source| at(path, "remove the stale socket", source))
        }
        _ => Err(Fault::InUse(path.to_owned())),
    }
}

fn at(path: &Path, doing: &'static str, source: io::Error) -> Fault {
    Fault::Io { path: path.to_owned(), doing, source }
}
