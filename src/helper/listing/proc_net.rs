//! The older way to the list of sockets, for kernels without `sock_diag`: the tables in `/proc/net`.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::{
    firewall::{Family, listener::Transport},
    netlink::sock_diag::Entry,
};

/// The sockets of one table that accept; a table that isn't there (IPv6 switched off) has none.
pub fn sockets(family: Family, transport: Transport) -> io::Result<Vec<Entry>> {
    let suffix = if family == Family::V6 { "6" } else { "" };
    match fs::read(format!("/proc/net/{}{suffix}", transport.as_str())) {
        Ok(table) => Ok(parse(&String::from_utf8_lossy(&table), transport)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn parse(table: &str, transport: Transport) -> Vec<Entry> {
    table.lines().skip(1).filter_map(|line| parse_line(line, transport)).collect()
}

fn parse_line(line: &str, transport: Transport) -> Option<Entry> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let accepting = if transport == Transport::Tcp { "0A" } else { "07" };
    (*fields.get(3)? == accepting).then_some(())?;
    let (address, port) = fields.get(1)?.split_once(':')?;
    Some(Entry {
        transport,
        state: u8::from_str_radix(fields.get(3)?, 16).ok()?,
        peer: None,
        address: parse_address(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        // The tables don't tell; the wider meaning is the one that hides no exposure.
        v6_only: false,
        interface: 0,
        uid: fields.get(7)?.parse().ok()?,
        inode: fields.get(9)?.parse().ok()?,
        cgroup: None,
    })
}

/// The kernel prints each 32-bit word of the address in the host's byte order.
fn parse_address(text: &str) -> Option<IpAddr> {
    let word = |from: usize| Some(u32::from_str_radix(text.get(from..from + 8)?, 16).ok()?.to_ne_bytes());
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            Some(Ipv6Addr::from(*words.as_flattened().first_chunk::<16>()?).into())
        }
        _ => None,
    }
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    const HEADING: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    #[test]
    fn listening_lines_are_read_and_others_left_out() {
        let table = format!(
            "{HEADING}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 4711 1 f 100 0\n\
             1: 0100007F:1F91 0100007F:0016 01 00000000:00000000 00:00000000 00000000 0 0 4712 1 f\n\
             junk\n"
        );
        let found = parse(&table, Transport::Tcp);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].address, found[0].port), (Ipv4Addr::LOCALHOST.into(), 8080));
        assert_eq!((found[0].uid, found[0].inode), (1000, 4711));
    }

    #[test]
    fn an_ipv6_address_is_read_word_by_word() {
        let table = format!(
            "{HEADING} 5: B80D0120000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 9 2 f 0\n"
        );
        let found = parse(&table, Transport::Udp);
        assert_eq!(found[0].address, "2001:db8::1".parse::<IpAddr>().unwrap());
        assert_eq!(found[0].port, 53);
    }
}
