//! The state directory and the database file: who may read them is settled before SQLite opens anything.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

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
pub(super) fn prepare(state_dir: &Path) -> Result<PathBuf, Error> {
    prepare_directory(state_dir)?;
    let path = state_dir.join(DATABASE_FILE);
    let file = open_without_following(&path, OpenOptions::new().read(true).write(true).create(true))?;
    close_to_others(&path, &file, FILE_MODE)?;
    for suffix in ["-wal", "-shm"] {
        let path = state_dir.join(format!("{DATABASE_FILE}{suffix}"));
        match open_without_following(&path, OpenOptions::new().read(true)) {
            Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            found => close_to_others(&path, &found?, FILE_MODE)?,
        }
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
    |source| Error::File { path, source }
}

fn prepare_directory(state_dir: &Path) -> Result<(), Error> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(state_dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(at(state_dir)(error)),
        _ => {}
    }
    let directory = File::open(state_dir).map_err(at(state_dir))?;
    if !directory.metadata().map_err(at(state_dir))?.is_dir() {
        return Err(Error::WrongKind { path: state_dir.to_owned(), expected: "directory" });
    }
    close_to_others(state_dir, &directory, DIRECTORY_MODE)
}

fn open_without_following(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = no_follow.bits().cast_signed();
    let file = match options.mode(FILE_MODE).custom_flags(flags).open(path) {
        Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::LOOP) => {
            return Err(Error::WrongKind { path: path.to_owned(), expected: "file" });
        }
        opened => opened.map_err(at(path))?,
    };
    let is_file = file.metadata().as_ref().is_ok_and(Metadata::is_file);
    if is_file { Ok(file) } else { Err(Error::WrongKind { path: path.to_owned(), expected: "file" }) }
}

fn close_to_others(path: &Path, file: &File, mode: u32) -> Result<(), Error> {
    let metadata = file.metadata().map_err(at(path))?;
    if metadata.mode() & OTHERS == 0 {
        return Ok(());
    }
    match file.set_permissions(Permissions::from_mode(mode)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err(Error::Exposed { path: path.to_owned(), mode })
        }
        changed => changed.map_err(at(path)),
    }
}
