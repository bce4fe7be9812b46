//! A row of the record as other programs read it: the columns of a file, the fields of JSON.

use serde::Serialize;

use super::{blocked::Blocked, instant};

/// A row in plain texts and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// When the first packet came, RFC 3339.
    pub first: String,
    /// When the last one came.
    pub last: String,
    /// How many.
    pub packets: u64,
    /// Who: an address, a network of which several knocked, or `many`.
    pub source: String,
    /// The port they came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
    /// The address they came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// `22/tcp`, `icmp/8`.
    pub to: String,
    /// The interface they came in by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_in: Option<String>,
    /// The interface they were to leave by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_out: Option<String>,
    /// The line that decided.
    pub line: String,
    /// The revision whose line it was.
    pub revision: u64,
    /// What happened, or would have.
    pub action: &'static str,
}

impl From<&Blocked> for Record {
    fn from(row: &Blocked) -> Self {
        let door = &row.door;
        Self {
            first: instant::print(row.first),
            last: instant::print(row.last),
            packets: row.count,
            source: row.source.addresses().map_or_else(|| "many".to_owned(), |addresses| addresses.to_string()),
            source_port: row.source_port,
            destination: door.destination.map(|address| address.to_string()),
            to: door.aim().to_string(),
            interface_in: door.incoming.as_ref().map(ToString::to_string),
            interface_out: door.outgoing.as_ref().map(ToString::to_string),
            line: door.receipt.line.to_string(),
            revision: door.receipt.revision,
            action: door.receipt.deed(),
        }
    }
}
