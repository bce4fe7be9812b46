//! Listeners that came and went.

use std::collections::BTreeMap;

use crate::firewall::{Listener, Listing, Moment, listener::Transport};

/// What changed for a user who comes back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListenerNews {
    /// When the user last looked; none at the first visit, when nothing is news.
    pub since: Option<Moment>,
    /// What listens now and didn't then.
    pub new: Vec<SeenListener>,
    /// What listened then and doesn't now.
    pub gone: Vec<SeenListener>,
}

/// Somebody who listens or listened on a port, for a minute at least: what comes and goes between two looks, such as the
/// sockets of a resolver, is no news.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenListener {
    /// TCP or UDP.
    pub transport: Transport,
    /// The port.
    pub port: u16,
    /// The unit, else the program, else `kernel`.
    pub owner: String,
    /// When it was first seen.
    pub first_seen_at: Moment,
    /// When it was last seen.
    pub last_seen_at: Moment,
}

impl ListenerNews {
    /// Whether somebody listens on the port who didn't when the user last looked.
    #[must_use]
    pub fn is_new(&self, listener: &Listener) -> bool {
        let key = (listener.transport, listener.port, remembered_as(listener));
        self.new.iter().any(|seen| (seen.transport, seen.port, seen.owner.as_str()) == key)
    }
}

/// By what name a listener is remembered: one that stays the same when its program is started again.
#[must_use]
pub fn remembered_as(listener: &Listener) -> &str {
    let container = listener.container.as_ref().map(|container| container.id.as_str());
    let program = || listener.processes.first().map(|process| process.name.as_str());
    container.or(listener.unit.as_deref()).or_else(program).unwrap_or("kernel")
}

/// Tells those who stay from those who come and go.
#[derive(Debug, Default)]
pub struct Standing {
    since: BTreeMap<(Transport, u16, String), Moment>,
}

/// So many are watched, the lowest ports first.
const MOST: usize = 5_000;

impl Standing {
    /// Takes in who listens now, and gives back those of them who did so the last time as well.
    pub fn note(&mut self, listing: &Listing, now: Moment) -> Vec<SeenListener> {
        let mut since = BTreeMap::new();
        for listener in &listing.listeners {
            let key = (listener.transport, listener.port, remembered_as(listener).to_owned());
            let first = self.since.get(&key).copied().unwrap_or(now);
            since.insert(key, first);
            if since.len() > MOST {
                since.pop_last();
            }
        }
        self.since = since;
        let stayed = self.since.iter().filter(|(_, first)| **first < now);
        let seen = |((transport, port, owner), first): (&(Transport, u16, String), &Moment)| SeenListener {
            transport: *transport,
            port: *port,
            owner: owner.clone(),
            first_seen_at: *first,
            last_seen_at: now,
        };
        stayed.map(seen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::listener::Bind;

    fn listening(listeners: &[(u16, Option<&str>)]) -> Listing {
        let listener = |(port, unit): &(u16, Option<&str>)| Listener {
            transport: Transport::Tcp,
            bind: Bind::Any4,
            port: *port,
            interface: None,
            uid: 0,
            user: None,
            processes: Vec::new(),
            unit: unit.map(str::to_owned),
            container: None,
        };
        Listing { listeners: listeners.iter().map(listener).collect(), omitted: 0 }
    }

    #[test]
    fn only_who_stays_is_remembered_and_from_the_first_sight_on() {
        let mut standing = Standing::default();
        let mut note = |minute: i64, listing: &Listing| {
            let seen = standing.note(listing, Moment::from_millis(minute));
            seen.into_iter().map(|seen| (seen.port, seen.owner, seen.first_seen_at.as_millis())).collect::<Vec<_>>()
        };
        let nginx = || (80, "nginx.service".to_owned(), 1);
        assert_eq!(note(1, &listening(&[(80, Some("nginx.service")), (40_000, None)])), []);
        assert_eq!(note(2, &listening(&[(80, Some("nginx.service")), (40_001, None)])), [nginx()]);
        assert_eq!(
            note(3, &listening(&[(80, Some("nginx.service")), (40_001, None)])),
            [nginx(), (40_001, "kernel".to_owned(), 2)]
        );
        assert_eq!(note(4, &listening(&[(80, Some("apache2.service"))])), []);
        let many: Vec<_> = (1..=65_535).map(|port| (port, None)).collect();
        note(5, &listening(&many));
        assert_eq!(note(6, &listening(&many)).len(), MOST);
    }
}
