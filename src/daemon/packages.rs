//! Keeps finding out from which packages the programs are that listen.

use std::{collections::BTreeSet, path::Path, time::Duration};

use tokio::{task::spawn_blocking, time::interval};

use crate::{
    actions::{Actions, ListenersView},
    host::packages::{DPKG, Finder},
};

/// How often it is looked whether there are new programs or packages.
const LOOK: Duration = Duration::from_secs(10);

/// Looks again and again. Ends when dpkg's database can't be read.
pub(super) async fn watch(actions: Actions) {
    let mut ticks = interval(LOOK);
    let mut finder = Finder::new(Path::new(DPKG));
    loop {
        ticks.tick().await;
        let executables = executables(&actions.listeners());
        let find = move || (finder.find(&executables), finder);
        let Ok((found, same)) = spawn_blocking(find).await else { return };
        finder = same;
        match found {
            Ok(packages) => actions.note_packages(packages),
            Err(error) => {
                tracing::warn!(%error, "the packages of programs can't be found in {DPKG}");
                return;
            }
        }
    }
}

fn executables(view: &ListenersView) -> BTreeSet<String> {
    let processes = view.listing.listeners.iter().flat_map(|listener| &listener.processes);
    processes.filter_map(|process| process.executable.clone()).collect()
}
