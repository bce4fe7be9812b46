//! Reads what `iptables-save` and `ip6tables-save` print: the tables of Docker, ufw, fail2ban and others.

mod connection;
mod header;
mod lines;
mod matches;
mod pieces;
mod recent;
mod rule;
mod target;
mod value;

use super::{Base, Chain, Hook, Kind, Members, Set, Span, Table};
use crate::firewall::Family;

/// Reads all tables of a family.
///
/// # Errors
/// When the text as a whole isn't what these programs print. A rule that isn't understood is no error: it is kept as
/// words.
pub fn read(family: Family, text: &str) -> Result<Vec<Table>, String> {
    let mut tables: Vec<Table> = Vec::new();
    let mut is_open = false;
    for line in lines::split(text)? {
        match (line.text.as_bytes().first(), tables.last_mut().filter(|_| is_open)) {
            (Some(b'*'), None) => {
                tables.push(table(family, &line.text[1..]));
                is_open = true;
            }
            (Some(b':'), Some(table)) => table.chains.push(chain(&table.name, &line.text[1..])?),
            (Some(b'-'), Some(table)) => add_rule(table, family, &line)?,
            (Some(b'C'), Some(_)) if line.text == "COMMIT" => is_open = false,
            _ => return Err(strange(&line)),
        }
    }
    if is_open { Err("the text ends within a table".to_owned()) } else { Ok(tables) }
}

fn strange(line: &lines::Line) -> String {
    format!("this line isn't understood: {}", line.tamed())
}

fn table(family: Family, name: &str) -> Table {
    let (span, name) = (Span::One(family), name.to_owned());
    Table { span, name, is_dormant: false, chains: Vec::new(), sets: Vec::new() }
}

/// A chain's declaration: its name, and for a base chain its policy.
fn chain(table: &str, text: &str) -> Result<Chain, String> {
    let mut words = text.split_ascii_whitespace();
    let (name, policy) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let base = match policy {
        "-" => None,
        _ => Some(base(table, name, policy).ok_or_else(|| format!("table {table} has a base chain {name} {policy}"))?),
    };
    Ok(Chain { name: name.to_owned(), base, rules: Vec::new() })
}

/// Where iptables has the kernel call a chain.
fn base(table: &str, name: &str, policy: &str) -> Option<Base> {
    let hook = match name {
        "PREROUTING" => Hook::Prerouting,
        "INPUT" => Hook::Input,
        "FORWARD" => Hook::Forward,
        "OUTPUT" => Hook::Output,
        "POSTROUTING" => Hook::Postrouting,
        _ => return None,
    };
    let (kind, priority) = match (table, hook) {
        ("raw", _) => (Kind::Filter, -300),
        ("mangle", Hook::Output) => (Kind::Route, -150),
        ("mangle", _) => (Kind::Filter, -150),
        ("nat", Hook::Prerouting | Hook::Output) => (Kind::Nat, -100),
        ("nat", _) => (Kind::Nat, 100),
        ("filter", _) => (Kind::Filter, 0),
        ("security", _) => (Kind::Filter, 50),
        _ => return None,
    };
    let accepts = match policy {
        "ACCEPT" => true,
        "DROP" => false,
        _ => return None,
    };
    Some(Base { kind, hook, priority, accepts, devices: Vec::new() })
}

fn add_rule(table: &mut Table, family: Family, line: &lines::Line) -> Result<(), String> {
    let [append, name, words @ ..] = line.words.as_slice() else { return Err(strange(line)) };
    let names: Vec<&str> = table.chains.iter().map(|chain| chain.name.as_str()).collect();
    let read = rule::read(family, &names, words);
    for set in read.sets {
        if table.sets.iter().all(|known| known.name != set) {
            table.sets.push(Set { name: set, members: Members::Unread });
        }
    }
    let chain = table.chains.iter_mut().find(|chain| append == "-A" && chain.name == *name);
    let statements = read.statements;
    chain.ok_or_else(|| strange(line))?.rules.push(super::Rule { statements, words: line.tamed() });
    Ok(())
}

#[cfg(test)]
mod tests;
