//! The wire: whatever is written is read back the same, and `docs/protocol.md` says what the types say.

use std::{collections::BTreeSet, fs, path::Path};

use portreeve::{
    boundary::{Refusal, Request, Response, State, VERSION, codec, limits},
    firewall::{
        Listener, Listing, Moment,
        listener::{Bind, Container, Process, Transport},
    },
};
use proptest::{collection::vec, option, prelude::*};

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        any::<u32>().prop_map(|version| Request::Hello { version }),
        Just(Request::ReadState {}),
        Just(Request::ListListeners {}),
    ]
}

fn responses() -> impl Strategy<Value = Response> {
    prop_oneof![
        any::<u32>().prop_map(|version| Response::Hello { version }),
        Just(Response::State(State::Off)),
        (vec(listeners(), 0..20), any::<u32>())
            .prop_map(|(listeners, omitted)| Response::Listeners(Listing { listeners, omitted })),
        refusals().prop_map(|refusal| Response::Refused { refusal }),
    ]
}

fn refusals() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        any::<u32>().prop_map(|helper| Refusal::Version { helper }),
        Just(Refusal::OutOfTurn),
        Just(Refusal::Malformed),
        any::<String>().prop_map(|reason| Refusal::Kernel { reason }),
    ]
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
    for state in variants("src/boundary/response.rs", "State") {
        assert!(page.contains(&format!("`{}`: ", snake(&state))), "{state}");
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
    ] {
        assert!(page.contains(&words), "{words}");
    }
}
