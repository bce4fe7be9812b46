//! What kind of host this is, as far as what listens tells.

use crate::firewall::Listener;

/// Programs that accept mail for others.
const MAIL_SERVERS: [&str; 8] =
    ["master", "exim4", "exim", "sendmail", "sendmail-mta", "smtpd", "courieresmtpd", "qmail-smtpd"];

/// Programs that only a host with mailboxes or a mail filter runs.
const MAIL_PARTS: [&str; 16] = [
    "dovecot",
    "cyrmaster",
    "imapd",
    "couriertcpd",
    "rspamd",
    "spamd",
    "amavisd",
    "amavisd-new",
    "opendkim",
    "opendmarc",
    "postgrey",
    "policyd-spf",
    "clamav-milter",
    "mailman",
    "stalwart",
    "stalwart-mail",
];

/// Name servers that answer for domains of their owner and nothing else.
const AUTHORITIES: [&str; 6] = ["nsd", "knotd", "pdns_server", "yadifad", "gdnsd", "tinydns"];

/// Programs that look up names for others.
const RESOLVERS: [&str; 6] = ["unbound", "dnsmasq", "kresd", "pdns_recursor", "systemd-resolve", "systemd-resolved"];

/// How the interfaces begin behind which a host's own virtual machines and containers are.
const BRIDGES: [&str; 9] = ["virbr", "lxcbr", "lxdbr", "incusbr", "docker", "podman", "cni-podman", "cni0", "nerdctl"];

/// What is known of the host besides the port that is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Host {
    has_mail_parts: bool,
}

/// What a program on port 25 is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mail {
    /// It receives mail.
    Received,
    /// Nothing else here looks like a mail server.
    SentOnly,
    /// It is no mail server that is known.
    Unknown,
}

/// What a program on port 53 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameServer {
    /// It answers for domains.
    Authority,
    /// It looks up names for others.
    Resolver,
    /// It may be either.
    Unknown,
}

impl Host {
    /// Looks at everything that listens.
    #[must_use]
    pub fn of(listeners: &[Listener]) -> Self {
        Self { has_mail_parts: listeners.iter().any(|listener| is_run_by(listener, &MAIL_PARTS)) }
    }

    pub(super) fn mail(self, listeners: &[&Listener]) -> Mail {
        match listeners.iter().any(|listener| is_run_by(listener, &MAIL_SERVERS)) {
            true if self.has_mail_parts => Mail::Received,
            true => Mail::SentOnly,
            false => Mail::Unknown,
        }
    }
}

impl NameServer {
    pub(super) fn of(listeners: &[&Listener]) -> Self {
        let is = |programs: &[&str]| listeners.iter().any(|listener| is_run_by(listener, programs));
        match (is(&AUTHORITIES), is(&RESOLVERS)) {
            (true, false) => Self::Authority,
            (false, true) => Self::Resolver,
            _ => Self::Unknown,
        }
    }
}

/// Whether a socket can be reached only over an interface behind which there are machines of this host.
pub(super) fn is_for_machines(listener: &Listener) -> bool {
    let interface = listener.interface.as_deref().unwrap_or_default();
    BRIDGES.iter().any(|start| interface.starts_with(start))
}

/// Whether one of `programs` holds the socket. A process can give itself any name, so that of its file counts as well.
pub(super) fn is_run_by(listener: &Listener, programs: &[&str]) -> bool {
    listener.processes.iter().any(|process| {
        let file = process.executable.as_deref().and_then(|path| path.rsplit('/').next());
        programs.iter().any(|program| file.unwrap_or(&process.name) == *program)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firewall::{advice::tests::socket, listener::Bind, listener::Transport};

    #[test]
    fn the_file_tells_what_a_program_is_before_its_name_does() {
        let mut listener = socket(25, Transport::Tcp, Bind::AnyDual, "master");
        assert!(is_run_by(&listener, &MAIL_SERVERS));
        listener.processes[0].name = "nginx".into();
        assert!(is_run_by(&listener, &MAIL_SERVERS));
        listener.processes[0].executable = None;
        assert!(!is_run_by(&listener, &MAIL_SERVERS));
        listener.processes.clear();
        assert!(!is_run_by(&listener, &MAIL_SERVERS));
    }
}
