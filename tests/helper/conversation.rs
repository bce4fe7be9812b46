//! Turn, version, form, size and time of a conversation.

use std::{io::Write, thread, time::Duration};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION},
    firewall::enforcement::Enforcement,
};

use super::running::{Client, Running};

fn assert_refused_and_closed(client: &mut Client, answer: Option<Response>, refusal: &Refusal) {
    match answer {
        Some(Response::Refused { refusal: given }) => assert_eq!(given, *refusal),
        other => panic!("{other:?}"),
    }
    assert!(client.is_closed());
}

#[test]
fn every_verb_is_answered() {
    let helper = Running::start();
    let mut client = helper.greet();
    assert_eq!(client.ask(&Request::ReadState {}), Some(Response::State(Enforcement::default())));
    assert!(matches!(client.ask(&Request::ListListeners {}), Some(Response::Listeners(_))));
    assert_eq!(client.ask(&Request::ReadState {}), Some(Response::State(Enforcement::default())));
}

#[test]
fn another_version_is_refused_and_closed() {
    let helper = Running::start();
    for version in [0, VERSION + 1, u32::MAX] {
        let mut client = helper.connect();
        let answer = client.ask(&Request::Hello { version });
        assert_refused_and_closed(&mut client, answer, &Refusal::Version { helper: VERSION });
    }
}

#[test]
fn a_request_before_hello_or_a_second_hello_is_refused_and_closed() {
    let helper = Running::start();
    for request in [Request::ReadState {}, Request::ListListeners {}] {
        let mut client = helper.connect();
        let answer = client.ask(&request);
        assert_refused_and_closed(&mut client, answer, &Refusal::OutOfTurn);
    }
    let mut client = helper.greet();
    let answer = client.ask(&Request::Hello { version: VERSION });
    assert_refused_and_closed(&mut client, answer, &Refusal::OutOfTurn);
}

#[test]
fn what_is_not_one_request_is_refused_and_closed() {
    let helper = Running::start();
    let deep = vec![b'['; 100_000];
    let bodies: [&[u8]; 6] = [
        b"",
        b"\0\xff",
        br#"{"Reboot":{}}"#,
        br#"{"ReadState":{"path":"/etc/shadow"}}"#,
        br#"{"ReadState":{}}{"ReadState":{}}"#,
        &deep,
    ];
    for body in bodies {
        let mut client = helper.greet();
        client.send(body);
        let answer = client.answer();
        assert_refused_and_closed(&mut client, answer, &Refusal::Malformed);
    }
    let mut client = helper.greet();
    client.0.write_all(&[0xff; 4]).unwrap();
    let answer = client.answer();
    assert_refused_and_closed(&mut client, answer, &Refusal::Malformed);
    helper.greet();
}

#[test]
fn silence_and_a_slow_drip_lose_the_connection_and_harm_nobody() {
    let helper = Running::start();
    let mut silent = helper.greet();
    silent.0.write_all(&[0, 0]).unwrap();
    let mut drip = helper.greet();
    let slow = thread::spawn(move || {
        drip.0.write_all(&1000_u32.to_be_bytes()).unwrap();
        // Each byte comes well inside any pause; only the whole takes too long.
        while drip.0.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    assert!(helper.greet().ask(&Request::ReadState {}).is_some());
    assert!(silent.is_closed());
    slow.join().unwrap();
    assert!(helper.greet().ask(&Request::ReadState {}).is_some());
}
