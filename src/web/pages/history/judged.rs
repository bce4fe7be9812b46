//! What two rulesets of the past do with packets, judged by what is known of the host today.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::{
    actions::commands,
    firewall::{Diff, Moment, Ruleset, Surroundings, check, diff, enforcement::Survey, simulate::Situation},
    web::kit::Fault,
};

/// Two rulesets compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// None if one of them has errors today.
    pub diff: Option<Diff>,
    /// Both transactions, one command a line; empty for one with errors.
    pub nft: [String; 2],
}

/// Compares two rulesets, on a thread that may take its time.
pub(super) async fn judge(old: Ruleset, new: Ruleset, survey: Arc<Survey>, now: Moment) -> Result<Judged, Fault> {
    let judged = spawn_blocking(move || compare(old, new, &survey, now)).await;
    judged.map_err(|error| Fault::internal(&error))
}

fn compare(old: Ruleset, new: Ruleset, survey: &Survey, now: Moment) -> Judged {
    let surroundings = Surroundings { now, interfaces: None, networks: survey.networks() };
    let [old, new] = [old, new].map(|ruleset| check(ruleset, &surroundings).ok());
    let situation = Situation { now, bans: Vec::new(), routes: survey.routes.clone() };
    let diff = old.as_ref().zip(new.as_ref()).map(|(old, new)| diff(old, new, &situation));
    Judged { diff, nft: [old, new].map(|checked| checked.as_ref().map(commands).unwrap_or_default()) }
}
