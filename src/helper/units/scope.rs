//! Which units are touched when one is closed, and whether they may be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Read,
};

use super::facts::Shown;
use crate::{
    boundary::Refusal,
    firewall::unit::{FormerState, UnitLevel, UnitName},
};

/// More than hang together on any host.
const MOST: usize = 64;

/// Bytes read of a unit's file.
const FILE_BYTES: u64 = 64 * 1024;

/// The units that are touched.
pub struct Scope {
    /// The first name of the one that was asked for.
    pub name: UnitName,
    /// Stopped, and kept from starting: the unit, what starts it, and what that starts.
    pub closed: Vec<Shown>,
    /// Stopped: services of one connection each, which nothing can start again.
    connections: Vec<Shown>,
    /// Stopped by systemd, because they can't be without one that is.
    along: Vec<Shown>,
    /// Not stopped, but no longer started at boot, because the file of one that isn't says so.
    disabled: Vec<Shown>,
}

impl Scope {
    /// Looks for them. `show` asks systemd.
    pub fn find(name: &UnitName, level: UnitLevel, show: Show<'_>) -> Result<Self, Refusal> {
        let one = BTreeSet::from([name.clone()]);
        let closed = grow(&one, show, |unit| Ok([&unit.facts.triggered_by[..], &unit.facts.triggers].concat()))?;
        let along = grow(&closed.keys().cloned().collect(), show, |unit| Ok(unit.facts.stops_with.clone()))?;
        let disabled = match level {
            UnitLevel::Disable => grow(&closed.keys().cloned().collect(), show, also)?,
            UnitLevel::Stop | UnitLevel::Mask => BTreeMap::new(),
        };
        let others = |found: BTreeMap<UnitName, Shown>| {
            found.into_values().filter(|unit| !closed.contains_key(&unit.facts.name))
        };
        let (along, disabled) = (others(along).collect(), others(disabled).collect());
        let doors: BTreeSet<UnitName> =
            closed.values().filter(|unit| unit.accepts).map(|unit| unit.facts.name.clone()).collect();
        let is_connection = |unit: &Shown| unit.facts.triggered_by.iter().any(|door| doors.contains(door));
        let first = closed.values().map(|unit| &unit.facts).find(|facts| facts.aliases.contains(name));
        let name = first.map_or(name, |facts| &facts.name).clone();
        let (connections, closed) = closed.into_values().partition(is_connection);
        Ok(Self { name, closed, connections, along, disabled })
    }

    /// Whether all of it may be done. `guarded` says of a unit why its listeners keep it open.
    pub fn check(&self, guarded: impl Fn(&UnitName) -> Option<&'static str>) -> Result<(), Refusal> {
        let stopped = self.closed.iter().chain(&self.connections);
        let along = self.along.iter().filter(|unit| unit.facts.is_active() || unit.facts.is_stopping());
        let touched = stopped.chain(along).chain(&self.disabled);
        // What was asked for is told first.
        let asked = touched.clone().filter(|unit| unit.facts.name == self.name);
        for unit in asked.chain(touched) {
            let name = &unit.facts.name;
            let odd = unit.is_odd.then_some("what else would stop with it can't be told");
            if let Some(reason) = unit.facts.protected.as_deref().or(guarded(name)).or(odd) {
                return Err(Refusal::Protected { unit: name.to_string(), reason: self.why(unit, reason) });
            }
        }
        Ok(())
    }

    fn why(&self, unit: &Shown, reason: &str) -> String {
        let asked = &self.name;
        if unit.facts.name == *asked {
            return reason.to_owned();
        }
        format!("closing {asked} would close it too, and {reason}")
    }

    /// Whether all that is closed can be masked.
    pub fn check_masks(&self) -> Result<(), Refusal> {
        let Some(own) = self.closed.iter().find(|unit| !unit.facts.can_be_masked) else { return Ok(()) };
        let name = &own.facts.name;
        let reason = format!("{name} can't be masked, because an administrator wrote its file: disable it instead");
        Err(Refusal::Services { reason })
    }

    /// The names of what is to be stopped.
    pub fn stopped(&self) -> Vec<UnitName> {
        self.closed.iter().chain(&self.connections).map(|unit| unit.facts.name.clone()).collect()
    }

    /// How all of it is now.
    pub fn states(&self) -> Vec<FormerState> {
        let state = |unit: &Shown, is_closed, is_restarted| FormerState {
            name: unit.facts.name.clone(),
            is_closed,
            was_active: is_restarted && unit.facts.is_active(),
            unit_file_state: unit.facts.unit_file_state.clone(),
            wanted_by: unit.facts.wanted_by.clone(),
        };
        let closed = self.closed.iter().map(|unit| state(unit, true, true));
        let connections = self.connections.iter().map(|unit| state(unit, true, false));
        let along = self.along.iter().map(|unit| state(unit, false, true));
        closed
            .chain(connections)
            .chain(along)
            .chain(self.disabled.iter().map(|unit| state(unit, false, false)))
            .collect()
    }
}

/// Asks systemd about units.
pub type Show<'a> = &'a dyn Fn(&[UnitName]) -> Result<Vec<Shown>, Refusal>;

/// Everything that hangs on the first ones, however far.
fn grow(
    first: &BTreeSet<UnitName>,
    show: Show<'_>,
    next: fn(&Shown) -> Result<Vec<UnitName>, Refusal>,
) -> Result<BTreeMap<UnitName, Shown>, Refusal> {
    let mut found = BTreeMap::new();
    let mut asked = BTreeSet::new();
    let mut wanted = first.clone();
    while !wanted.is_empty() {
        asked.append(&mut wanted.clone());
        if asked.len() > MOST {
            return Err(Refusal::Services { reason: format!("more than {MOST} units hang together") });
        }
        for unit in show(&Vec::from_iter(std::mem::take(&mut wanted)))? {
            wanted.extend(next(&unit)?);
            found.insert(unit.facts.name.clone(), unit);
        }
        wanted.retain(|name| !asked.contains(name));
    }
    Ok(found)
}

/// What systemd disables along with an enabled unit, as its files say. Disabling a linked file would lose it.
fn also(unit: &Shown) -> Result<Vec<UnitName>, Refusal> {
    let name = &unit.facts.name;
    let is_link = |path: &String| fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink());
    if unit.facts.is_enabled() && unit.files.first().is_some_and(is_link) {
        let reason =
            format!("the file of {name} is linked from elsewhere, so disabling it couldn't be undone: only stop it");
        return Err(Refusal::Services { reason });
    }
    let mut text = String::new();
    for path in unit.files.iter().filter(|_| unit.facts.is_enabled()) {
        let read = File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_string(&mut text));
        read.map_err(|error| Refusal::Services { reason: format!("{path} can't be read: {error}") })?;
        text.push('\n');
    }
    let lines = text.lines().filter_map(|line| line.split_once('=')).filter(|(key, _)| key.trim() == "Also");
    let names = lines.flat_map(|(_, names)| names.split_whitespace()).map(UnitName::parse);
    names.collect::<Result<_, _>>().map_err(|error| Refusal::Services { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{firewall::Moment, helper::units::facts};

    /// A host: its socket starts a service, an application can't be without that, and one unit takes a console along.
    const HOST: [&str; 7] = [
        "Id=a.socket\nNames=a.socket\nTriggers=a.service a@1.service\nAccept=no\nActiveState=active",
        "Id=a.service\nNames=a.service b.service\nTriggeredBy=a.socket\nRequiredBy=app.service\nActiveState=active\n\
         FragmentPath=/etc/systemd/system/a.service",
        "Id=app.service\nNames=app.service\nConsistsOf=idle.service\nActiveState=active",
        "Id=idle.service\nNames=idle.service\nBoundBy=getty@tty1.service\nActiveState=inactive",
        "Id=getty@tty1.service\nNames=getty@tty1.service\nActiveState=inactive",
        "Id=door.socket\nNames=door.socket\nTriggers=door@1.service\nAccept=yes\nActiveState=active",
        "Id=door@1.service\nNames=door@1.service\nTriggeredBy=door.socket\nActiveState=active",
    ];

    fn unit(name: &str) -> UnitName {
        UnitName::parse(name).unwrap()
    }

    fn find(name: &str, host: &[String]) -> Result<Scope, Refusal> {
        let show = |names: &[UnitName]| {
            let told = |name: &UnitName| {
                let is_meant =
                    |block: &&String| block.lines().nth(1).unwrap()[6..].split(' ').any(|one| one == name.as_str());
                host.iter().find(is_meant).cloned().unwrap_or(format!("Id={name}\nNames={name}\nLoadState=not-found"))
            };
            let text = names.iter().map(told).collect::<Vec<_>>().join("\n\n");
            Ok(facts::read(&text, Moment::from_millis(0)))
        };
        Scope::find(&unit(name), UnitLevel::Stop, &show)
    }

    fn states(scope: &Scope) -> Vec<(String, bool, bool)> {
        scope.states().into_iter().map(|state| (state.name.to_string(), state.is_closed, state.was_active)).collect()
    }

    #[test]
    fn what_starts_it_is_closed_too_and_what_cannot_be_without_it_stops_along() {
        let host = HOST.map(str::to_owned);
        for name in ["a.socket", "a.service", "b.service"] {
            let scope = find(name, &host).unwrap();
            let expected = [
                ("a.service", true, true),
                ("a.socket", true, true),
                ("a@1.service", true, false),
                ("app.service", false, true),
                ("getty@tty1.service", false, false),
                ("idle.service", false, false),
            ];
            assert_eq!(
                states(&scope),
                expected.map(|(name, closed, active)| (name.to_owned(), closed, active)),
                "{name}"
            );
            scope.check(|_| None).expect("the console that isn't there doesn't stop");
            scope.check_masks().unwrap_err();
            scope.check(|name| (name.as_str() == "a.service").then_some("by it people come in")).unwrap_err();
        }
    }

    #[test]
    fn a_service_of_one_connection_is_stopped_and_never_started() {
        let scope = find("door.socket", &HOST.map(str::to_owned)).unwrap();
        let expected = [("door.socket".to_owned(), true, true), ("door@1.service".to_owned(), true, false)];
        assert_eq!(states(&scope), expected);
        assert_eq!(scope.stopped().len(), 2);
    }

    #[test]
    fn a_protected_unit_that_would_stop_along_keeps_it_open() {
        let mut host = HOST.map(str::to_owned);
        host[4] = host[4].replace("inactive", "active");
        let refusal = find("a.socket", &host).unwrap().check(|_| None).unwrap_err();
        let words =
            "getty@tty1.service is protected: closing a.socket would close it too, and the console is the last way in";
        assert_eq!(refusal.to_string(), words);
    }

    #[test]
    fn units_without_end_are_refused() {
        let chain = |number: usize| {
            format!("Id=u{number}.service\nNames=u{number}.service\nRequiredBy=u{}.service", number + 1)
        };
        let host: Vec<String> = (0..100).map(chain).collect();
        assert!(matches!(find("u0.service", &host), Err(Refusal::Services { .. })));
    }

    #[test]
    fn what_a_file_disables_along_is_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "[Install]\n# Also=x.service\nAlso = a.socket ssh.socket\nAlso=b.path\n").unwrap();
        let text =
            format!("Id=a.service\nNames=a.service\nUnitFileState=enabled\nFragmentPath={}", file.path().display());
        let unit = &facts::read(&text, Moment::from_millis(0))[0];
        let names: Vec<String> = also(unit).unwrap().iter().map(UnitName::to_string).collect();
        assert_eq!(names, ["a.socket", "ssh.socket", "b.path"]);
        std::fs::write(&file, "[Install]\nAlso=a@%i.socket\n").unwrap();
        also(unit).unwrap_err();
    }
}
