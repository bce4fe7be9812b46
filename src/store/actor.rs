//! In whose name a change is made.

use std::net::IpAddr;

use super::{UserId, UserName};

/// Who acts. No write transaction opens without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in user.
    User {
        /// The account.
        id: UserId,
        /// Its name at the time.
        name: UserName,
        /// Where the request came from.
        address: IpAddr,
        /// By what he has proved who he is.
        strength: Strength,
    },
    /// Somebody who hasn't proved who he is.
    Stranger {
        /// Where the request came from.
        address: IpAddr,
    },
    /// Somebody at the host's command line.
    Console {
        /// The user id the command was started with.
        uid: u32,
    },
    /// Portreeve itself.
    System,
}

/// How sure it is who a signed-in user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// He knew the password.
    Password,
    /// He knew the password and showed a code of his second factor.
    Code,
}

impl Actor {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Stranger { .. } => "stranger",
            Self::Console { .. } => "console",
            Self::System => "system",
        }
    }

    pub(super) fn id(&self) -> Option<i64> {
        match self {
            Self::User { id, .. } => Some(id.as_i64()),
            Self::Console { uid } => Some(i64::from(*uid)),
            Self::Stranger { .. } | Self::System => None,
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::User { name, .. } => Some(name.as_str()),
            Self::Stranger { .. } | Self::Console { .. } | Self::System => None,
        }
    }

    pub(super) fn address(&self) -> Option<String> {
        match self {
            Self::User { address, .. } | Self::Stranger { address } => Some(address.to_string()),
            Self::Console { .. } | Self::System => None,
        }
    }

    /// By what it is known who acted.
    pub(super) const fn strength(&self) -> &'static str {
        match self {
            Self::User { strength: Strength::Password, .. } => "password",
            Self::User { strength: Strength::Code, .. } => "code",
            Self::Console { .. } => "console",
            Self::Stranger { .. } | Self::System => "",
        }
    }
}

/// Somebody as the history names him: `anna from 192.0.2.1`, `root on the console`.
pub(super) fn printed(kind: &str, id: Option<i64>, name: Option<&str>, address: Option<&str>) -> String {
    match (kind, name, address, id) {
        ("user", Some(name), Some(address), _) => format!("{name} from {address}"),
        ("user", Some(name), None, _) => name.to_owned(),
        ("console", .., Some(0)) => "root on the console".to_owned(),
        ("console", .., Some(uid)) => format!("user {uid} on the console"),
        _ => "Portreeve".to_owned(),
    }
}
