//! What an address is connected to now.

use crate::{
    firewall::{AddressRange, Moment, catalogue, usage::Connections},
    web::kit::{Shown, Stamp, words},
};

/// Rows; the rest is counted.
const MOST: usize = 50;
const LONGEST_REASON: usize = 160;

/// The section of the page.
#[derive(Debug)]
pub(super) struct GuestsView {
    pub sentence: String,
    /// As of when; none before the first look.
    pub as_of: Option<Stamp>,
    pub rows: Vec<GuestRow>,
    pub more: usize,
}

/// A port it is connected to.
#[derive(Debug)]
pub(super) struct GuestRow {
    pub port: String,
    pub name: Option<&'static str>,
    pub addresses: String,
    pub connections: String,
}

impl GuestsView {
    pub fn new(connections: &Connections, addresses: AddressRange, now: Moment) -> Self {
        let found = connections.of(addresses);
        let rows = found.iter().take(MOST).map(|guest| GuestRow {
            port: format!("{}/{}", guest.port, guest.transport.as_str()),
            name: catalogue::find(guest.port, guest.transport).map(|service| service.name),
            addresses: words::grouped(guest.addresses),
            connections: words::grouped(usize::try_from(guest.connections).unwrap_or(usize::MAX)),
        });
        Self {
            sentence: sentence(connections, found.len()),
            as_of: connections.taken_at.map(|at| Stamp::new(at, now)),
            rows: rows.collect(),
            more: found.len().saturating_sub(MOST),
        }
    }
}

fn sentence(connections: &Connections, ports: usize) -> String {
    let what = match (connections.taken_at, ports) {
        (None, _) => "Who is connected isn’t known yet.".to_owned(),
        (Some(_), 0) => "It isn’t connected to any port of this host.".to_owned(),
        (Some(_), number) => format!("It is connected to {} of this host.", words::count(number, "port")),
    };
    let unnamed = if connections.has_unnamed() { " So many are connected that not all of them are named." } else { "" };
    let fault = connections.fault.as_ref().map(|fault| Shown::new(fault, LONGEST_REASON).short);
    let fault = fault.map(|fault| format!(" The latest look failed: {fault}.")).unwrap_or_default();
    format!("{what}{unnamed}{fault}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{listener::Transport, usage::Sample};

    #[test]
    fn a_prefix_is_connected_where_any_of_it_is() {
        let mut sample = Sample::default();
        sample.listen(Transport::Tcp, 443);
        for peer in ["192.0.2.1", "192.0.2.1", "192.0.2.9", "198.51.100.1"] {
            sample.open(Transport::Tcp, 443, peer.parse().expect("an address"));
        }
        let now = Moment::from_millis(0);
        let connections = Connections { sample, taken_at: Some(now), ..Connections::default() };
        let view = |text| GuestsView::new(&connections, AddressRange::parse(text).expect(text), now);
        let rows = view("192.0.2.0/24").rows;
        assert_eq!(
            (rows[0].port.as_str(), rows[0].addresses.as_str(), rows[0].connections.as_str()),
            ("443/tcp", "2", "3")
        );
        assert_eq!(view("203.0.113.1").sentence, "It isn’t connected to any port of this host.");
        let unseen = GuestsView::new(&Connections::default(), AddressRange::parse("::1").expect("one"), now);
        assert!(unseen.sentence.contains("isn’t known yet"));
    }
}
