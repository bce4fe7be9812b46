//! `portreeve unban ADDRESS`

use serde::Serialize;

use super::console::Console;
use crate::{actions::HelperSocket, firewall::AddressRange};

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Unban {
    /// The address, or a prefix with every ban in it.
    address: AddressRange,
    #[command(flatten)]
    console: Console,
}

#[derive(Serialize)]
struct Lifted {
    lifted: Vec<AddressRange>,
}

impl Unban {
    /// Lifts every ban that holds the address, and those within it.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let bans = self.console.ask(HelperSocket::read_bans)?;
        let concerned = |range: &AddressRange| range.covers(self.address) || self.address.covers(*range);
        let lifted: Vec<AddressRange> = bans.into_iter().map(|ban| ban.addresses).filter(concerned).collect();
        if !lifted.is_empty() {
            self.console.ask(|helper| helper.set_members(Vec::new(), lifted.clone()))?;
        }
        let words = self.words(&lifted);
        self.console.print(&Lifted { lifted }, &words)
    }

    fn words(&self, lifted: &[AddressRange]) -> String {
        let mut lines: Vec<String> = lifted.iter().map(|range| format!("The ban of {range} is lifted.")).collect();
        if lifted.is_empty() {
            lines.push(format!("No ban keeps {} out.", self.address));
        }
        lines.push("What the rules say: portreeve explain --from ADDRESS --to PORT/PROTOCOL\n".to_owned());
        lines.join("\n")
    }
}
