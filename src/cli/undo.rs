//! `portreeve undo ID`

use serde::Serialize;

use super::panel::{Panel, complete, not_undone};
use crate::{
    actions::{RulesDone, Undone},
    firewall::unit::UnitName,
    store::ClosureId,
};

/// Takes an act back that closed ports; `portreeve closures` lists them.
#[derive(Debug, clap::Args)]
pub(super) struct Undo {
    /// The act's number.
    #[arg(value_name = "ID", value_parser = id)]
    id: ClosureId,
    #[command(flatten)]
    panel: Panel,
}

#[derive(Serialize)]
struct Answer {
    is_complete: bool,
    revision: Option<u64>,
    units: Vec<UnitName>,
    kept: Vec<String>,
    trouble: Vec<String>,
}

impl Undo {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let undone =
            self.panel.act(async |actions, who| actions.undo_on_console(who, self.id).await.map_err(not_undone))?;
        let (words, trouble) = (self.words(&undone), undone.trouble.clone());
        let revision = match undone.rules {
            RulesDone::InForce(revision) => Some(revision),
            RulesDone::Nothing | RulesDone::Staged => None,
        };
        let Undone { is_complete, reopened: units, kept, trouble: left, .. } = undone;
        self.panel.console.print(&Answer { is_complete, revision, units, kept, trouble: left }, &words)?;
        complete(&trouble)
    }

    fn words(&self, undone: &Undone) -> String {
        let mut lines = Vec::new();
        if undone.is_complete {
            lines.push(format!("Act {} is taken back.", self.id));
        } else {
            lines.push(format!("Some of act {} is taken back. To try the rest again: portreeve undo {0}", self.id));
        }
        if let RulesDone::InForce(revision) = undone.rules {
            lines.push(format!("Revision {revision} is in force."));
        }
        lines.extend(undone.reopened.iter().map(|unit| format!("{unit} is as it was.")));
        lines.extend(undone.kept.iter().map(|kept| format!("Left alone: {kept}.")));
        lines.join("\n") + "\n"
    }
}

fn id(text: &str) -> Result<ClosureId, String> {
    ClosureId::parse(text).ok_or_else(|| "a number from portreeve closures".to_owned())
}
