//! The programs the helper starts, and the child processes that start them once the helper itself no longer can: one for
//! the kernel's rules, one for the service manager, each confined to its own.

mod child;
mod start;

use std::{
    os::unix::net::UnixStream,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

pub use child::{serve, serve_units, spawn};
pub use start::{lay_cables, observe, watch};

use crate::{boundary::codec, firewall::unit::UnitName};

/// Everything that is ever started. No path is part of it, and no argument but names of units.
#[derive(Debug, Serialize, Deserialize)]
pub enum Job {
    /// `nft` lists all tables without the members of their sets.
    List,
    /// `nft` carries out a transaction.
    Commit(String),
    /// This program rehearses in a network namespace of its own.
    Rehearse(String),
    /// `systemctl` tells about units.
    Show(Vec<UnitName>),
    /// `systemctl` changes units.
    Change(Change, Vec<UnitName>),
    /// An `iptables-save` prints its tables.
    Save(Saver),
}

/// One of the programs called `iptables-save`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Saver {
    /// IPv4, tables that iptables keeps in nftables.
    Iptables,
    /// IPv6.
    Ip6tables,
    /// IPv4, tables of the old iptables.
    LegacyIptables,
    /// IPv6.
    LegacyIp6tables,
}

/// What is ever done to units. Starting and stopping is only ordered, not waited for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Change {
    Start,
    Stop,
    Enable,
    EnableUntilBoot,
    Disable,
    DisableUntilBoot,
    Mask,
    Unmask,
    /// The first name is what is to start the others along.
    AddWants,
}

/// What a program wrote to its standard output, or why it failed.
pub type Outcome = Result<String, Fault>;

/// Why a program did not do its job.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    /// It says so itself: nothing was done.
    #[error("{0}")]
    Failed(String),
    /// It was not heard to the end: it may have done something.
    #[error("{0}")]
    Unheard(String),
}

/// The longest message between the helper and its child in bytes: a transaction, or the listing of a busy host.
const MESSAGE_BYTES: u32 = 128 * 1024 * 1024;

/// Who starts the programs.
pub enum Programs {
    /// This process itself.
    Direct,
    /// The children. What takes long doesn't hold up our own table: each has a connection of its own.
    Child {
        /// For what reads or changes our table.
        kernel: Mutex<UnixStream>,
        /// For rehearsals, and for what others say of their tables.
        rehearsal: Mutex<UnixStream>,
        /// For the service manager.
        units: Mutex<UnixStream>,
    },
}

impl Programs {
    /// Has a job done.
    pub fn run(&self, job: &Job) -> Outcome {
        let connection = match (self, job) {
            (Self::Direct, _) => return start::run(job),
            (Self::Child { kernel, .. }, Job::List | Job::Commit(_)) => kernel,
            (Self::Child { rehearsal, .. }, Job::Rehearse(_) | Job::Save(_)) => rehearsal,
            (Self::Child { units, .. }, Job::Show(_) | Job::Change(..)) => units,
        };
        // The child answers each job in turn, whoever asked for it.
        let mut stream = connection.lock().unwrap_or_else(PoisonError::into_inner);
        codec::write(&mut *stream, job, MESSAGE_BYTES).map_err(lost)?;
        codec::read(&mut *stream, MESSAGE_BYTES).map_err(lost)?
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
fn lost(error: codec::Error) -> Fault {
    Fault::Unheard(format!("the process that starts programs can't be asked: {error}"))
}
