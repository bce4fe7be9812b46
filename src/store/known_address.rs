//! From where each user signed in before.

use std::{fmt, net::IpAddr};

use super::{Error, Store, UserId, WriteTx};
use crate::firewall::Moment;

/// The part of an address that one person holds: a whole IPv4 address, the first 64 bits of an IPv6 one (a single
/// machine can take any of the 2^64 addresses behind them).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressPrefix(IpAddr);

impl AddressPrefix {
    /// The prefix of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        })
    }
}

impl AddressPrefix {
    /// Its first address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.0
    }

    /// Reads what [`fmt::Display`] wrote.
    fn parse(text: &str) -> Option<Self> {
        text.strip_suffix("/64").unwrap_or(text).parse().ok().map(Self::of)
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

impl fmt::Debug for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Store {
    /// Lists from where anybody signed in after `since`, each place once.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_known_addresses(&self, since: Moment) -> Result<Vec<AddressPrefix>, Error> {
        let prefixes: Vec<String> =
            sqlx::query_scalar("select distinct prefix from known_address where last_signed_in_at > ?")
                .bind(since.as_millis())
                .fetch_all(&self.readers)
                .await?;
        parse_all(&prefixes)
    }

    /// Lists from where administrators signed in after `since`, each place once.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_administrators_addresses(&self, since: Moment) -> Result<Vec<AddressPrefix>, Error> {
        let prefixes: Vec<String> = sqlx::query_scalar(
            "select distinct prefix from known_address join user on user.id = known_address.user_id
             where last_signed_in_at > ? and user.role = 'administrator'",
        )
        .bind(since.as_millis())
        .fetch_all(&self.readers)
        .await?;
        parse_all(&prefixes)
    }
}

fn parse_all(prefixes: &[String]) -> Result<Vec<AddressPrefix>, Error> {
    let inconsistent = Error::Inconsistent { table: "known_address", column: "prefix" };
    prefixes.iter().map(|prefix| AddressPrefix::parse(prefix)).collect::<Option<_>>().ok_or(inconsistent)
}

impl WriteTx {
    /// Notes that the user signed in from there, now.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn set_known_address(&mut self, user: UserId, prefix: AddressPrefix) -> Result<(), Error> {
        sqlx::query(
            "insert into known_address (user_id, prefix, last_signed_in_at) values (?, ?, ?)
             on conflict (user_id, prefix) do update set last_signed_in_at = excluded.last_signed_in_at",
        )
        .bind(user.as_i64())
        .bind(prefix.to_string())
        .bind(self.now().as_millis())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets from where the user signed in; some of it may have been the one who stole the password.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_known_addresses(&mut self, user: UserId) -> Result<(), Error> {
        let forget = sqlx::query("delete from known_address where user_id = ?");
        forget.bind(user.as_i64()).execute(self.connection()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_what_one_person_holds() {
        let prefix = |text: &str| AddressPrefix::of(text.parse().unwrap()).to_string();
        assert_eq!(prefix("198.51.100.7"), "198.51.100.7");
        assert_eq!(prefix("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(prefix("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(prefix("2001:db8:1:2::"), "2001:db8:1:2::/64");
        assert_ne!(prefix("2001:db8:1:3::"), prefix("2001:db8:1:2::"));
        for written in ["198.51.100.7", "2001:db8:1:2::/64"] {
            assert_eq!(AddressPrefix::parse(written).unwrap().to_string(), written);
        }
        assert_eq!(AddressPrefix::parse("home"), None);
    }
}
