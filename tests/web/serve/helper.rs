//! The panel and the helper's socket.

use std::{
    fs,
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    sync::mpsc,
    thread,
};

use portreeve::{
    boundary::{Request, Response, VERSION, codec, limits},
    firewall::Listing,
};

use super::process::{PATIENCE, Serving, own_dir};

/// Answers one conversation and gives back what was asked after the greeting.
fn converse(stream: &mut UnixStream) -> Option<Request> {
    let Ok(Request::Hello { .. }) = codec::read(stream, limits::REQUEST_BYTES) else { return None };
    codec::write(stream, &Response::Hello { version: VERSION }, limits::RESPONSE_BYTES).ok()?;
    let asked = codec::read(stream, limits::REQUEST_BYTES).ok()?;
    codec::write(stream, &Response::Listeners(Listing::default()), limits::RESPONSE_BYTES).ok()?;
    Some(asked)
}

#[test]
fn the_confined_panel_asks_the_helper_what_listens() {
    let dir = own_dir();
    let path = dir.path().join("helper.sock");
    let socket = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        socket.incoming().flatten().try_for_each(|mut stream| sender.send(converse(&mut stream)).ok())
    });
    let _serving = Serving::start_in(dir, &[]);
    // Other tasks of the panel ask as well; whose question comes first is chance.
    let asks = |request: &Option<Request>| *request == Some(Request::ListListeners {});
    assert!(std::iter::from_fn(|| asked.recv_timeout(PATIENCE).ok()).any(|request| asks(&request)));
}

#[test]
fn without_a_helper_the_panel_starts_all_the_same() {
    assert!(Serving::start().get("/").contains(" 303 "));
}
