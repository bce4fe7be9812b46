//! Small ways to get a compiled table wrong.

use portreeve::firewall::{
    AddressRange, Family, bits,
    nft::{Comparison, Key, Operand, Statement, Table, Value},
};

/// A table with one mistake.
pub struct Mutant {
    pub mistake: String,
    pub table: Table,
}

/// All mistakes of every kind in every place.
pub fn all(table: &Table) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (c, chain) in table.chains.iter().enumerate() {
        let mut add = |mistake: String, change: &dyn Fn(&mut Table)| {
            let mut table = table.clone();
            change(&mut table);
            found.push(Mutant { mistake: format!("{}: {mistake}", chain.name), table });
        };
        if let Some(base) = chain.base {
            add("other policy".into(), &|table| table.chains[c].base.as_mut().expect("base").accepts ^= true);
            add("late".into(), &|table| table.chains[c].base.as_mut().expect("base").priority = base.priority + 400);
        }
        for (r, rule) in chain.rules.iter().enumerate() {
            let place = format!("rule {r} ({})", rule.line);
            add(format!("without {place}"), &|table| drop(table.chains[c].rules.remove(r)));
            if r + 1 < chain.rules.len() {
                add(format!("{place} after the next"), &|table| table.chains[c].rules.swap(r, r + 1));
            }
            for (s, statement) in rule.statements.iter().enumerate() {
                let place = format!("{place} statement {s}");
                if rule.statements.len() > 1 {
                    add(format!("without {place}"), &|table| {
                        table.chains[c].rules[r].statements.remove(s);
                    });
                }
                for (mistake, wrong) in statements(statement) {
                    add(format!("{place}: {mistake}"), &|table| table.chains[c].rules[r].statements[s] = wrong.clone());
                }
            }
        }
    }
    found
}

fn statements(statement: &Statement) -> Vec<(String, Statement)> {
    match statement {
        Statement::Match(key, comparison, operand) => {
            let mut found = Vec::new();
            for key in keys(*key) {
                found.push((format!("{key:?}"), Statement::Match(key, *comparison, operand.clone())));
            }
            let other = match comparison {
                Comparison::Is | Comparison::Before => Comparison::IsNot,
                Comparison::IsNot | Comparison::HasAny => Comparison::Is,
                Comparison::From => Comparison::Before,
            };
            found.push((format!("{other:?}"), Statement::Match(*key, other, operand.clone())));
            for operand in operands(operand) {
                found.push((format!("{operand:?}"), Statement::Match(*key, *comparison, operand)));
            }
            found
        }
        Statement::Accept => vec![("drops".into(), Statement::Drop)],
        Statement::Drop | Statement::Reject | Statement::Reset => vec![("accepts".into(), Statement::Accept)],
        Statement::GoTo(target) => vec![
            ("accepts".into(), Statement::Accept),
            ("drops".into(), Statement::Drop),
            ("jumps".into(), Statement::Jump(target.clone())),
        ],
        Statement::Map(keys, entries) => {
            let mut found = vec![("maps one".into(), Statement::Map(keys.clone(), entries[..1].to_vec()))];
            for (index, (places, statement)) in entries.iter().enumerate() {
                for value in values(&places[0]) {
                    let mut entries = entries.clone();
                    entries[index] = ([std::slice::from_ref(&value), &places[1..]].concat(), statement.clone());
                    entries.sort_by_key(|(places, _)| places.iter().map(|place| place.span().0).collect::<Vec<_>>());
                    found.push((format!("maps {value:?}"), Statement::Map(keys.clone(), entries)));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

fn keys(key: Key) -> Vec<Key> {
    match key {
        Key::InputInterface => vec![Key::OutputInterface],
        Key::OutputInterface => vec![Key::InputInterface],
        Key::Source(family) => vec![Key::Destination(family), Key::OriginalDestination(family)],
        Key::OriginalDestination(family) => vec![Key::Source(family), Key::Destination(family)],
        Key::OriginalPort => vec![Key::UdpSourcePort],
        Key::TcpFlags(mask) => vec![Key::TcpFlags(mask >> 1), Key::TcpFlags(mask & !1)],
        Key::IcmpType(Family::V4) => vec![Key::IcmpType(Family::V6)],
        Key::IcmpType(Family::V6) => vec![Key::IcmpType(Family::V4)],
        _ => Vec::new(),
    }
}

fn operands(operand: &Operand) -> Vec<Operand> {
    match operand {
        Operand::One(value) => values(value).into_iter().map(Operand::One).collect(),
        Operand::Any(several) => {
            let mut found = Vec::new();
            for index in 0..several.len() {
                let mut fewer = several.clone();
                fewer.remove(index);
                found.push(Operand::Any(fewer));
                for value in values(&several[index]).into_iter().filter(|value| !several.contains(value)) {
                    let mut wrong = several.clone();
                    wrong[index] = value;
                    found.push(Operand::Any(wrong));
                }
            }
            found
        }
        Operand::Set(name) => match name.strip_prefix("list_") {
            Some(_) => vec![Operand::Set(format!("own_{}", &name[name.len() - 1..]))],
            None => Vec::new(),
        },
    }
}

fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) if *number < 256 => vec![Value::Number(number ^ 1), Value::Number((number + 2) & 0xff)],
        Value::Number(number) if *number <= 0xffff => {
            let swapped = (number >> 8) | ((number & 0xff) << 8);
            vec![Value::Number(number - 1), Value::Number(number + 1), Value::Number(swapped)]
        }
        Value::Number(number) => vec![Value::Number(number / 1000), Value::Number(number * 2)],
        Value::Numbers(first, last) => {
            vec![Value::Numbers(first + 1, *last), Value::Numbers(*first, last - 1), Value::Numbers(*first, last + 1)]
        }
        Value::Word(word) => {
            let others = ["world0", "lan0", "new", "established", "invalid", "snat", "dnat"];
            let state = ["new", "established", "invalid", "related"].contains(&word.as_str());
            let status = ["snat", "dnat"].contains(&word.as_str());
            let fits = |other: &&str| match *other {
                "world0" | "lan0" => !state && !status,
                "snat" | "dnat" => status,
                _ => state,
            };
            let others = others.into_iter().filter(|other| other != word).filter(fits);
            others.map(Value::word).collect()
        }
        Value::Addresses(range) => ranges(*range).into_iter().map(Value::Addresses).collect(),
        Value::Flag(flag) => vec![Value::Flag(!flag)],
    }
}

fn ranges(range: AddressRange) -> Vec<AddressRange> {
    let family = range.family();
    let (first, last) = (bits(range.first()), bits(range.last()));
    let between = |first: u128, last: u128| AddressRange::between(family.address(first), family.address(last));
    let mut found = Vec::new();
    if first < last {
        found.extend(between(first + 1, last));
        found.extend(between(first, last - 1));
        found.extend(between(first, first + (last - first) / 2));
    }
    if last < family.last_bits() {
        found.extend(between(first, last + 1));
    }
    found
}
