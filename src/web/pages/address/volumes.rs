//! The databases that say where addresses are.

use crate::{
    firewall::{Moment, whereabouts::Volume},
    web::kit::{Shown, Stamp},
};

const LONGEST_NAME: usize = 60;
const LONGEST_REASON: usize = 200;

/// One of them.
#[derive(Debug)]
pub(super) struct VolumeRow {
    pub file: Shown,
    pub kind: Shown,
    pub built: Option<Stamp>,
    pub fault: Option<Shown>,
}

impl VolumeRow {
    pub fn new(volume: &Volume, now: Moment) -> Self {
        Self {
            file: Shown::new(&volume.file, LONGEST_NAME),
            kind: Shown::new(&volume.kind, LONGEST_NAME),
            built: volume.built_at.map(|at| Stamp::new(at, now)),
            fault: volume.fault.as_ref().map(|fault| Shown::new(fault, LONGEST_REASON)),
        }
    }
}
