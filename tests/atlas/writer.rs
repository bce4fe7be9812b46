//! Writes small databases in MaxMind's format, as its specification has it: a tree of bits, values, and what they are.

use serde_json::{Value, json};

const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Half of a node.
#[derive(Clone, Copy)]
enum Half {
    Nothing,
    Node(usize),
    Data(usize),
}

/// A database of version 6 with these values. Whole numbers become 32 bits wide.
pub fn database(kind: &str, entries: &[(&str, Value)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Half::Nothing; 2]], Vec::new());
    for (prefix, value) in entries {
        let (bits, length) = bits_of(prefix);
        let offset = data.len();
        encode(value, &mut data);
        insert(&mut nodes, bits, length, offset);
    }
    let mut file = Vec::new();
    for half in nodes.iter().flatten() {
        let number = match half {
            Half::Nothing => nodes.len(),
            Half::Node(number) => *number,
            Half::Data(offset) => nodes.len() + 16 + offset,
        };
        file.extend(&u32::try_from(number).expect("a small database").to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(MARKER);
    encode(
        &json!({
            "node_count": nodes.len(), "record_size": 24, "ip_version": 6, "database_type": kind,
            "languages": ["en"], "binary_format_major_version": 2, "binary_format_minor_version": 0,
            "build_epoch": 1_790_000_000, "description": {"en": "made by a test"}
        }),
        &mut file,
    );
    file
}

/// IPv4 lies below `::/96`.
fn bits_of(prefix: &str) -> (u128, u32) {
    let (address, length) = prefix.split_once('/').expect("a prefix");
    let length: u32 = length.parse().expect("a length");
    match address.parse().expect("an address") {
        std::net::IpAddr::V4(address) => (u128::from(u32::from(address)), length + 96),
        std::net::IpAddr::V6(address) => (u128::from(address), length),
    }
}

fn insert(nodes: &mut Vec<[Half; 2]>, bits: u128, length: u32, offset: usize) {
    let mut node = 0;
    for depth in 0..length {
        let side = usize::from(bits >> (127 - depth) & 1 == 1);
        if depth + 1 == length {
            nodes[node][side] = Half::Data(offset);
            return;
        }
        let next = match nodes[node][side] {
            Half::Node(next) => next,
            Half::Nothing | Half::Data(_) => {
                nodes.push([Half::Nothing; 2]);
                nodes.len() - 1
            }
        };
        nodes[node][side] = Half::Node(next);
        node = next;
    }
}

/// The fields of the metadata that have a width of their own.
fn width_of(name: &str) -> (u8, usize) {
    match name {
        "record_size" | "ip_version" | "binary_format_major_version" | "binary_format_minor_version" => (5, 2),
        "build_epoch" => (9, 8),
        _ => (6, 4),
    }
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    encode_named("", value, out);
}

fn encode_named(name: &str, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => {
            head(2, text.len(), out);
            out.extend(text.bytes());
        }
        Value::Number(number) => {
            let (kind, width) = width_of(name);
            let bytes = number.as_u64().expect("a whole number").to_be_bytes();
            head(kind, width, out);
            out.extend(&bytes[8 - width..]);
        }
        Value::Array(values) => {
            head(11, values.len(), out);
            for value in values {
                encode(value, out);
            }
        }
        Value::Object(fields) => {
            head(7, fields.len(), out);
            for (name, value) in fields {
                encode(&Value::String(name.clone()), out);
                encode_named(name, value, out);
            }
        }
        Value::Null | Value::Bool(_) => panic!("no test has {value}"),
    }
}

/// The control byte, the second one of the later types, and more of the size.
fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (short, more): (usize, Option<Vec<u8>>) = match size {
        0..29 => (size, None),
        29..285 => (29, Some(vec![u8::try_from(size - 29).expect("it fits")])),
        _ => (30, Some(u16::try_from(size - 285).expect("no test has more").to_be_bytes().to_vec())),
    };
    let short = u8::try_from(short).expect("five bits");
    if kind <= 7 {
        out.push(kind << 5 | short);
    } else {
        out.extend([short, kind - 7]);
    }
    out.extend(more.into_iter().flatten());
}
