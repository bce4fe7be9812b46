//! The command line, the socket file, and who may take it over.

use std::{
    fs,
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{FileTypeExt, MetadataExt, PermissionsExt},
            net::UnixListener,
            process::ExitStatusExt,
        },
    },
    process::{Command, Stdio},
};

use portreeve::boundary::{Request, VERSION};
use rustix::process::Signal;

use super::running::{PANEL_UID, Running, STRANGER_UID, as_user, finish, helper, open_dir, settings, wait_until};

fn serve(options: &[String]) -> Command {
    let mut command = helper();
    command.arg("serve").args(options);
    command
}

#[test]
fn bad_usage_is_explained_and_exits_2() {
    for (arguments, word) in [
        (&[][..], "serve"),
        (&["serve", "--listen"], "--listen"),
        (&["serve", "--socket"], "value"),
        (&["serve", "--socket", "relative"], "absolute"),
    ] {
        let mut command = helper();
        command.args(arguments);
        let (status, message) = finish(command);
        assert_eq!(status.code(), Some(2), "{arguments:?}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn an_unknown_panel_user_is_explained_and_exits_1() {
    let dir = open_dir();
    let mut options = settings(dir.path());
    options.extend(["--panel-user".to_owned(), "no-such-user".to_owned()]);
    let (status, message) = finish(serve(&options));
    assert_eq!(status.code(), Some(1));
    assert!(message.contains("no-such-user") && message.contains("--panel-user"), "{message}");
    assert!(!dir.path().join("run").exists(), "nothing was opened");
}

#[test]
fn the_socket_is_for_root_and_the_panels_group_alone() {
    let helper = Running::start();
    let socket = fs::metadata(helper.socket()).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!((socket.uid(), socket.gid(), socket.mode() & 0o7777), (0, PANEL_UID, 0o660));
    let state = fs::metadata(helper.dir.path().join("state")).unwrap();
    assert_eq!((state.uid(), state.mode() & 0o777), (0, 0o700));
    let path = helper.socket();
    let denied = as_user(STRANGER_UID, || std::os::unix::net::UnixStream::connect(&path).unwrap_err());
    assert_eq!(denied.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn a_stranger_gets_no_byte_even_through_an_open_socket() {
    let helper = Running::start();
    fs::set_permissions(helper.socket(), fs::Permissions::from_mode(0o666)).unwrap();
    as_user(STRANGER_UID, || {
        let mut client = helper.connect();
        assert_eq!(client.ask(&Request::Hello { version: VERSION }), None);
        assert!(client.is_closed());
    });
    as_user(PANEL_UID, || drop(helper.greet()));
    helper.greet();
}

#[test]
fn sigterm_ends_it_and_the_next_one_takes_the_stale_socket_over() {
    let mut first = Running::start();
    first.signal(Signal::TERM);
    let status = first.child.wait().unwrap();
    assert_eq!(status.signal(), Some(15), "which service managers count as a clean end");
    let (kept, path) = (first.dir.path().to_owned(), first.socket());
    let mut second = serve(&settings(&kept)).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the second helper answers", || std::os::unix::net::UnixStream::connect(&path).is_ok());
    first.greet();
    second.kill().unwrap();
    second.wait().unwrap();
}

#[test]
fn a_second_helper_refuses_to_start() {
    let first = Running::start();
    let (status, message) = finish(serve(&settings(first.dir.path())));
    assert_eq!(status.code(), Some(1));
    assert!(message.contains("another helper") && message.contains("/state"), "{message}");

    let other_state = open_dir();
    let mut options = settings(first.dir.path());
    options.extend(["--state-dir".to_owned(), other_state.path().join("state").display().to_string()]);
    let (status, message) = finish(serve(&options));
    assert_eq!(status.code(), Some(1));
    assert!(message.contains("another helper") && message.contains("helper.sock"), "{message}");
    first.greet();
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let dir = open_dir();
    fs::create_dir(dir.path().join("run")).unwrap();
    fs::write(dir.path().join("run/helper.sock"), "precious").unwrap();
    let (status, message) = finish(serve(&settings(dir.path())));
    assert_eq!(status.code(), Some(1));
    assert!(message.contains("not a socket"), "{message}");
    assert_eq!(fs::read(dir.path().join("run/helper.sock")).unwrap(), b"precious");
}

#[test]
fn a_directory_where_others_may_write_is_refused() {
    for (mode, uid) in [(0o777, 0), (0o755, PANEL_UID)] {
        let dir = open_dir();
        let run = dir.path().join("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(mode)).unwrap();
        std::os::unix::fs::chown(&run, Some(uid), None).unwrap();
        let (status, message) = finish(serve(&settings(dir.path())));
        assert_eq!(status.code(), Some(1));
        assert!(message.contains("others may write"), "{message}");
    }
}

#[test]
fn a_socket_from_systemd_is_served() {
    let dir = open_dir();
    let path = dir.path().join("handed.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let mut command = serve(&settings(dir.path()));
    let mut child = command.stdin(Stdio::from(OwnedFd::from(listener))).stderr(Stdio::null()).spawn().unwrap();
    let mut client = super::running::Client::connect(&path);
    assert!(client.ask(&Request::Hello { version: VERSION }).is_some());
    assert!(!dir.path().join("run").exists(), "no socket of its own");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_listening_socket_of_another_kind_is_refused() {
    let dir = open_dir();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = serve(&settings(dir.path()));
    let output = command.stdin(Stdio::from(OwnedFd::from(listener))).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no unix socket"));
}
