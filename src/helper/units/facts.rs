//! Reads what `systemctl show` prints.

use std::collections::BTreeMap;

use crate::firewall::{
    Moment,
    unit::{UnitFacts, UnitName, protected},
    untrusted::tame,
};

/// Characters kept of a description, and of a state.
const DESCRIPTION: usize = 200;
const STATE: usize = 40;

/// Where administrators write units, and where a mask lies.
const OWN: &str = "/etc/systemd/system/";

/// A unit, with what only the helper needs to know.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What anybody may know.
    pub facts: UnitFacts,
    /// Whether it is a socket that starts a service for each connection.
    pub accepts: bool,
    /// The files that say what it is.
    pub files: Vec<String>,
    /// Whether one of the names it tells can't be read: what it would do to others isn't known then.
    pub is_odd: bool,
}

/// Reads all that was printed. `started_at` is when the host started.
pub fn read(text: &str, started_at: Moment) -> Vec<Shown> {
    text.split("\n\n").filter_map(|block| read_one(block, started_at)).collect()
}

fn read_one(block: &str, started_at: Moment) -> Option<Shown> {
    let values: BTreeMap<&str, &str> = block.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |key: &str| values.get(key).copied().unwrap_or_default();
    let words = |keys: &[&str]| keys.iter().flat_map(|key| value(key).split_whitespace()).collect::<Vec<_>>();
    let names = |keys: &[&str]| words(keys).into_iter().filter_map(|word| UnitName::parse(word).ok()).collect();
    let name = UnitName::parse(value("Id")).ok()?;
    let all_names: Vec<UnitName> = names(&["Id", "Names"]);
    let stops_with = ["RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo"];
    let told = words(&[&stops_with[..], &["Names", "TriggeredBy", "Triggers"]].concat());
    let since = value("ActiveEnterTimestampMonotonic").parse::<i64>().ok().filter(|micros| *micros > 0);
    let state = |key| tame(value(key), STATE);
    let facts = UnitFacts {
        protected: all_names.iter().find_map(protected).map(str::to_owned),
        aliases: all_names.into_iter().filter(|other| *other != name).collect(),
        name,
        description: tame(value("Description"), DESCRIPTION),
        load_state: state("LoadState"),
        active_state: state("ActiveState"),
        sub_state: state("SubState"),
        unit_file_state: state("UnitFileState"),
        restarts: value("NRestarts").parse().unwrap_or(0),
        since: since.map(|micros| Moment::from_millis(started_at.as_millis().saturating_add(micros / 1000))),
        triggered_by: names(&["TriggeredBy"]),
        triggers: names(&["Triggers"]),
        required_by: names(&["RequiredBy"]),
        wanted_by: names(&["WantedBy", "UpheldBy"]),
        stops_with: names(&stops_with),
        can_be_masked: value("LoadState") == "masked" || !value("FragmentPath").starts_with(OWN),
    };
    Some(Shown {
        facts,
        accepts: value("Accept") == "yes",
        files: words(&["FragmentPath", "DropInPaths"]).into_iter().map(str::to_owned).collect(),
        is_odd: told.iter().any(|word| UnitName::parse(word).is_err()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "Restart=no\nNRestarts=2\nId=dovecot.service\nNames=dovecot.service imap.service\n\
        RequiredBy=mail.service\nConsistsOf=web.service\nWantedBy=multi-user.target\nTriggeredBy=dovecot.socket\n\
        Description=Dovecot = IMAP\u{1b}[2J\nLoadState=loaded\nActiveState=active\nSubState=running\n\
        UnitFileState=enabled\nActiveEnterTimestampMonotonic=2500000\nFragmentPath=/lib/systemd/system/dovecot.service\n\
        \nId=x.socket\nNames=x.socket ssh.socket\nAccept=yes\nLoadState=not-found\nActiveEnterTimestampMonotonic=0\n\
        \nId=-.slice\nNames=-.slice\n\nId=y.service\nNames=y.service\nRequiredBy=-.mount\n";

    #[test]
    fn what_systemctl_shows_is_read_and_a_protected_alias_counts() {
        let shown = read(SHOWN, Moment::from_millis(1000));
        let [dovecot, socket, odd] = &shown[..] else { panic!("{shown:?}") };
        assert_eq!(dovecot.facts.description, "Dovecot = IMAP\u{fffd}[2J");
        assert_eq!((dovecot.facts.restarts, dovecot.facts.since), (2, Some(Moment::from_millis(3500))));
        assert_eq!(
            dovecot.facts.stops_with.iter().map(UnitName::as_str).collect::<Vec<_>>(),
            ["mail.service", "web.service"]
        );
        assert_eq!(dovecot.facts.aliases.len(), 1);
        assert!(dovecot.facts.is_active() && dovecot.facts.protected.is_none() && !dovecot.accepts && !dovecot.is_odd);
        assert_eq!(dovecot.files, ["/lib/systemd/system/dovecot.service"]);
        assert!(socket.accepts && socket.facts.protected.is_some() && !socket.facts.exists());
        assert!(odd.is_odd, "what would stop with it isn't known");
    }
}
