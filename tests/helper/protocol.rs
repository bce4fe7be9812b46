//! The wire: whatever is written is read back the same, and `docs/protocol.md` says what the types say.

use std::{collections::BTreeSet, fs, path::Path};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION, codec, limits},
    firewall::{
        Action, AddressRange, Automatic, InterfaceName, Line, Listener, Listing, Moment, Ruleset,
        enforcement::{
            Ban, Count, Disagreement, Drift, Enforcement, ForeignTables, Iptables, Mode, OwnAddress, Pending,
            RollBackCause, RolledBack, Saved, Survey,
        },
        listener::{Bind, Container, Process, Transport},
        simulate::{Packet, Route},
        unit::{FormerState, TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord},
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::simulate::generate::{self, Random};

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        any::<u32>().prop_map(|version| Request::Hello { version }),
        select(vec![
            Request::ReadState {},
            Request::ListListeners {},
            Request::ReadSurvey {},
            Request::ReadConfirmed {},
            Request::ReadBans {},
            Request::ReadCounters {},
            Request::OpenNflog {},
            Request::ReadDrift {},
            Request::PutBack {},
            Request::ReadForeign { ours: false },
            Request::ReadForeign { ours: true },
            Request::ReadUnitRecords {},
            Request::Panic {},
            Request::Rescue {},
            Request::Resume {},
        ]),
        orders(),
        any::<u64>().prop_map(|revision| Request::Confirm { revision }),
        (any::<u64>(), any::<u32>()).prop_map(|(revision, seconds)| Request::Extend { revision, seconds }),
        any::<u64>().prop_map(|revision| Request::RollBack { revision }),
        any::<u64>().prop_map(|expected| Request::TurnOff { expected }),
        (vec(bans(), 0..5), vec(ranges(), 0..5)).prop_map(|(add, remove)| Request::SetMembers { add, remove }),
        vec(unit_names(), 0..4).prop_map(|names| Request::ReadUnits { names }),
        (unit_names(), levels()).prop_map(|(name, level)| Request::CloseUnit { name, level }),
        any::<u64>().prop_map(|record| Request::ReopenUnit { record }),
    ]
}

/// What carries a ruleset.
fn orders() -> impl Strategy<Value = Request> {
    let numbers = (any::<u64>(), option::of(any::<u64>()), any::<u32>());
    (any::<u64>(), any::<bool>(), numbers).prop_map(|(seed, is_plan, (revision, expected, window_seconds))| {
        let (ruleset, probes) = generated(seed);
        if is_plan {
            return Request::Plan { ruleset, probes };
        }
        Request::Apply { ruleset, revision, expected, window_seconds, probes }
    })
}

fn generated(seed: u64) -> (Ruleset, Vec<Packet>) {
    let mut random = Random::new(seed);
    let checked = generate::ruleset(&mut random);
    let packets = (0..4).map(|_| generate::packet(&mut random, &checked)).collect();
    (checked.ruleset().clone(), packets)
}

fn responses() -> impl Strategy<Value = Response> {
    prop_oneof![
        any::<u32>().prop_map(|version| Response::Hello { version }),
        enforcements().prop_map(Response::State),
        (vec(listeners(), 0..20), any::<u32>())
            .prop_map(|(listeners, omitted)| Response::Listeners(Listing { listeners, omitted })),
        surveys().prop_map(Response::Survey),
        option::of(any::<u64>()).prop_map(|seed| Response::Confirmed(seed.map(|seed| generated(seed).0))),
        (any::<u32>(), any::<u64>()).prop_map(|(probes, millis)| Response::Planned { probes, millis }),
        vec(bans(), 0..5).prop_map(Response::Bans),
        vec((lines(), any::<u64>(), any::<u64>()), 0..5).prop_map(|counts| {
            Response::Counters(
                counts.into_iter().map(|(line, packets, bytes)| Count { line, packets, bytes }).collect(),
            )
        }),
        vec(drifts(), 0..5).prop_map(Response::Drift),
        foreign_tables().prop_map(Response::Foreign),
        Just(Response::Nflog {}),
        vec(facts(), 0..3).prop_map(Response::Units),
        touched().prop_map(Response::Closed),
        touched().prop_map(Response::Reopened),
        vec(records(), 0..3).prop_map(Response::UnitRecords),
        refusals().prop_map(|refusal| Response::Refused { refusal }),
    ]
}

fn refusals() -> impl Strategy<Value = Refusal> {
    let reason = || any::<String>();
    prop_oneof![
        any::<u32>().prop_map(|helper| Refusal::Version { helper }),
        select(vec![Refusal::OutOfTurn, Refusal::Malformed, Refusal::RootOnly, Refusal::Busy, Refusal::Taken]),
        vec(any::<String>(), 0..4).prop_map(|problems| Refusal::Invalid { problems }),
        option::of(any::<u64>()).prop_map(|found| Refusal::Stale { found }),
        any::<u64>().prop_map(|seed| {
            let disagree = |packet| Disagreement { packet, simulated: Action::Drop, passed: true };
            Refusal::Disagreement { disagreements: generated(seed).1.into_iter().map(disagree).collect() }
        }),
        reason().prop_map(|reason| Refusal::Floor { reason }),
        reason().prop_map(|reason| Refusal::Rehearsal { reason }),
        reason().prop_map(|reason| Refusal::Commit { reason }),
        reason().prop_map(|reason| Refusal::Disk { reason }),
        reason().prop_map(|reason| Refusal::Unavailable { reason }),
        (reason(), reason()).prop_map(|(unit, reason)| Refusal::Protected { unit, reason }),
        unit_names().prop_map(|unit| Refusal::NotListening { unit }),
        any::<u64>().prop_map(|record| Refusal::NoRecord { record }),
        reason().prop_map(|reason| Refusal::Services { reason }),
        reason().prop_map(|reason| Refusal::Kernel { reason }),
    ]
}

fn unit_names() -> impl Strategy<Value = UnitName> {
    select(vec!["nginx.service", "a@b.socket", "x.timer"]).prop_map(|name| UnitName::parse(name).unwrap())
}

fn levels() -> impl Strategy<Value = UnitLevel> {
    select(vec![UnitLevel::Stop, UnitLevel::Disable, UnitLevel::Mask])
}

fn facts() -> impl Strategy<Value = UnitFacts> {
    let names = || vec(unit_names(), 0..3);
    let lists = (names(), names(), names(), names(), names(), names());
    let rest = (any::<(u32, bool)>(), option::of(any::<i64>()), option::of(any::<String>()));
    (unit_names(), any::<[String; 5]>(), lists, rest).prop_map(|(name, words, lists, (numbers, since, protected))| {
        let [description, load_state, active_state, sub_state, unit_file_state] = words;
        let (aliases, triggered_by, triggers, required_by, wanted_by, stops_with) = lists;
        let since = since.map(Moment::from_millis);
        let (restarts, can_be_masked) = numbers;
        UnitFacts {
            name,
            aliases,
            description,
            load_state,
            active_state,
            sub_state,
            unit_file_state,
            restarts,
            since,
            triggered_by,
            triggers,
            required_by,
            wanted_by,
            stops_with,
            can_be_masked,
            protected,
        }
    })
}

fn records() -> impl Strategy<Value = UnitRecord> {
    let former = (unit_names(), any::<(bool, bool)>(), any::<String>(), vec(unit_names(), 0..2)).prop_map(
        |(name, (is_closed, was_active), unit_file_state, wanted_by)| FormerState {
            name,
            is_closed,
            was_active,
            unit_file_state,
            wanted_by,
        },
    );
    (any::<(u64, i64)>(), unit_names(), levels(), vec(former, 0..3))
        .prop_map(|((id, at), name, level, units)| UnitRecord { id, at: Moment::from_millis(at), name, level, units })
}

fn touched() -> impl Strategy<Value = TouchedUnits> {
    (records(), vec(facts(), 0..3)).prop_map(|(record, now)| TouchedUnits { record, now })
}

fn enforcements() -> impl Strategy<Value = Enforcement> {
    let pending = (any::<u64>(), any::<u64>(), any::<u32>())
        .prop_map(|(revision, millis_left, window_seconds)| Pending { revision, millis_left, window_seconds });
    let cause =
        select(vec![RollBackCause::Silence, RollBackCause::Asked, RollBackCause::Restart, RollBackCause::Superseded]);
    let rolled_back = (any::<u64>(), cause, any::<i64>()).prop_map(|(revision, cause, at)| RolledBack {
        revision,
        cause,
        at: Moment::from_millis(at),
    });
    let mode = select(vec![Mode::Off, Mode::Enforcing, Mode::Panic, Mode::Rescue]);
    let rest = (option::of(rolled_back), option::of(any::<String>()));
    (mode, option::of(any::<u64>()), option::of(pending), rest).prop_map(
        |(mode, confirmed, pending, (rolled_back, notice))| Enforcement {
            mode,
            confirmed,
            pending,
            rolled_back,
            notice,
        },
    )
}

fn ranges() -> impl Strategy<Value = AddressRange> {
    any::<(std::net::IpAddr, std::net::IpAddr)>().prop_map(|(one, other)| {
        // An IPv4 address in IPv6 form isn't read.
        let (one, other) = (one.to_canonical(), other.to_canonical());
        let other = if one.is_ipv4() == other.is_ipv4() { other } else { one };
        AddressRange::between(one.min(other), one.max(other)).unwrap()
    })
}

fn bans() -> impl Strategy<Value = Ban> {
    (ranges(), option::of(any::<u32>())).prop_map(|(addresses, seconds)| Ban { addresses, seconds })
}

fn lines() -> impl Strategy<Value = Line> {
    select(vec![Line::Automatic(Automatic::Ban), Line::parse("r7").unwrap(), Line::parse("r7-limit").unwrap()])
}

fn drifts() -> impl Strategy<Value = Drift> {
    (any::<bool>(), any::<String>(), option::of(lines()), any::<String>())
        .prop_map(|(is_foreign, place, line, content)| Drift { is_foreign, place, line, content })
}

fn surveys() -> impl Strategy<Value = Survey> {
    let interface = || InterfaceName::parse("eth0").unwrap();
    let addresses = vec((any::<std::net::IpAddr>(), ranges()), 0..4);
    (addresses, vec(ranges(), 0..4)).prop_map(move |(addresses, routes)| {
        let own = |(address, network)| OwnAddress { interface: interface(), address, network };
        let route = |network| Route { network, interface: interface() };
        Survey {
            interfaces: vec![interface()],
            addresses: addresses.into_iter().map(own).collect(),
            routes: routes.into_iter().map(route).collect(),
        }
    })
}

fn foreign_tables() -> impl Strategy<Value = ForeignTables> {
    let saved = || {
        prop_oneof![Just(Saved::Absent), any::<String>().prop_map(Saved::Text), any::<String>().prop_map(Saved::Unread)]
    };
    let iptables = || (saved(), saved()).prop_map(|(nft, legacy)| Iptables { nft, legacy });
    (any::<String>(), iptables(), iptables()).prop_map(|(text, v4, v6)| ForeignTables {
        nft: serde_json::json!({"nftables": [text, 1, null]}),
        iptables: v4,
        ip6tables: v6,
    })
}

fn binds() -> impl Strategy<Value = Bind> {
    prop_oneof![
        Just(Bind::Any4),
        Just(Bind::Any6),
        Just(Bind::AnyDual),
        any::<std::net::IpAddr>().prop_map(Bind::Address),
    ]
}

fn processes() -> impl Strategy<Value = Process> {
    let started = option::of(any::<i64>().prop_map(Moment::from_millis));
    (any::<u32>(), any::<String>(), option::of(any::<String>()), started)
        .prop_map(|(pid, name, executable, started_at)| Process { pid, name, executable, started_at })
}

fn listeners() -> impl Strategy<Value = Listener> {
    let text = || option::of(any::<String>());
    let container = option::of((any::<String>(), any::<String>()).prop_map(|(runtime, id)| Container { runtime, id }));
    let transport = prop_oneof![Just(Transport::Tcp), Just(Transport::Udp)];
    let socket = (transport, binds(), any::<u16>(), text(), any::<u32>());
    (socket, text(), vec(processes(), 0..4), text(), container).prop_map(
        |(socket, user, processes, unit, container)| {
            let (transport, bind, port, interface, uid) = socket;
            Listener { transport, bind, port, interface, uid, user, processes, unit, container }
        },
    )
}

fn through<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    let mut wire = Vec::new();
    codec::write(&mut wire, message, limits::RESPONSE_BYTES).unwrap();
    codec::read(&mut &wire[..], limits::RESPONSE_BYTES).unwrap()
}

proptest! {
    #[test]
    fn a_request_survives_the_wire(request in requests()) {
        prop_assert_eq!(through(&request), request);
    }

    #[test]
    fn a_response_survives_the_wire(response in responses()) {
        prop_assert_eq!(through(&response), response);
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The names of an enum's variants, in the order of its source.
fn variants(file: &str, name: &str) -> Vec<String> {
    let source = syn::parse_file(&read(file)).unwrap();
    let found = source.items.into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.unwrap().variants.iter().map(|variant| variant.ident.to_string()).collect()
}

fn snake(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// The `###` headings below a `##` heading.
fn headings(page: &str, section: &str) -> Vec<String> {
    let body = page.split("\n## ").find(|part| part.starts_with(section)).unwrap();
    body.lines().filter_map(|line| Some(line.strip_prefix("### `")?.strip_suffix('`')?.to_owned())).collect()
}

/// The bodies of the fenced examples of a kind.
fn examples(page: &str, kind: &str) -> Vec<String> {
    let fences = page.split("```").skip(1).step_by(2);
    fences.filter_map(|fence| fence.strip_prefix(kind)).map(str::to_owned).collect()
}

#[test]
fn the_page_names_exactly_what_the_types_have() {
    let page = read("docs/protocol.md");
    assert_eq!(headings(&page, "Requests"), variants("src/boundary/request.rs", "Request"));
    assert_eq!(headings(&page, "Responses"), variants("src/boundary/response.rs", "Response"));
    let refusals: Vec<String> =
        variants("src/boundary/response.rs", "Refusal").iter().map(|name| snake(name)).collect();
    assert_eq!(headings(&page, "Refusals"), refusals);
    for (name, file) in [("Mode", "enforcement"), ("RollBackCause", "enforcement"), ("UnitLevel", "unit/mod")] {
        for variant in variants(&format!("src/firewall/{file}.rs"), name) {
            assert!(page.contains(&format!("`{}`: ", snake(&variant))), "{variant}");
        }
    }
    assert!(page.starts_with(&format!("# The helper's protocol, version {VERSION}\n")));
}

#[test]
fn every_example_of_the_page_is_understood() {
    let page = read("docs/protocol.md");
    let mut shown = BTreeSet::new();
    for example in examples(&page, "json request") {
        shown.insert(format!("{:?}", serde_json::from_str::<Request>(&example).unwrap()));
    }
    assert_eq!(shown.len(), variants("src/boundary/request.rs", "Request").len(), "one example a request");
    let mut shown = BTreeSet::new();
    for example in examples(&page, "json response") {
        shown.insert(format!("{:?}", serde_json::from_str::<Response>(&example).unwrap()));
    }
    let kinds = ["Response", "Refusal"].map(|name| variants("src/boundary/response.rs", name).len());
    assert_eq!(shown.len(), kinds[0] - 1 + kinds[1], "one example a response and a refusal");
}

#[test]
fn the_page_states_the_limits_in_force() {
    let page = read("docs/protocol.md");
    for words in [
        format!("The panel has {0} connections at once and root has {0} of its own", limits::CONNECTIONS),
        format!("within {} seconds", limits::IDLE.as_secs()),
        format!("at most {} MiB, a response at most {} MiB", limits::REQUEST_BYTES >> 20, limits::RESPONSE_BYTES >> 20),
        format!("at most {} MiB, and so does the answer to", limits::RULESET_BYTES >> 20),
        format!("of {} to {} seconds", limits::WINDOW.0, limits::WINDOW.2),
        format!("at most {} probes", limits::PROBES),
        format!("at most {} bans", limits::BANS),
        format!("at most {} units", limits::UNITS),
        format!("of which {} are kept", limits::UNIT_RECORDS),
    ] {
        assert!(page.contains(&words), "{words}");
    }
}
