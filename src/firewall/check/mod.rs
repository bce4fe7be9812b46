//! From a written ruleset to one that can be compiled, or to all that is wrong with it.

mod problem;
mod references;
mod rules;
mod shadow;

use std::collections::BTreeSet;

pub use problem::{Problem, Severity, Subject};

use super::{AddressRange, InterfaceName, Moment, Ports, Ruleset, ServiceName, service};

/// What a check has to know of the host and the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The present.
    pub now: Moment,
    /// The host's interfaces, if they are known: a rule for another one is worth a warning.
    pub interfaces: Option<BTreeSet<InterfaceName>>,
    /// The networks the host has an address in; what `own-networks` means.
    pub networks: Vec<AddressRange>,
}

/// A ruleset without errors. Only [`check`] makes one and only this can be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRuleset {
    ruleset: Ruleset,
    networks: Vec<AddressRange>,
    warnings: Vec<Problem>,
}

impl CheckedRuleset {
    /// The ruleset.
    #[must_use]
    pub const fn ruleset(&self) -> &Ruleset {
        &self.ruleset
    }

    /// What `own-networks` means.
    #[must_use]
    pub fn networks(&self) -> &[AddressRange] {
        &self.networks
    }

    /// What somebody should look at.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The ports of a service that a rule names.
    #[must_use]
    pub fn ports_of(&self, name: &ServiceName) -> Vec<Ports> {
        ports_of(&self.ruleset, name).unwrap_or_default()
    }
}

/// Finds everything that is wrong.
///
/// # Errors
/// All problems, errors first, if at least one of them forbids to apply.
pub fn check(ruleset: Ruleset, surroundings: &Surroundings) -> Result<CheckedRuleset, Vec<Problem>> {
    let mut problems = references::check(&ruleset);
    problems.extend(rules::check(&ruleset, surroundings));
    problems.extend(shadow::check(&ruleset));
    problems.sort_by_key(|problem| problem.severity);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    Ok(CheckedRuleset { ruleset, networks: surroundings.networks.clone(), warnings: problems })
}

/// The ports of a service, built in or of one's own; none if there is no such service.
#[must_use]
pub fn ports_of(ruleset: &Ruleset, name: &ServiceName) -> Option<Vec<Ports>> {
    let own = ruleset.parts().services.iter().find(|service| service.name == *name);
    service::built_in(name).or_else(|| own.map(|service| service.ports.clone()))
}
