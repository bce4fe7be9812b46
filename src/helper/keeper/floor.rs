//! The floor: addresses that always reach SSH, in a file of root's own. No ruleset and no ban that the panel orders may keep
//! them out, now or later, whoever has taken the panel over.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read},
    net::IpAddr,
    path::PathBuf,
};

use rustix::fs::fstat;

use crate::{
    boundary::Refusal,
    firewall::{
        Action, CheckedRuleset, Compiled, Line, Moment, Port, Rate,
        enforcement::{Ban, Survey},
        lockout,
        simulate::{Outcome, Simulator, Situation},
    },
    helper::{clock, listing},
};

/// A line is an address; more than this is no list of administrators.
const LONGEST_FILE: u64 = 16 * 1024;
const MOST_ADDRESSES: usize = 64;

/// Moments at which a ruleset may change by itself for one address: each is judged.
const MOST_MOMENTS: usize = 100;

/// Tighter limits would be a wall: 6 new connections a minute, 4 at once.
const ROOMY_SECONDS: u32 = 10;
const ROOMY_CONNECTIONS: u32 = 4;

const USUAL_SSH: u16 = 22;

/// Where the floor is written.
#[derive(Debug, Clone)]
pub struct Floor(PathBuf);

/// Somebody who always gets in, and at which port if it isn't where SSH listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    address: IpAddr,
    port: Option<Port>,
}

impl Floor {
    /// The floor in a file. None there means none set.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Refuses bans that would keep somebody of the floor out.
    pub fn admit_bans(&self, bans: &[Ban]) -> Result<(), Refusal> {
        let hit = |entry: &Entry| bans.iter().any(|ban| ban.addresses.contains(entry.address));
        match self.read()?.iter().find(|entry| hit(entry)) {
            Some(entry) => Err(refused(entry, "a ban would keep it out")),
            None => Ok(()),
        }
    }

    /// Refuses a ruleset under which somebody of the floor can't open a connection to SSH, now or at a later moment.
    pub fn admit(&self, checked: &CheckedRuleset, compiled: &Compiled, survey: &Survey) -> Result<(), Refusal> {
        let entries = self.read()?;
        let ssh = if entries.iter().any(|entry| entry.port.is_none()) { listing::ssh_ports() } else { BTreeSet::new() };
        let usual = if ssh.is_empty() { BTreeSet::from([USUAL_SSH]) } else { ssh };
        for entry in &entries {
            let ports = entry.port.map_or_else(|| usual.clone(), |port| BTreeSet::from([port.get()]));
            let moments = moments(checked, entry.address, clock::now());
            if moments.len() > MOST_MOMENTS {
                return Err(refused(entry, "the rules about it change at too many moments"));
            }
            for now in moments {
                let situation = Situation { now, bans: Vec::new(), routes: survey.routes.clone() };
                let simulator = Simulator::new(compiled, &situation);
                let packets = ports.iter().filter_map(|port| lockout::packet(entry.address, *port, survey));
                let gets_in = packets.map(|packet| simulator.judge(&packet)).any(|outcome| lets_in(&outcome, checked));
                if !gets_in {
                    return Err(refused(
                        entry,
                        "under these rules it wouldn't, now or when one of them begins or ends",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A file that is there and can't be believed forbids everything: it was set for a reason.
    fn read(&self) -> Result<Vec<Entry>, Refusal> {
        let unusable = |reason: &str| Refusal::Floor { reason: format!("{} {reason}", self.0.display()) };
        let text = match self.text() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable(&format!("can't be used: {error}"))),
        };
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let entries: Option<Vec<Entry>> = lines.filter(|line| !line.is_empty()).map(parse).collect();
        let entries = entries.ok_or_else(|| unusable("has a line that is no address, or no address and port"))?;
        if entries.len() > MOST_ADDRESSES { Err(unusable("has too many addresses")) } else { Ok(entries) }
    }

    fn text(&self) -> io::Result<String> {
        let file = File::open(&self.0)?;
        let facts = fstat(&file)?;
        if facts.st_uid != 0 || facts.st_mode & 0o022 != 0 {
            return Err(io::Error::other("it must belong to root and be writable by nobody else"));
        }
        let mut text = String::new();
        file.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
        if text.len() > usize::try_from(LONGEST_FILE).unwrap_or(usize::MAX) {
            return Err(io::Error::other("it is too long"));
        }
        Ok(text)
    }
}

fn parse(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace();
    let address = words.next()?.parse::<IpAddr>().ok()?.to_canonical();
    let port = match words.next() {
        Some(port) => Some(Port::new(port.parse().ok()?)?),
        None => None,
    };
    words.next().is_none().then_some(Entry { address, port })
}

/// Now, and whenever a rule begins or ends, or an entry of a list that the address is on.
fn moments(checked: &CheckedRuleset, address: IpAddr, now: Moment) -> BTreeSet<Moment> {
    let parts = checked.ruleset().parts();
    let rules = parts.rules.iter().filter(|rule| rule.enabled).flat_map(|rule| [rule.starts_at, rule.expires_at]);
    let entries = parts.lists.iter().flat_map(|list| &list.entries);
    let entries = entries.filter(|entry| entry.addresses.contains(address)).map(|entry| entry.expires_at);
    let later = rules.chain(entries).flatten().filter(|moment| *moment > now);
    // One more than are judged is enough to know that they are too many.
    std::iter::once(now).chain(later).collect::<BTreeSet<_>>().into_iter().take(MOST_MOMENTS + 1).collect()
}

/// Whether a packet gets in, and no limit on its way is so tight that it is a wall.
fn lets_in(outcome: &Outcome, checked: &CheckedRuleset) -> bool {
    let parts = checked.ruleset().parts();
    let is_roomy = |rate: Option<Rate>, connections: Option<u32>| {
        let per_second =
            |rate: Rate| u64::from(rate.count()) * u64::from(ROOMY_SECONDS) >= u64::from(rate.per().seconds());
        rate.is_none_or(per_second) && connections.is_none_or(|most| most >= ROOMY_CONNECTIONS)
    };
    let policy = &parts.policy;
    outcome.verdict.action == Action::Allow
        && outcome.above.iter().all(|above| match above.line {
            Some(Line::Limit(id) | Line::Rule(id)) => {
                let rule = parts.rules.iter().find(|rule| rule.id == id);
                rule.is_some_and(|rule| is_roomy(rule.new_connections, rule.connections.map(Into::into)))
            }
            Some(Line::Automatic(_)) | None => is_roomy(policy.syn_flood, policy.connections.map(Into::into)),
        })
}

fn refused(entry: &Entry, reason: &str) -> Refusal {
    Refusal::Floor { reason: format!("{} always reaches SSH: {reason}", entry.address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_and_perhaps_a_port() {
        let entry = |address: &str, port: Option<u16>| {
            Some(Entry { address: address.parse().unwrap(), port: port.and_then(Port::new) })
        };
        assert_eq!(parse("198.51.100.7"), entry("198.51.100.7", None));
        assert_eq!(parse("2001:db8::7  2222"), entry("2001:db8::7", Some(2222)));
        assert_eq!(parse("::ffff:198.51.100.7"), entry("198.51.100.7", None));
        for wrong in ["", "gate.example", "198.51.100.0/24", "198.51.100.7 ssh", "198.51.100.7 0", "198.51.100.7 22 23"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
