//! The way in for a real browser: what comes in at the door is carried on from an administrator's address in the town. Each
//! connection of the browser is one of the town's, so that a confirmation proves what it should.

use std::{
    io::{copy, stdin},
    net::{Shutdown, TcpListener, TcpStream},
    os::fd::AsFd,
    thread,
};

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use super::{Outcome, hosts::SERVER_4};

const ADMINISTRATOR: &str = "192.0.2.44:0";

/// Carries on until the town ends. The door is handed over as standard input: it was opened outside.
pub fn run() -> Outcome {
    let door = TcpListener::from(stdin().as_fd().try_clone_to_owned()?);
    for browser in door.incoming() {
        let browser = browser?;
        thread::spawn(move || match connect_to_panel() {
            Ok(panel) => carry(&browser, &panel),
            Err(_) => browser.shutdown(Shutdown::Both).unwrap_or_default(),
        });
    }
    Ok(())
}

fn connect_to_panel() -> Outcome<TcpStream> {
    connect_from(ADMINISTRATOR, &format!("{SERVER_4}:8470"))
}

/// A connection from one of the town's addresses.
pub fn connect_from(from: &str, to: &str) -> Outcome<TcpStream> {
    let (from, to): (std::net::SocketAddr, std::net::SocketAddr) = (from.parse()?, to.parse()?);
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket(family, SocketType::STREAM, None)?;
    bind(&socket, &from)?;
    connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

fn carry(browser: &TcpStream, panel: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| pass(browser, panel));
        pass(panel, browser);
    });
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
