//! Whether a ruleset would shut out whoever types it, who may sit on a connection by SSH.

use std::{fs, net::IpAddr};

use crate::firewall::{
    CheckedRuleset,
    enforcement::Survey,
    lockout::{Doors, Fate, Lifeline, fates},
    simulate::Situation,
};

/// What sshd tells the shells that it starts.
const CONNECTION: &str = "SSH_CONNECTION=";

/// More ancestors no terminal's command has.
const ANCESTORS: usize = 64;

/// A connection by SSH.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Connection {
    from: IpAddr,
    port: u16,
}

impl Connection {
    /// The one that this command was typed through. `sudo` hides it, so the ancestors are looked at as well.
    pub(in crate::cli) fn of_terminal() -> Option<Self> {
        let parent = |process: &String| {
            let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("PPid:")).map(|parent| parent.trim().to_owned())
        };
        let ancestors = std::iter::successors(Some("self".to_owned()), parent).take(ANCESTORS);
        ancestors
            .filter_map(|process| fs::read(format!("/proc/{process}/environ")).ok())
            .find_map(|all| Self::among(&all))
    }

    /// The other end.
    pub(in crate::cli) const fn from(&self) -> IpAddr {
        self.from
    }

    /// Finds it among the settings of a process: `SSH_CONNECTION=203.0.113.9 50022 192.0.2.1 22`.
    fn among(settings: &[u8]) -> Option<Self> {
        let mut settings = settings.split(|byte| *byte == 0).filter_map(|setting| str::from_utf8(setting).ok());
        let words = settings.find_map(|setting| setting.strip_prefix(CONNECTION))?;
        let mut words = words.split(' ');
        let from = words.next()?.split('%').next()?.parse::<IpAddr>().ok()?;
        Some(Self { from: from.to_canonical(), port: words.nth(2)?.parse().ok()? })
    }

    /// What to say if it couldn't be made again.
    pub(super) fn loss(
        &self,
        survey: &Survey,
        (old, new): (&CheckedRuleset, &CheckedRuleset),
        situation: &Situation,
    ) -> Option<String> {
        let Self { from, port } = *self;
        let lifelines = vec![Lifeline { address: from, why: "this terminal".to_owned() }];
        let doors = Doors { ssh: vec![port], ..Doors::default() };
        let is_lost = fates(lifelines, &doors, survey, (Some(old), new), situation).iter().any(Fate::is_loss);
        is_lost
            .then(|| format!("you are here by SSH from {from}, and from there could not get in at port {port} again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_is_found_among_other_settings() {
        let found = |text: &str| Connection::among(text.as_bytes()).map(|found| (found.from.to_string(), found.port));
        let some = |from: &str, port| Some((from.to_owned(), port));
        assert_eq!(found("A=1\0SSH_CONNECTION=203.0.113.9 50022 192.0.2.1 22\0B=2"), some("203.0.113.9", 22));
        assert_eq!(found("SSH_CONNECTION=fe80::1%eth0 50022 fe80::2%eth0 2222"), some("fe80::1", 2222));
        assert_eq!(found("SSH_CONNECTION=::ffff:203.0.113.9 1 ::ffff:192.0.2.1 22"), some("203.0.113.9", 22));
        for none in ["", "A=1", "MY_SSH_CONNECTION=203.0.113.9 1 192.0.2.1 22", "SSH_CONNECTION=x 1 y 2"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
