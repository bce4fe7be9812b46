//! The host's place in its networks: interfaces, addresses and routes, from three dumps of rtnetlink(7).

mod wire;

use std::{collections::BTreeMap, io};

use rustix::{io::Errno, net::RecvFlags};

use crate::{
    firewall::{
        AddressRange, InterfaceName, Moment, Surroundings,
        enforcement::{OwnAddress, Survey},
        simulate::Route,
    },
    netlink::{DATAGRAM, Socket},
};
use wire::{Fault, Message, Question};

/// A host that holds the routes of the whole Internet has no use for them here: beyond these, only what is found counts.
const MOST_ROUTES: usize = 10_000;

/// Looks around.
///
/// # Errors
/// When the kernel gives no socket or an answer that can't be read.
pub fn read() -> io::Result<Survey> {
    let names: BTreeMap<u32, InterfaceName> = ask(Question::Links)?
        .into_iter()
        .filter_map(|message| match message {
            Message::Link { index, name } => Some((index, InterfaceName::parse(&name).ok()?)),
            Message::Address { .. } | Message::Route { .. } => None,
        })
        .collect();
    let addresses = ask(Question::Addresses)?.into_iter().filter_map(|message| own_address(&message, &names)).collect();
    let routes = ask(Question::Routes)?.into_iter().filter_map(|message| route(&message, &names));
    Ok(Survey { addresses, routes: routes.take(MOST_ROUTES).collect(), interfaces: names.into_values().collect() })
}

/// What a check has to know of the host.
#[must_use]
pub fn surroundings(survey: &Survey, now: Moment) -> Surroundings {
    Surroundings {
        now,
        interfaces: Some(survey.interfaces.iter().cloned().collect()),
        networks: survey.addresses.iter().map(|own| own.network).collect(),
    }
}

fn own_address(message: &Message, names: &BTreeMap<u32, InterfaceName>) -> Option<OwnAddress> {
    let Message::Address { index, address, length } = *message else { return None };
    let interface = names.get(&index).filter(|_| !address.is_loopback())?.clone();
    Some(OwnAddress { interface, address, network: AddressRange::network(address, length)? })
}

fn route(message: &Message, names: &BTreeMap<u32, InterfaceName>) -> Option<Route> {
    let Message::Route { index, destination, length, family } = *message else { return None };
    let network = match destination {
        Some(address) => AddressRange::network(address, length)?,
        None => AddressRange::everything(family),
    };
    Some(Route { network, interface: names.get(&index)?.clone() })
}

fn ask(question: Question) -> io::Result<Vec<Message>> {
    let socket = Socket::open(None)?;
    socket.send(&question.encode())?;
    let mut datagram = vec![0; DATAGRAM];
    let mut found = Vec::new();
    loop {
        match wire::read(socket.receive(&mut datagram, RecvFlags::empty())?, &mut found) {
            Ok(true) => return Ok(found),
            Ok(false) => {}
            Err(Fault::Kernel(number)) => return Err(io::Error::from_raw_os_error(number)),
            Err(Fault::Cut) => return Err(Errno::BADMSG.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_loopback_interface_and_no_loopback_address_counts() {
        let survey = read().unwrap();
        assert!(survey.interfaces.iter().any(|name| name.as_str() == "lo"));
        assert!(survey.addresses.iter().all(|own| !own.address.is_loopback() && own.network.contains(own.address)));
    }
}
