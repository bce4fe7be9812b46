//! Who may read the state directory.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    thread,
};

use portreeve::store::{DATABASE_FILE, Error, Store};
use rustix::{process::Uid, thread::set_thread_res_uid};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own file");
}

#[tokio::test]
async fn what_is_made_is_closed_to_others() {
    let parent = tempfile::tempdir().unwrap();
    let state = parent.path().join("state");
    let store = Store::open(&state).await.unwrap();
    assert!(!store.has_users().await.unwrap());
    assert_eq!(mode(&state), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&state.join(format!("{DATABASE_FILE}{suffix}"))), 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn what_stands_open_is_closed() {
    let state = tempfile::tempdir().unwrap();
    let first = Store::open(state.path()).await.unwrap();
    set_mode(state.path(), 0o755);
    let files = ["", "-wal", "-shm"].map(|suffix| state.path().join(format!("{DATABASE_FILE}{suffix}")));
    for file in &files {
        set_mode(file, 0o644);
    }
    let second = Store::open(state.path()).await.unwrap();
    assert_eq!(mode(state.path()), 0o700);
    assert!(files.iter().all(|file| mode(file) == 0o600));
    drop((first, second));
}

#[tokio::test]
async fn a_link_or_a_folder_in_the_place_of_the_file_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    let file = state.path().join(DATABASE_FILE);
    symlink(elsewhere.path(), &file).unwrap();
    assert!(matches!(Store::open(state.path()).await, Err(Error::WrongKind { .. })));
    fs::remove_file(&file).unwrap();
    symlink(elsewhere.path(), state.path().join(format!("{DATABASE_FILE}-wal"))).unwrap();
    assert!(matches!(Store::open(state.path()).await, Err(Error::WrongKind { .. })));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(Store::open(state.path()).await, Err(Error::WrongKind { .. })));
}

#[test]
fn a_folder_of_somebody_else_that_stands_open_is_refused() {
    let state = tempfile::tempdir().unwrap();
    set_mode(state.path(), 0o777);
    let path = state.path().to_owned();
    let nobody = thread::spawn(move || {
        let uid = Uid::from_raw(65534);
        set_thread_res_uid(uid, uid, uid).unwrap();
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(Store::open(&path))
            .map(|_| ())
    });
    let error = nobody.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Exposed { mode: 0o700, .. }), "{error:?}");
    assert!(error.to_string().ends_with("with mode 700"));
}
