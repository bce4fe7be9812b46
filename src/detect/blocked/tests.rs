use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::firewall::Family;

const NOW: Moment = Moment::from_millis(1_795_375_440_000);

fn packet(source: IpAddr, port: u16) -> Packet<'static> {
    let destination = if source.is_ipv4() { "192.0.2.1" } else { "2001:db8::1" };
    Packet {
        receipt: Receipt::parse("pr:default-in:41:drop").unwrap(),
        source,
        destination: destination.parse().unwrap(),
        protocol: 6,
        source_port: Some(50_000),
        port: Some(port),
        incoming: None,
        outgoing: None,
    }
}

fn address(number: u32) -> IpAddr {
    Ipv4Addr::from(number).into()
}

/// Stores a batch, as the database would, under numbers that follow `next`.
fn save(fold: &mut Fold, next: &mut i64) -> Batch {
    let batch = fold.take();
    let id = |entry: &Entry| {
        *next += 1;
        entry.id.unwrap_or(BlockedId(*next))
    };
    let ids: Vec<BlockedId> = batch.entries.iter().map(id).collect();
    fold.saved(&batch, &ids);
    batch
}

fn total(batch: &Batch) -> u64 {
    batch.entries.iter().map(|entry| entry.unsaved).sum()
}

#[test]
fn alike_within_a_minute_is_one_row_that_grows() {
    let (mut fold, mut next) = (Fold::default(), 0);
    fold.add(&packet(address(1), 22), NOW);
    fold.add(&packet(address(1), 22), NOW.plus_seconds(1));
    let first = save(&mut fold, &mut next);
    let [entry] = &first.entries[..] else { panic!("one row: {first:?}") };
    assert_eq!((entry.id, entry.count, entry.unsaved, entry.source_port), (None, 2, 2, Some(50_000)));
    assert!(fold.take().entries.is_empty(), "nothing is stored twice");
    fold.add(&Packet { source_port: Some(1), ..packet(address(1), 22) }, NOW.plus_seconds(59));
    let second = save(&mut fold, &mut next);
    let [entry] = &second.entries[..] else { panic!("one row: {second:?}") };
    assert_eq!((entry.id, entry.count, entry.unsaved, entry.source_port), (Some(BlockedId(1)), 3, 1, None));
    assert_eq!((entry.first, entry.last), (NOW, NOW.plus_seconds(59)));
}

#[test]
fn another_minute_or_anything_else_that_differs_is_another_row() {
    let mut fold = Fold::default();
    let eth = InterfaceName::parse("eth0").unwrap();
    let same = packet(address(1), 22);
    for packet in [
        same,
        packet(address(2), 22),
        packet(address(1), 23),
        Packet { protocol: 17, ..same },
        Packet { receipt: Receipt::parse("pr:r1:41:drop").unwrap(), ..same },
        Packet { receipt: Receipt::parse("pr:default-in:42:drop").unwrap(), ..same },
        Packet { incoming: Some(&eth), ..same },
        Packet { port: None, ..same },
    ] {
        fold.add(&packet, NOW);
    }
    fold.add(&same, NOW.plus_seconds(60));
    assert_eq!(fold.take().entries.len(), 9);
}

#[test]
fn a_clock_that_is_set_back_begins_another_minute_and_loses_nothing() {
    let (mut fold, mut next) = (Fold::default(), 0);
    for seconds in [0, -3600, 0, -3600] {
        fold.add(&packet(address(1), 22), NOW.plus_seconds(seconds));
    }
    assert_eq!(total(&save(&mut fold, &mut next)), 4);
    assert_eq!(fold.len(), 1, "only the present minute stays");
}

#[test]
fn a_flood_folds_by_network_and_then_by_line_and_counts_exactly() {
    for family in Family::BOTH {
        let mut fold = Fold::default();
        let source = |number: u32| match family {
            Family::V4 => address(number.wrapping_mul(2_654_435_761)),
            Family::V6 => Ipv6Addr::from(u128::from(number.wrapping_mul(2_654_435_761)) << 70).into(),
        };
        for number in 0..200_000 {
            fold.add(&packet(source(number), 80), NOW);
        }
        let batch = fold.take();
        assert_eq!(total(&batch), 200_000);
        assert!(batch.entries.len() <= 701, "{}", batch.entries.len());
        let many = batch.entries.iter().find(|entry| entry.source == Source::Many(family)).unwrap();
        assert_eq!((many.door.port, many.door.protocol, many.door.family), (Some(80), Some(6), family));
    }
}

#[test]
fn a_flood_at_one_door_leaves_room_for_the_others() {
    let mut fold = Fold::default();
    for number in 0..50_000_u32 {
        fold.add(&packet(address(number.wrapping_mul(2_654_435_761)), 80), NOW);
    }
    fold.add(&packet(address(7), 22), NOW);
    let batch = fold.take();
    let own = batch.entries.iter().find(|entry| entry.door.port == Some(22)).unwrap();
    assert_eq!(own.source, Source::Address(address(7)));
}

#[test]
fn a_flood_at_all_ports_of_all_lines_stays_within_bounds() {
    let (mut fold, mut next) = (Fold::default(), 0);
    let mut number = 0_u32;
    for line in 1..=50 {
        let receipt = Receipt::parse(&format!("pr:r{line}:41:drop")).unwrap();
        for port in 0..2000 {
            number = number.wrapping_add(2_654_435_761);
            fold.add(&Packet { receipt, ..packet(address(number), port) }, NOW);
        }
    }
    let batch = save(&mut fold, &mut next);
    assert_eq!(total(&batch), 100_000);
    assert!(batch.entries.len() <= 3000 + 1000 + 500 + 50, "{}", batch.entries.len());
    assert_eq!(fold.forgotten(), 0);
}

#[test]
fn rows_that_nobody_stores_are_bounded_and_what_is_forgotten_is_counted() {
    let mut fold = Fold::default();
    let mut sent = 0;
    for minute in 0..60 {
        for number in 0..4000_u32 {
            let port = u16::try_from(number % 100).unwrap();
            fold.add(&packet(address(number.wrapping_mul(2_654_435_761)), port), NOW.plus_seconds(minute * 60));
            sent += 1;
        }
    }
    assert!(fold.len() <= WAITING);
    assert_eq!(total(&fold.take()) + fold.forgotten(), sent);
    assert!(fold.forgotten() > 0);
}

proptest! {
    #[test]
    fn whatever_comes_is_counted_once(
        packets in prop::collection::vec((0_u32..50, 0_u16..5, -90_i64..200, any::<bool>()), 0..300)
    ) {
        let (mut fold, mut next, mut stored) = (Fold::default(), 0, 0);
        for (source, port, seconds, is_stored) in &packets {
            fold.add(&packet(address(*source), *port), NOW.plus_seconds(*seconds));
            if *is_stored {
                stored += total(&save(&mut fold, &mut next));
            }
        }
        stored += total(&save(&mut fold, &mut next));
        prop_assert_eq!(stored, u64::try_from(packets.len()).unwrap());
        prop_assert!(fold.take().entries.is_empty());
    }
}
