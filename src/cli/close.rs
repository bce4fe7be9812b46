//! `portreeve close PORT/PROTOCOL… [--level LEVEL] [--dry-run]`

use serde::Serialize;

use super::panel::{Panel, complete, not_closed};
use crate::{
    actions::{Actions, CloseLevel, ClosePlan, ClosePort, Closed, RulesDone},
    firewall::{AddressRange, Ports, unit::UnitName},
    store::ClosureId,
};

/// Closes ports: by the rules alone, or by stopping what listens there as well.
#[derive(Debug, clap::Args)]
pub(super) struct Close {
    /// The ports, each like 110/tcp. All of them are one act, with one undo.
    #[arg(required = true, value_name = "PORT/PROTOCOL", value_parser = port)]
    ports: Vec<Ports>,
    /// How far: block lets nobody in; stop, disable and mask also stop the service, for now, at boot as well, for good.
    #[arg(long, default_value = "block", value_parser = level)]
    level: CloseLevel,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    panel: Panel,
}

#[derive(Serialize)]
struct Answer {
    act: Option<ClosureId>,
    revision: Option<u64>,
    units: Vec<UnitName>,
    still_reached_by: Vec<AddressRange>,
    trouble: Vec<String>,
}

#[derive(Serialize)]
struct Prospect {
    port: String,
    protected: Option<String>,
    unavailable: Option<String>,
    effects: Vec<String>,
    rule_changes: Vec<String>,
    units: Vec<UnitName>,
    still_reached_by: Vec<AddressRange>,
}

impl Close {
    pub(super) fn run(self) -> anyhow::Result<()> {
        if self.dry_run {
            let prospects = self.panel.act(async |actions, _| self.look(actions).await)?;
            let words: String = prospects.iter().map(foretell).collect();
            return self.panel.console.print(&prospects, &words);
        }
        let wanted: Vec<ClosePort> = self.ports.iter().map(|ports| self.wanted(*ports)).collect();
        let closed =
            self.panel.act(async |actions, who| actions.close_on_console(who, wanted).await.map_err(not_closed))?;
        let words = self.words(&closed);
        let trouble = closed.trouble.clone();
        self.panel.console.print(&answer(closed), &words)?;
        complete(&trouble)
    }

    fn wanted(&self, ports: Ports) -> ClosePort {
        ClosePort { port: ports.range.first(), transport: ports.transport, level: self.level }
    }

    async fn look(&self, actions: &Actions) -> anyhow::Result<Vec<Prospect>> {
        let mut prospects = Vec::new();
        for ports in &self.ports {
            let plan = actions.close_plan(ports.range.first(), ports.transport).await?;
            prospects.push(self.prospect(*ports, plan));
        }
        Ok(prospects)
    }

    fn prospect(&self, ports: Ports, plan: ClosePlan) -> Prospect {
        let level = plan.levels.into_iter().find(|level| level.level == self.level);
        let (unavailable, effects) = level.map(|level| (level.unavailable, level.effects)).unwrap_or_default();
        Prospect {
            port: ports.to_string(),
            protected: plan.protected,
            unavailable,
            effects,
            rule_changes: plan.rule_changes,
            units: plan.units.into_iter().map(|unit| unit.name).collect(),
            still_reached_by: plan.still,
        }
    }

    fn words(&self, closed: &Closed) -> String {
        let names: Vec<String> = self.ports.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        let mut lines = match closed.rules {
            RulesDone::InForce(revision) => {
                vec![format!("Nobody gets in at {names}: revision {revision} is in force.")]
            }
            RulesDone::Nothing | RulesDone::Staged if closed.id.is_none() => {
                vec![format!("The rules let nobody in at {names} already. Nothing was changed.")]
            }
            RulesDone::Nothing | RulesDone::Staged => Vec::new(),
        };
        lines.extend(closed.units.iter().map(|unit| format!("{unit} {}.", done(self.level))));
        lines.extend(exempt(&closed.still));
        lines.extend(closed.id.map(|id| format!("To take it back: portreeve undo {id}")));
        lines.join("\n") + "\n"
    }
}

/// The sentence for those that the rules can't keep out.
fn exempt(still: &[AddressRange]) -> Option<String> {
    let addresses: Vec<String> = still.iter().take(8).map(ToString::to_string).collect();
    let more = if still.len() > addresses.len() { " and more" } else { "" };
    (!still.is_empty())
        .then(|| format!("On the list allow, and so let in all the same: {}{more}", addresses.join(", ")))
}

const fn done(level: CloseLevel) -> &'static str {
    match level {
        CloseLevel::Block => "goes on",
        CloseLevel::Stop => "is stopped until it or the host is started again",
        CloseLevel::Disable => "is stopped and doesn't start with the host",
        CloseLevel::Mask => "is stopped and nothing can start it",
    }
}

fn foretell(prospect: &Prospect) -> String {
    let Prospect { port, unavailable, effects, rule_changes, still_reached_by, .. } = prospect;
    let mut lines = vec![format!("{port}:")];
    if let Some(reason) = unavailable {
        lines.push(format!("can't be closed that way: {reason}"));
    } else {
        lines.extend(effects.iter().cloned());
        lines.extend(rule_changes.iter().map(|change| format!("{change}.")));
        lines.extend(exempt(still_reached_by));
    }
    lines.join("\n  ") + "\n"
}

fn answer(closed: Closed) -> Answer {
    let revision = match closed.rules {
        RulesDone::InForce(revision) => Some(revision),
        RulesDone::Nothing | RulesDone::Staged => None,
    };
    Answer { act: closed.id, revision, units: closed.units, still_reached_by: closed.still, trouble: closed.trouble }
}

fn port(text: &str) -> Result<Ports, String> {
    let ports = Ports::parse(text).map_err(|error| error.to_string())?;
    let is_one = ports.range.first() == ports.range.last();
    if is_one { Ok(ports) } else { Err("name each port by itself, like 110/tcp".to_owned()) }
}

fn level(text: &str) -> Result<CloseLevel, String> {
    CloseLevel::parse(text).ok_or_else(|| "block, stop, disable or mask".to_owned())
}
