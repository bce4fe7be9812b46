//! Plays a panel that was taken over: its user, its socket, no manners.

use std::{
    fs,
    io::{IoSlice, Write},
    os::{
        fd::AsFd,
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    thread,
};

use portreeve::boundary::{Request, Response, VERSION, codec, limits};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use super::running::{Client, PANEL_UID, Running, as_user, wait_until};

/// Repeatable junk (xorshift): a failure can be played again.
struct Junk(u64);

impl Junk {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn spoil(&mut self, body: &mut Vec<u8>) {
        for _ in 0..=self.next() % 4 {
            let [byte, kind, ..] = self.next().to_be_bytes();
            let place = usize::try_from(self.next()).unwrap() % (body.len() + 1);
            match kind % 3 {
                0 => body.insert(place, byte),
                1 => body.truncate(place),
                _ => body.iter_mut().skip(place).take(1).for_each(|old| *old = byte),
            }
        }
    }
}

fn assert_unharmed(helper: &Running, descriptors: usize) {
    wait_until("the places are free again", || helper.descriptors() <= descriptors);
    let mut root = helper.greet();
    assert!(matches!(root.ask(&Request::ListListeners {}), Some(Response::Listeners(_))));
    as_user(PANEL_UID, || drop(helper.greet()));
}

#[test]
fn spoilt_requests_never_get_more_than_a_refusal() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    let verbs = [Request::Hello { version: VERSION }, Request::ReadState {}, Request::ListListeners {}];
    as_user(PANEL_UID, || {
        let mut junk = Junk(0x5EED);
        for round in 0..600 {
            let mut body = serde_json::to_vec(&verbs[round % verbs.len()]).unwrap();
            junk.spoil(&mut body);
            let mut client = helper.greet();
            client.send(&body);
            assert!(client.answer().is_some(), "silence for {body:?}");
        }
    });
    assert_unharmed(&helper, descriptors);
}

#[test]
fn raw_noise_harms_nobody() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    as_user(PANEL_UID, || {
        let mut junk = Junk(0xBAD);
        for _ in 0..200 {
            let mut client = helper.connect();
            let noise: Vec<u8> = (0..64).flat_map(|_| junk.next().to_be_bytes()).collect();
            let _ = client.0.write_all(&noise);
        }
    });
    assert_unharmed(&helper, descriptors);
}

#[test]
fn a_flood_of_connections_keeps_neither_root_nor_later_requests_out() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    thread::scope(|scope| {
        let flood = scope.spawn(|| {
            as_user(PANEL_UID, || {
                (0..1000).filter_map(|_| UnixStream::connect(helper.socket()).ok()).collect::<Vec<_>>()
            })
        });
        while !flood.is_finished() {
            // Root's own places are few too: a connection counts until the helper has seen its end.
            wait_until("root is let in", || helper.connect().ask(&Request::Hello { version: VERSION }).is_some());
        }
        let held = flood.join().unwrap();
        assert_eq!(held.len(), 1000);
        assert!(helper.descriptors() <= descriptors + 2 * limits::CONNECTIONS);
        assert!(helper.greet().ask(&Request::ListListeners {}).is_some(), "root, while the panel's places are full");
    });
    assert_unharmed(&helper, descriptors);
}

#[test]
fn many_listings_at_once_are_one_work_for_the_helper() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    thread::scope(|scope| {
        for _ in 0..limits::CONNECTIONS {
            scope.spawn(|| {
                as_user(PANEL_UID, || {
                    let mut client = helper.connect();
                    if client.ask(&Request::Hello { version: VERSION }).is_some() {
                        for _ in 0..50 {
                            assert!(client.ask(&Request::ListListeners {}).is_some());
                        }
                    }
                });
            });
        }
    });
    assert_unharmed(&helper, descriptors);
}

#[test]
fn answers_that_nobody_takes_end_with_the_connection() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    let clients: Vec<Client> = as_user(PANEL_UID, || {
        (0..limits::CONNECTIONS)
            .map(|_| {
                let mut client = helper.greet();
                client.0.set_nonblocking(true).unwrap();
                while codec::write(&mut client.0, &Request::ListListeners {}, limits::REQUEST_BYTES).is_ok() {}
                client
            })
            .collect()
    });
    assert!(helper.greet().ask(&Request::ReadState {}).is_some());
    drop(clients);
    assert_unharmed(&helper, descriptors);
}

#[test]
fn descriptors_sent_along_are_dropped() {
    let helper = Running::start();
    let descriptors = helper.quiet_descriptors();
    let mut client = as_user(PANEL_UID, || helper.greet());
    let file = fs::File::open("/dev/null").unwrap();
    let body = serde_json::to_vec(&Request::ReadState {}).unwrap();
    let frame = [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &body].concat();
    for _ in 0..20 {
        let sent = [file.as_fd(); 100];
        let mut space = vec![std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(100))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&sent)));
        sendmsg(&client.0, &[IoSlice::new(&frame)], &mut control, SendFlags::empty()).unwrap();
        assert!(client.answer().is_some());
        assert!(helper.descriptors() <= descriptors + 1, "only the connection itself");
    }
}

#[test]
fn the_panel_can_touch_neither_the_socket_file_nor_the_state() {
    let helper = Running::start();
    as_user(PANEL_UID, || {
        let socket = helper.socket();
        fs::remove_file(&socket).unwrap_err();
        fs::rename(&socket, socket.with_extension("old")).unwrap_err();
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap_err();
        fs::write(helper.dir.path().join("state/x"), "x").unwrap_err();
        fs::read_dir(helper.dir.path().join("state")).unwrap_err();
        fs::read_link(format!("/proc/{}/exe", helper.pid())).unwrap_err();
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(helper.pid().try_into().unwrap()).unwrap(),
            rustix::process::Signal::KILL,
        )
        .unwrap_err();
    });
    helper.greet();
}
