//! What of what listens this host can do without, and what would be safer.
//!
//! The catalogue judges a port by its number. This looks at the programs as well, so that a mail server isn't told to
//! close the port on which it receives mail, and a resolver that strangers can use is seen for what it is. It knows of
//! addresses and programs only: from where a port can be reached is none of its business.

mod bind;
mod host;
mod known;

pub use bind::{Binding, binding};
pub use host::Host;
use host::{Mail, NameServer};

use super::{
    Listener,
    catalogue::{self, Need, Service},
    listener::Transport,
};

/// What is advised for a port and the program that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What the catalogue knows of the port.
    pub service: Option<&'static Service>,
    /// Whether this host needs it; none where nothing is known.
    pub need: Option<Need>,
    /// Why, where this host is judged otherwise than a web server by its number.
    pub reason: Option<&'static str>,
    /// What to do, or what to use instead.
    pub safer: Option<&'static str>,
}

impl Advice {
    /// Whether this host does without it.
    #[must_use]
    pub fn is_not_needed(&self) -> bool {
        self.need == Some(Need::NotNeeded)
    }
}

/// Judges the sockets of one program on one port.
#[must_use]
pub fn advise(listeners: &[&Listener], host: Host) -> Advice {
    let Some(first) = listeners.first() else {
        return Advice { service: None, need: None, reason: None, safer: None };
    };
    let service = catalogue::find(first.port, first.transport);
    let advice = Advice {
        service,
        need: service.map(|service| service.need),
        reason: None,
        safer: service.and_then(|service| service.advice),
    };
    match (first.port, first.transport) {
        _ if listeners.iter().all(|listener| listener.bind.is_loopback()) => advice,
        _ if listeners.iter().all(|listener| host::is_for_machines(listener)) => for_machines(advice),
        (25, Transport::Tcp) => receiving_mail(advice, host.mail(listeners)),
        (53, _) => answering_names(advice, NameServer::of(listeners)),
        _ => advice,
    }
}

fn for_machines(advice: Advice) -> Advice {
    let reason = Some("It listens only towards the virtual machines or containers of this host.");
    Advice { need: advice.need.map(|need| need.min(Need::Depends)), reason, safer: None, ..advice }
}

fn receiving_mail(advice: Advice, mail: Mail) -> Advice {
    match mail {
        Mail::Received => Advice {
            need: Some(Need::Needed),
            reason: Some("This host receives mail: a mail server and what belongs to one run here."),
            safer: None,
            ..advice
        },
        Mail::SentOnly => Advice {
            need: Some(Need::NotNeeded),
            reason: Some("A mail server accepts mail here, but nothing else on this host looks as if it received any."),
            ..advice
        },
        Mail::Unknown => advice,
    }
}

fn answering_names(advice: Advice, server: NameServer) -> Advice {
    match server {
        NameServer::Authority => Advice {
            need: Some(Need::Needed),
            reason: Some("The program answers for domains of your own."),
            safer: None,
            ..advice
        },
        NameServer::Resolver => Advice {
            need: Some(Need::NotNeeded),
            reason: Some("The program looks up names for others; programs on this host need no open port for that."),
            safer: Some("Bind it to this host only: an open resolver is used in attacks."),
            ..advice
        },
        NameServer::Unknown => advice,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::firewall::listener::{Bind, Process};

    pub(super) fn socket(port: u16, transport: Transport, bind: Bind, program: &str) -> Listener {
        let process = Process {
            pid: 7,
            name: program.chars().take(15).collect(),
            executable: Some(format!("/usr/sbin/{program}")),
            started_at: None,
        };
        let unit = Some(format!("{program}.service"));
        let (interface, user, container) = (None, None, None);
        Listener { transport, bind, port, interface, uid: 0, user, processes: vec![process], unit, container }
    }

    pub(super) fn loopback() -> Bind {
        Bind::Address(IpAddr::from([127, 0, 0, 1]))
    }

    fn tcp(port: u16, bind: Bind, program: &str) -> Listener {
        socket(port, Transport::Tcp, bind, program)
    }

    fn need(of: &Listener, others: &[Listener]) -> Option<Need> {
        let all: Vec<Listener> = std::iter::once(of.clone()).chain(others.iter().cloned()).collect();
        advise(&[of], Host::of(&all)).need
    }

    #[test]
    fn a_mail_server_that_receives_mail_is_left_alone() {
        let smtp = tcp(25, Bind::AnyDual, "master");
        assert_eq!(need(&smtp, &[tcp(993, Bind::AnyDual, "dovecot")]), Some(Need::Needed));
        assert_eq!(need(&smtp, &[tcp(11334, loopback(), "rspamd")]), Some(Need::Needed));
        assert_eq!(need(&smtp, &[tcp(443, Bind::AnyDual, "nginx")]), Some(Need::NotNeeded));
        assert_eq!(need(&tcp(25, loopback(), "exim4"), &[]), Some(Need::Depends));
        assert_eq!(need(&tcp(25, Bind::AnyDual, "honeypot"), &[]), Some(Need::Depends));
    }

    #[test]
    fn a_name_server_is_judged_by_what_it_is() {
        let on = |program: &str, bind: Bind| need(&socket(53, Transport::Udp, bind, program), &[]);
        assert_eq!(on("nsd", Bind::Any4), Some(Need::Needed));
        assert_eq!(on("unbound", Bind::Any4), Some(Need::NotNeeded));
        assert_eq!(on("unbound", loopback()), Some(Need::Depends));
        assert_eq!(on("named", Bind::Any4), Some(Need::Depends));
    }

    #[test]
    fn what_serves_virtual_machines_is_no_nag() {
        let mut dhcp = socket(67, Transport::Udp, Bind::Any4, "dnsmasq");
        assert_eq!(need(&dhcp, &[]), Some(Need::NotNeeded));
        dhcp.interface = Some("virbr0".into());
        assert_eq!(need(&dhcp, &[]), Some(Need::Depends));
    }

    #[test]
    fn everything_else_is_as_the_catalogue_says() {
        let telnet = advise(&[&tcp(23, Bind::Any4, "telnetd")], Host::default());
        assert!(telnet.is_not_needed() && telnet.safer.is_some() && telnet.reason.is_none());
        assert_eq!(need(&tcp(1, Bind::Any4, "x"), &[]), None);
        assert_eq!(advise(&[], Host::default()).need, None);
    }
}
