//! The host's users, from `/etc/passwd` alone: no NSS module runs inside the privileged process.

use std::{collections::BTreeMap, fs};

use super::Fault;

const PASSWD: &str = "/etc/passwd";

/// One line of the user database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The login name.
    pub name: String,
    /// The user id.
    pub uid: u32,
    /// The primary group's id.
    pub gid: u32,
}

/// Finds a user by name or by number.
pub fn find(user: &str) -> Result<Account, Fault> {
    let text = fs::read(PASSWD).map_err(Fault::Accounts)?;
    let number = user.parse().ok();
    parse(&text)
        .find(|account| account.name == user || Some(account.uid) == number)
        .ok_or_else(|| Fault::UnknownUser(user.to_owned()))
}

/// The names of all users by id; the first line of an id wins, as in the C library. Empty when unreadable.
pub fn names() -> BTreeMap<u32, String> {
    let text = fs::read(PASSWD).unwrap_or_default();
    let accounts: Vec<Account> = parse(&text).collect();
    accounts.into_iter().rev().map(|account| (account.uid, account.name)).collect()
}

fn parse(text: &[u8]) -> impl Iterator<Item = Account> {
    text.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = str::from_utf8(line).ok()?.split(':');
        let (name, _password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        (!name.is_empty()).then_some(())?;
        Some(Account { name: name.to_owned(), uid: uid.parse().ok()?, gid: gid.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_accounts() {
        let text =
            b"root:x:0:0:root:/root:/bin/sh\n# note\n\nweb:x:33:34::/:\nbad:x:-1:0::\n:x:5:5::\ncut:x:7\n\xff:x:8:8:";
        let accounts: Vec<_> = parse(text).map(|account| (account.name, account.uid, account.gid)).collect();
        assert_eq!(accounts, [("root".to_owned(), 0, 0), ("web".to_owned(), 33, 34)]);
    }

    #[test]
    fn a_user_is_found_by_name_and_by_number() {
        assert_eq!(find("root").unwrap(), find("0").unwrap());
        assert!(matches!(find("no such user"), Err(Fault::UnknownUser(_))));
    }
}
