//! Opening the sockets that the panel accepts on.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, bind, ipproto, listen, socket_with, sockopt},
};

const BACKLOG: i32 = 256;

/// Opens a socket on an address. `[::]` accepts IPv4 as well, whatever the host's `net.ipv6.bindv6only` says; on a host
/// without IPv6 it becomes `0.0.0.0`.
///
/// # Errors
/// The system's reason, most often that another program has the port.
pub fn open(address: SocketAddr) -> io::Result<TcpListener> {
    match open_exactly(address) {
        Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) if address.ip().is_unspecified() && address.is_ipv6() => {
            Ok(open_exactly(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port()))?)
        }
        opened => Ok(opened?),
    }
}

fn open_exactly(address: SocketAddr) -> rustix::io::Result<TcpListener> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    // Without it a restart would have to wait for the last connections of the previous run to time out.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, !address.ip().is_unspecified())?;
    }
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    Ok(TcpListener::from(socket))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, TcpStream};

    use super::*;

    #[test]
    fn any_ipv6_address_accepts_both_families() {
        let listener = open(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    }

    #[test]
    fn a_taken_port_is_an_error() {
        let first = open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let error = open(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
