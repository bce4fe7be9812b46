//! The verbs about services, as far as they need no service manager; with one they are tested on a booted host.

use portreeve::{
    boundary::{Refusal, Request, Response, limits},
    firewall::unit::{UnitLevel, UnitName},
};

use super::running::{PANEL_UID, Running, as_user};

fn name(text: &str) -> UnitName {
    UnitName::parse(text).unwrap()
}

fn asked(request: &Request) -> Option<Response> {
    let helper = Running::start();
    as_user(PANEL_UID, || helper.greet().ask(request))
}

#[test]
fn what_cannot_be_closed_is_refused_in_words() {
    let refused = |request| match asked(&request) {
        Some(Response::Refused { refusal }) => refusal,
        other => panic!("{other:?}"),
    };
    let close = |text| refused(Request::CloseUnit { name: name(text), level: UnitLevel::Disable });
    // Where the tests run there may be a service manager or not.
    assert!(matches!(close("portreeve-none.service"), Refusal::Unavailable { .. } | Refusal::Protected { .. }));
    assert!(matches!(close("no-such-thing.service"), Refusal::Unavailable { .. } | Refusal::NotListening { .. }));
    assert_eq!(refused(Request::ReopenUnit { record: 1 }), Refusal::NoRecord { record: 1 });
    let many = vec![name("x.service"); limits::UNITS + 1];
    assert_eq!(refused(Request::ReadUnits { names: many }), Refusal::Malformed);
    assert_eq!(asked(&Request::ReadUnits { names: Vec::new() }), Some(Response::Units(Vec::new())));
    assert_eq!(asked(&Request::ReadUnitRecords {}), Some(Response::UnitRecords(Vec::new())));
}

#[test]
fn what_is_no_name_never_gets_past_the_wire() {
    let helper = Running::start();
    let names = [
        "-H",
        "--root=/.service",
        "../x.service",
        "/etc/passwd",
        "a b.service",
        "a\\n.service",
        "a;id.service",
        "x@.service",
        "",
        "*",
    ];
    for text in names {
        for body in [
            format!(r#"{{"CloseUnit":{{"name":"{text}","level":"stop"}}}}"#),
            format!(r#"{{"ReadUnits":{{"names":["{text}"]}}}}"#),
        ] {
            let mut client = helper.greet();
            client.send(body.as_bytes());
            assert_eq!(client.answer(), Some(Response::Refused { refusal: Refusal::Malformed }), "{body}");
            assert!(client.is_closed());
        }
    }
}
