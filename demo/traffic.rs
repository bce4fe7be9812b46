//! Everybody outside: who visits, who guesses passwords, who scans, and what else knocks.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, UdpSocket},
    thread::sleep,
    time::Duration,
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

use super::{
    Outcome,
    hosts::{SERVER_4, SERVER_6},
    relay::connect_from,
};

/// Ports that a scan begins with, as scanners do.
const LIKED: [u16; 24] = [
    21, 23, 135, 139, 445, 1433, 1521, 2375, 3306, 3389, 5432, 5900, 5985, 6379, 8000, 8080, 8443, 8888, 9000, 9200,
    11211, 27017, 2222, 10000,
];

/// Services that are asked over UDP.
const ASKED: [u16; 6] = [5060, 1900, 123, 161, 389, 11211];

/// People of the web and of mail: they get in.
pub fn visit() -> Outcome {
    let mut dice = Dice::new()?;
    loop {
        let from = format!("100.66.{}.{}:0", dice.roll(8), 1 + dice.roll(250));
        let port = [80, 443, 443, 25, 587, 993][dice.roll(6)];
        if let Ok(mut stream) = connect_from(&from, &format!("{SERVER_4}:{port}")) {
            let _ = stream.write_all(b"GET / HTTP/1.0\r\n\r\n");
            let _ = stream.read(&mut [0; 256]);
        }
        sleep(Duration::from_millis(100 + dice.millis(700)));
    }
}

/// Guessers of passwords for SSH: they don't get in.
pub fn guess() -> Outcome {
    // Else only addresses of an interface could be a source of IPv6.
    fs::write("/proc/sys/net/ipv6/ip_nonlocal_bind", "1")?;
    let mut dice = Dice::new()?;
    loop {
        let stranger = [7, 23, 66, 66, 66, 141][dice.roll(6)];
        knock(&format!("198.51.100.{stranger}:0"), &format!("{SERVER_4}:22"));
        if dice.roll(4) == 0 {
            knock(&format!("[2001:db8:bad:{:x}::1]:0", 1 + dice.roll(40)), &format!("[{SERVER_6}]:22"));
        }
        sleep(Duration::from_millis(200 + dice.millis(1200)));
    }
}

/// A scanner that goes through the ports, the liked ones first, and then rests.
pub fn scan() -> Outcome {
    let mut dice = Dice::new()?;
    loop {
        let scanner = format!("198.51.100.{}:0", [90, 91, 200][dice.roll(3)]);
        for port in LIKED.into_iter().chain(1..200) {
            knock(&scanner, &format!("{SERVER_4}:{port}"));
            sleep(Duration::from_millis(40 + dice.millis(80)));
        }
        sleep(Duration::from_secs(20));
    }
}

/// What the internet is never without.
pub fn chatter() -> Outcome {
    let mut dice = Dice::new()?;
    loop {
        let from = format!("198.51.100.{}:0", 1 + dice.roll(250));
        if dice.roll(2) == 0 {
            let port = ASKED[dice.roll(ASKED.len())];
            let socket = UdpSocket::bind(&from)?;
            let _ = socket.send_to(b"anybody there?", format!("{SERVER_4}:{port}"));
        } else {
            knock(&from, &format!("{SERVER_4}:{}", LIKED[dice.roll(LIKED.len())]));
        }
        sleep(Duration::from_millis(300 + dice.millis(2000)));
    }
}

/// Begins a connection and doesn't wait for what becomes of it.
fn knock(from: &str, to: &str) {
    let (Ok(from), Ok(to)) = (from.parse::<SocketAddr>(), to.parse::<SocketAddr>()) else { return };
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let Ok(socket) = socket_with(family, SocketType::STREAM, flags, None) else { return };
    if bind(&socket, &from).is_ok() {
        let _ = connect(&socket, &to);
    }
}

/// Chance from the kernel.
struct Dice(File);

impl Dice {
    fn new() -> Outcome<Self> {
        Ok(Self(File::open("/dev/urandom")?))
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        let mut bytes = [0; 2];
        let _ = self.0.read_exact(&mut bytes);
        usize::from(u16::from_le_bytes(bytes)) % sides
    }

    fn millis(&mut self, most: usize) -> u64 {
        u64::try_from(self.roll(most)).unwrap_or(0)
    }
}
