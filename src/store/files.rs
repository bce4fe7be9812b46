//! The state directory and the database file: who may read them is settled before SQLite opens anything.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::Access;

use super::Error;

/// The database's name in the state directory.
pub const DATABASE_FILE: &str = "portreeve.db";

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// The rights of group and others.
const OTHERS: u32 = 0o077;

/// The user and group a file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user id.
    pub uid: u32,
    /// The group id.
    pub gid: u32,
}

/// Tells to whom the state directory belongs, which is the panel's user.
///
/// # Errors
/// When there is no such directory.
pub fn owner_of(state_dir: &Path) -> Result<Owner, Error> {
    let metadata = fs::metadata(state_dir).map_err(at(state_dir))?;
    Ok(Owner { uid: metadata.uid(), gid: metadata.gid() })
}

/// Makes the directory and an empty database file where they are missing, and takes the rights of others away.
/// SQLite gives its `-wal` and `-shm` files the mode of the database file.
///
/// A file that is there is looked at and never opened: closing it again would drop the locks that SQLite may hold on it
/// in this process.
pub(super) fn prepare(state_dir: &Path) -> Result<PathBuf, Error> {
    prepare_directory(state_dir)?;
    let path = state_dir.join(DATABASE_FILE);
    match create_private(&path) {
        Err(Error::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
        made => drop(made?),
    }
    for suffix in ["", "-wal", "-shm"] {
        close_file(&state_dir.join(format!("{DATABASE_FILE}{suffix}")))?;
    }
    Ok(path)
}

/// The database file of a state directory that must already have one.
pub(super) fn existing(state_dir: &Path) -> Result<PathBuf, Error> {
    let path = state_dir.join(DATABASE_FILE);
    let metadata = fs::symlink_metadata(&path).map_err(at(&path))?;
    if metadata.is_file() { Ok(path) } else { Err(Error::WrongKind { path, expected: "file" }) }
}

/// Makes a new file that only its owner may read. Fails when something is there already.
pub(super) fn create_private(path: &Path) -> Result<File, Error> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path).map_err(at(path))
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    |source| match source.kind() {
        ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::DiskFull,
        _ => Error::File { path, source },
    }
}

fn prepare_directory(state_dir: &Path) -> Result<(), Error> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(state_dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(at(state_dir)(error)),
        _ => {}
    }
    let metadata = fs::metadata(state_dir).map_err(at(state_dir))?;
    if !metadata.is_dir() {
        return Err(Error::WrongKind { path: state_dir.to_owned(), expected: "directory" });
    }
    close_to_others(state_dir, &metadata, DIRECTORY_MODE)?;
    // SQLite would only say that it can't open the file.
    rustix::fs::access(state_dir, Access::WRITE_OK).map_err(|error| at(state_dir)(error.into()))
}

fn close_file(path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(path)(error)),
        Ok(metadata) if metadata.is_file() => close_to_others(path, &metadata, FILE_MODE),
        Ok(_) => Err(Error::WrongKind { path: path.to_owned(), expected: "file" }),
    }
}

fn close_to_others(path: &Path, metadata: &Metadata, mode: u32) -> Result<(), Error> {
    if metadata.mode() & OTHERS == 0 {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err(Error::Exposed { path: path.to_owned(), mode })
        }
        changed => changed.map_err(at(path)),
    }
}
