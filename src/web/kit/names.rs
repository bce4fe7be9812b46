//! Under which names the panel answers.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use axum::http::uri::Authority;

use crate::{firewall::Moment, web::server::Identity};

/// The allow-list for `Host`.
///
/// A page of a stranger can make a browser resolve the stranger's own name to this server's address (DNS rebinding) and
/// then talk to the panel as if it were the stranger's site. It needs a name for that which isn't ours; an address
/// can't be rebound, so every address is admitted, also one that only a port forwarding knows.
#[derive(Debug, Clone)]
pub struct Names {
    own: Arc<RwLock<BTreeSet<String>>>,
    identity: Arc<Identity>,
}

impl Names {
    /// Admits the given names, `localhost`, and whatever the certificate is made out to.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = String>, identity: Arc<Identity>) -> Self {
        Self { own: Arc::new(RwLock::new(lowercase(own))), identity }
    }

    /// Admits these instead of those given before, for every clone.
    pub fn replace(&self, own: impl IntoIterator<Item = String>) {
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = lowercase(own);
    }

    /// Reads a `Host` value (`name`, `name:port`, `[v6]:port`); absent if it is malformed or names somebody else.
    #[must_use]
    pub fn admit(&self, host: &str) -> Option<Authority> {
        let authority: Authority = host.parse().ok()?;
        let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let is_plain = host.strip_prefix(authority.host()).is_some_and(is_port);
        (is_plain && self.is_own(&name)).then_some(authority)
    }

    pub(super) fn is_certificate_over(&self, moment: Moment) -> bool {
        self.identity.is_expired_at(moment)
    }

    fn names(&self) -> RwLockReadGuard<'_, BTreeSet<String>> {
        self.own.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_own(&self, name: &str) -> bool {
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        bare.parse::<IpAddr>().is_ok() || self.names().contains(name) || self.identity.is_for(name)
    }
}

fn lowercase(own: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let own = own.into_iter().map(|name| name.to_ascii_lowercase());
    own.chain(["localhost".to_owned()]).collect()
}

/// Nothing, or a colon and a number: the parser of addresses lets more pass.
fn is_port(rest: &str) -> bool {
    rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        firewall::Moment,
        web::server::{CertificateFiles, Subject, make},
    };

    #[test]
    fn own_names_and_addresses_are_admitted_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let subject = Subject { names: vec!["web1.example.net".to_owned()], addresses: BTreeSet::new() };
        make(dir.path(), &subject, Moment::from_millis(0)).unwrap();
        let identity = Arc::new(Identity::load(CertificateFiles::self_made(dir.path())).unwrap());
        let names = Names::new(["Panel.Example".to_owned()], identity);
        let own = [
            "panel.example",
            "PANEL.example.:8470",
            "localhost",
            "web1.example.net:1",
            "192.0.2.9",
            "[2001:db8::1]:8470",
        ];
        for host in own {
            assert!(names.admit(host).is_some(), "{host}");
        }
        let foreign = [
            "",
            ":8470",
            "evil.example",
            "panel.example.evil.example",
            "panel.example@evil.example",
            "evil@panel.example",
            "a b",
            "panel.example/..",
            "panel.example:99999x",
            "[::1",
            "localhost\r\nx: y",
            "1.2.3.4.evil.example",
        ];
        for host in foreign {
            assert!(names.admit(host).is_none(), "{host}");
        }
        let same = names.clone();
        names.replace(["Other.Example".to_owned()]);
        assert!(same.admit("other.example").is_some() && same.admit("localhost").is_some());
        assert!(same.admit("panel.example").is_none());
    }
}
