//! The facets: what stands out, each a link to the page with that filter.

use std::collections::BTreeMap;

use super::{filter::Filter, row::LineLink};
use crate::{
    firewall::{
        aim::{Aim, protocol_name},
        blocked::Source,
        catalogue,
        whereabouts::Geography,
    },
    store::{DoorSums, SourceSums},
    web::kit::{Located, words},
};

/// Values that a facet lists.
const LISTED: usize = 6;

/// One list.
#[derive(Debug, Clone)]
pub struct Facet {
    /// What its values are.
    pub title: &'static str,
    /// The values, the most frequent first.
    pub values: Vec<Value>,
}

/// One value.
#[derive(Debug, Clone)]
pub struct Value {
    /// The value.
    pub text: String,
    /// What it is known for.
    pub note: Option<String>,
    /// How many packets.
    pub packets: String,
    /// The page with this filter; none where nobody can filter by it.
    pub href: Option<String>,
    /// Whether the text is an address, a port or a name of the system.
    pub is_mono: bool,
}

/// Every facet that has something to choose from.
pub(super) fn facets(filter: &Filter, doors: &DoorSums, sources: &SourceSums, geography: &Geography) -> Vec<Facet> {
    let all = [
        Facet { title: "Sources", values: of_sources(filter, sources) },
        Facet { title: "Networks", values: of_networks(filter, sources) },
        Facet { title: "Countries of the top sources", values: of_countries(sources, geography) },
        Facet { title: "Ports", values: of_ports(filter, doors) },
        Facet { title: "Rules", values: of_lines(filter, doors) },
        Facet { title: "Protocols", values: of_protocols(filter, doors) },
        Facet { title: "Interfaces", values: of_interfaces(filter, doors) },
    ];
    all.into_iter().filter(|facet| !facet.values.is_empty()).collect()
}

fn value(text: String, packets: u64, href: Option<String>) -> Value {
    let packets = words::grouped(usize::try_from(packets).unwrap_or(usize::MAX));
    Value { text, note: None, packets, href, is_mono: true }
}

fn of_sources(filter: &Filter, sums: &SourceSums) -> Vec<Value> {
    let made = sums.most.iter().take(LISTED).map(|sum| {
        let addresses = sum.source.addresses();
        let text = addresses.map_or_else(|| "many".to_owned(), |addresses| addresses.to_string());
        let href = addresses.map(|addresses| filter.of_source(addresses).address());
        let note = (!matches!(sum.source, Source::Address(_))).then(|| "several".to_owned());
        Value { note, ..value(text, sum.packets, href) }
    });
    made.collect()
}

fn of_networks(filter: &Filter, sums: &SourceSums) -> Vec<Value> {
    let made = sums.networks.iter().take(LISTED).map(|sum| {
        let sources = words::count(usize::try_from(sum.sources).unwrap_or(usize::MAX), "source");
        let href = filter.of_source(sum.network).address();
        Value { note: Some(sources), ..value(sum.network.to_string(), sum.packets, Some(href)) }
    });
    made.collect()
}

/// Only of the sources that sent most: the record doesn't hold countries, and nobody can filter by them.
fn of_countries(sums: &SourceSums, geography: &Geography) -> Vec<Value> {
    let mut countries: BTreeMap<String, u64> = BTreeMap::new();
    for sum in &sums.most {
        let located = sum.source.addresses().and_then(|source| Located::new(&geography.of(source)));
        if let Some(country) = located.and_then(|located| located.country) {
            let packets = countries.entry(country.short).or_default();
            *packets = packets.saturating_add(sum.packets);
        }
    }
    let mut countries: Vec<(String, u64)> = countries.into_iter().collect();
    countries.sort_by_key(|(_, packets)| std::cmp::Reverse(*packets));
    let made = countries.into_iter().take(LISTED);
    made.map(|(country, packets)| Value { is_mono: false, ..value(country, packets, None) }).collect()
}

fn of_ports(filter: &Filter, sums: &DoorSums) -> Vec<Value> {
    let made = sums.ports.iter().filter(|sum| sum.port.is_some()).take(LISTED).map(|sum| {
        let aim = Aim { protocol: sum.protocol, port: sum.port };
        let known = aim.transport().zip(aim.port).and_then(|(transport, port)| catalogue::find(port, transport));
        let note = known.map(|service| service.name.to_owned());
        Value { note, ..value(aim.to_string(), sum.packets, Some(filter.of_aim(aim).address())) }
    });
    made.collect()
}

fn of_lines(filter: &Filter, sums: &DoorSums) -> Vec<Value> {
    let made = sums.lines.iter().take(LISTED).map(|(line, packets)| {
        let link = LineLink::new(*line);
        let is_mono = link.href.is_some();
        Value { is_mono, ..value(link.text, *packets, Some(filter.of_line(*line).address())) }
    });
    made.collect()
}

/// With one protocol there is nothing to choose.
fn of_protocols(filter: &Filter, sums: &DoorSums) -> Vec<Value> {
    let several = sums.protocols.len() > 1;
    let known = sums.protocols.iter().filter(|_| several).take(LISTED);
    let made = known.filter_map(|(protocol, packets)| {
        let number = (*protocol)?;
        let aim = Aim { protocol: Some(number), port: None };
        let text = protocol_name(number).map_or_else(|| aim.to_string(), str::to_uppercase);
        Some(Value { is_mono: false, ..value(text, *packets, Some(filter.of_aim(aim).address())) })
    });
    made.collect()
}

fn of_interfaces(filter: &Filter, sums: &DoorSums) -> Vec<Value> {
    let several = sums.interfaces.len() > 1;
    let made =
        sums.interfaces.iter().filter(|_| several).take(LISTED).map(|(name, packets)| {
            value(name.to_string(), *packets, Some(filter.of_interface(name.clone()).address()))
        });
    made.collect()
}
