//! Reads the entries of the catalogue.

use std::ops::RangeInclusive;

use super::{Need, Service};
use crate::firewall::listener::Transport;

/// Reads all blocks of `text`. The error names the line that can't be read.
pub(super) fn services(text: &'static str) -> Result<Vec<Service>, String> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty() && !block.starts_with('#'));
    blocks.map(service).collect()
}

fn service(block: &'static str) -> Result<Service, String> {
    let mut lines = block.lines();
    let head = lines.next().unwrap_or_default();
    let (ports, transports, name, need) = heading(head).ok_or_else(|| format!("not a heading: {head}"))?;
    let purpose = lines.next().ok_or_else(|| format!("{name} has no purpose"))?;
    let advice = lines.next().map(|line| line.strip_prefix("> ").ok_or_else(|| format!("not advice: {line}")));
    match lines.next() {
        Some(line) => Err(format!("one line too many: {line}")),
        None => Ok(Service { ports, transports, name, purpose, need, advice: advice.transpose()? }),
    }
}

type Heading = (RangeInclusive<u16>, &'static [Transport], &'static str, Need);

fn heading(line: &'static str) -> Option<Heading> {
    let (port, rest) = line.split_once(' ')?;
    let (name, need) = rest.strip_suffix(']')?.rsplit_once(" [")?;
    let (ports, transports) = port.split_once('/')?;
    Some((range(ports)?, transports_named(transports)?, name, need_named(need)?))
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok()?..=last.parse().ok()?;
    (!range.is_empty()).then_some(range)
}

fn transports_named(word: &str) -> Option<&'static [Transport]> {
    match word {
        "tcp" => Some(&[Transport::Tcp]),
        "udp" => Some(&[Transport::Udp]),
        "tcp+udp" => Some(&[Transport::Tcp, Transport::Udp]),
        _ => None,
    }
}

fn need_named(word: &str) -> Option<Need> {
    match word {
        "needed" => Some(Need::Needed),
        "depends" => Some(Need::Depends),
        "not needed" => Some(Need::NotNeeded),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read() {
        let found =
            services("# Comment\n\n6000-6063/tcp X11 [not needed]\nDraws windows.\n> Turn it off.\n").expect("reads");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].ports, 6000..=6063);
        assert_eq!(found[0].need, Need::NotNeeded);
        assert_eq!(found[0].advice, Some("Turn it off."));
    }

    #[test]
    fn what_isnt_an_entry_is_refused() {
        for block in [
            "22/tcp SSH\nShell.",
            "22/sctp SSH [needed]\nShell.",
            "99999/tcp X [needed]\nShell.",
            "9-7/tcp X [needed]\nShell.",
            "22/tcp SSH [maybe]\nShell.",
            "22/tcp SSH [needed]",
            "22/tcp SSH [needed]\nShell.\nNo mark.",
            "22/tcp SSH [needed]\nShell.\n> Keys.\n> More.",
        ] {
            assert!(service(block).is_err(), "{block}");
        }
    }
}
