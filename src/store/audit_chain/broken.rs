//! How a chain can be broken, in sentences a person can act on.

/// The first thing that is wrong with the audit log, by the number of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The record isn't what was written, or the link before it isn't.
    #[error("record {id} was changed after it was written, or put in the place of another")]
    Changed {
        /// The record's number.
        id: i64,
    },
    /// The record is gone.
    #[error("record {id} was removed")]
    Removed {
        /// The record's number.
        id: i64,
    },
    /// No link belongs to the record.
    #[error("record {id} wasn't written by Portreeve: no link of the chain belongs to it")]
    Added {
        /// The record's number.
        id: i64,
    },
    /// The newest records are gone.
    #[error("the newest records were removed, from record {id} on")]
    CutOff {
        /// The first that is missing.
        id: i64,
    },
    /// All links were taken away and made anew.
    #[error(
        "the chain was taken away and begun anew at record {id}: what it says of the records before is worth nothing"
    )]
    BegunAgain {
        /// The record that tells of it.
        id: i64,
    },
    /// The log has another link for the record.
    #[error(
        "record {id} isn't the one that was logged: the records up to it were written anew, or a backup was put back"
    )]
    NotAsLogged {
        /// The record's number.
        id: i64,
    },
}

impl Broken {
    /// The record that is named.
    #[must_use]
    pub const fn record(self) -> i64 {
        match self {
            Self::Changed { id }
            | Self::Removed { id }
            | Self::Added { id }
            | Self::CutOff { id }
            | Self::BegunAgain { id }
            | Self::NotAsLogged { id } => id,
        }
    }

    /// One word for programs.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Removed { .. } => "removed",
            Self::Added { .. } => "added",
            Self::CutOff { .. } => "cut_off",
            Self::BegunAgain { .. } => "begun_again",
            Self::NotAsLogged { .. } => "not_as_logged",
        }
    }
}
