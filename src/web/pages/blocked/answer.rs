//! The page's first sentence.

use super::filter::Filter;
use crate::{
    firewall::{aim::Aim, catalogue},
    store::{DoorSums, SourceSums},
    web::kit::words,
};

/// More sources than this that make up half are nothing remarkable.
const FEW: usize = 10;

/// `11,204 attempts from 873 addresses in 24 h; most at 22/tcp (SSH); 3 sources make up half.`
#[must_use]
pub fn sentence(filter: &Filter, doors: &DoorSums, sources: &SourceSums) -> String {
    let time = filter.time_words();
    let noun = if filter.is_let_in() { "recorded connection" } else { "attempt" };
    if doors.packets == 0 {
        return nothing(filter, &time);
    }
    let since = doors.since.is_some();
    let count = words::count(number(doors.packets), noun);
    let from = sources.sources.filter(|_| sources.since.is_none()).map(|sources| {
        let addresses = if sources == 1 { "address" } else { "addresses" };
        format!(" from {} {addresses}", words::grouped(number(sources)))
    });
    let parts = [
        Some(format!("{}{count}{} {time}", if since { "At least " } else { "" }, from.unwrap_or_default())),
        most(filter, doors),
        half(doors, sources),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    words::sentence(&parts.join("; "))
}

fn nothing(filter: &Filter, time: &str) -> String {
    if filter.is_let_in() {
        format!("Nothing that was let in was recorded {time}.")
    } else if filter.is_observed() {
        format!("Nothing would have been turned away {time}.")
    } else {
        format!("Nothing was turned away {time}.")
    }
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where most of it went, unless the filter says it already.
fn most(filter: &Filter, doors: &DoorSums) -> Option<String> {
    let first = doors.ports.first().filter(|first| first.port.is_some() && filter.aim_text().is_empty())?;
    let aim = Aim { protocol: first.protocol, port: first.port };
    let known = aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
    let name = known.map(|service| format!(" ({})", service.name)).unwrap_or_default();
    let all = if doors.ports.len() == 1 { "all" } else { "most" };
    Some(format!("{all} at {aim}{name}"))
}

/// How few sources make up half of it.
fn half(doors: &DoorSums, sources: &SourceSums) -> Option<String> {
    let whole = if sources.since.is_some() || doors.since.is_some() { return None } else { doors.packets };
    let mut sum = 0_u64;
    let enough = sources.most.iter().position(|source| {
        sum = sum.saturating_add(source.packets);
        sum.saturating_mul(2) >= whole
    });
    let few = enough? + 1;
    let is_remarkable = few <= FEW && sources.most.len() > few * 2;
    let verb = if few == 1 { "makes" } else { "make" };
    is_remarkable.then(|| format!("{} {verb} up half", words::count(few, "source")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        firewall::blocked::Source,
        store::{PortSum, SourceSum},
    };

    fn doors(packets: u64) -> DoorSums {
        let port = |port, packets| PortSum { protocol: Some(6), port: Some(port), packets };
        DoorSums { packets, ports: vec![port(22, packets / 2), port(23, 1)], ..DoorSums::default() }
    }

    fn sources(packets: &[u64]) -> SourceSums {
        let source = Source::Address([203, 0, 113, 9].into());
        let most = packets.iter().map(|packets| SourceSum { source, packets: *packets }).collect();
        SourceSums { sources: u64::try_from(packets.len()).ok(), most, ..SourceSums::default() }
    }

    #[test]
    fn the_sentence_tells_how_many_from_whom_where_and_how_few_make_up_half() {
        let few = sources(&[3000, 2000, 700, 400, 300, 200, 100]);
        assert_eq!(
            sentence(&Filter::default(), &doors(11_204), &few),
            "11,204 attempts from 7 addresses in 24 h; most at 22/tcp (SSH); 3 sources make up half."
        );
        assert_eq!(sentence(&Filter::default(), &doors(0), &sources(&[])), "Nothing was turned away in 24 h.");
        let one = sentence(&Filter::default(), &doors(1), &sources(&[1]));
        assert_eq!(one, "1 attempt from 1 address in 24 h; most at 22/tcp (SSH).");
    }
}
