//! `portreeve closures`

use serde::Serialize;

use super::panel::Panel;
use crate::{
    firewall::{Moment, instant, untrusted},
    store::{ClosedPort, ClosedUnit, Closure, ClosureId, ClosureState},
};

/// Lists the acts that closed ports, newest first, for `portreeve undo`.
#[derive(Debug, clap::Args)]
pub(super) struct Closures {
    #[command(flatten)]
    panel: Panel,
}

#[derive(Serialize)]
struct Act<'a> {
    id: ClosureId,
    at: String,
    author: &'a str,
    sentence: &'a str,
    ports: &'a [ClosedPort],
    units: &'a [ClosedUnit],
    revision: Option<u64>,
    state: ClosureState,
    trouble: &'a str,
    undone_at: Option<String>,
    undone_by: Option<&'a str>,
}

const MOST_TEXT: usize = 300;

impl Closures {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let closures = self.panel.act(async |actions, _| Ok(actions.closures().await?))?;
        let acts: Vec<Act<'_>> = closures.iter().map(act).collect();
        let none = "No port was closed from here so far: portreeve close PORT/PROTOCOL\n";
        let words = if closures.is_empty() { none.to_owned() } else { closures.iter().map(line).collect() };
        self.panel.console.print(&acts, &words)
    }
}

fn act(closure: &Closure) -> Act<'_> {
    Act {
        id: closure.id,
        at: instant::print(closure.at),
        author: &closure.author,
        sentence: &closure.sentence,
        ports: &closure.ports,
        units: &closure.units,
        revision: closure.revision,
        state: closure.state,
        trouble: &closure.trouble,
        undone_at: closure.undone_at.map(instant::print),
        undone_by: closure.undone_by.as_deref(),
    }
}

/// What the database holds is worth a second lock before it reaches a terminal.
fn line(closure: &Closure) -> String {
    let seconds = |moment: Moment| instant::print(Moment::from_millis(moment.as_millis() / 1000 * 1000));
    let state = match closure.state {
        ClosureState::UnderWay => "under way".to_owned(),
        ClosureState::Done => "done".to_owned(),
        ClosureState::Partly => format!("done in part: {}", closure.trouble),
        ClosureState::Failed => format!("failed: {}", closure.trouble),
        ClosureState::PartlyUndone => format!("taken back in part: {}", closure.trouble),
        ClosureState::Undone => format!("taken back by {}", closure.undone_by.as_deref().unwrap_or("somebody")),
    };
    let text = format!("{}  {}  {} by {} ({state})", closure.id, seconds(closure.at), closure.sentence, closure.author);
    untrusted::tame(&text, MOST_TEXT) + "\n"
}
