//! Reads the databases about addresses whenever somebody puts a new one there.

use std::{path::PathBuf, time::Duration};

use tokio::{task::spawn_blocking, time::interval};

use crate::{actions::Actions, host::geography::Shelf};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_secs(15);

/// Looks again and again.
pub(super) async fn watch(actions: Actions, state_dir: PathBuf) {
    let mut ticks = interval(LOOK);
    let mut shelf = Shelf::new(&state_dir);
    loop {
        ticks.tick().await;
        let Ok((found, same)) = spawn_blocking(move || (shelf.read_if_changed(), shelf)).await else { return };
        shelf = same;
        let Some(geography) = found else { continue };
        for volume in &geography.volumes {
            match &volume.fault {
                Some(fault) => tracing::warn!(file = %volume.file, %fault, "a database about addresses is left out"),
                None => {
                    tracing::info!(file = %volume.file, kind = %volume.kind, "a database about addresses is in use");
                }
            }
        }
        actions.note_geography(geography);
    }
}
