//! A panel that was taken over and knows the protocol: what it can't confirm, fill or use up.

use std::{fs, net::Ipv4Addr, os::unix::fs::symlink, thread, time::Duration};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION, limits},
    firewall::{AddressRange, enforcement::Ban},
};

use super::{
    guarded::{Guarded, WINDOW, apply, opens},
    running::{Client, PANEL_UID, as_user},
};

fn as_panel(host: &Guarded, request: &Request) -> Response {
    as_user(PANEL_UID, || {
        let mut client = Client::connect(&host.socket());
        assert!(client.ask(&Request::Hello { version: VERSION }).is_some());
        client.ask(request).unwrap()
    })
}

#[test]
fn a_window_that_is_over_can_not_be_confirmed_prolonged_or_opened_again() {
    let host = Guarded::confirmed();
    assert!(matches!(as_panel(&host, &apply(opens(80), 2, Some(1))), Response::State(_)));
    thread::sleep(Duration::from_secs(u64::from(WINDOW) + 2));
    let stale = |found| Response::Refused { refusal: Refusal::Stale { found } };
    for revision in [0, 1, 2, 3, u64::MAX] {
        assert_eq!(as_panel(&host, &Request::Confirm { revision }), stale(None), "{revision}");
        assert_eq!(as_panel(&host, &Request::Extend { revision, seconds: 600 }), stale(None), "{revision}");
    }
    assert_eq!(as_panel(&host, &apply(opens(80), 2, Some(1))), stale(Some(2)), "its number is used up");
    assert_eq!(host.read_state().confirmed, Some(1));
}

/// 100,000 bans are kept; what they take on the disk has an end, and root's console works all the same.
#[test]
fn the_disk_of_the_helper_is_not_filled_by_bans() {
    let host = Guarded::confirmed();
    let first = u32::from(Ipv4Addr::new(198, 18, 0, 0));
    let mut refused = 0;
    for round in 0..12 {
        let start = first + round * u32::try_from(limits::BANS).unwrap();
        let addresses = (start..).take(limits::BANS).map(|bits| Ipv4Addr::from_bits(bits).to_string());
        let ban = |text: String| Ban { addresses: AddressRange::parse(&text).unwrap(), seconds: None };
        let answer = as_panel(&host, &Request::SetMembers { add: addresses.map(ban).collect(), remove: Vec::new() });
        refused += u32::from(matches!(answer, Response::Refused { .. }));
    }
    assert_eq!(refused, 2, "100,000 and no more");
    let files = fs::read_dir(host.path("state")).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 16 << 20, "{bytes} bytes");
    let lift = Request::SetMembers { add: Vec::new(), remove: vec![AddressRange::parse("198.18.0.1").unwrap()] };
    assert!(matches!(host.ask(&lift), Response::State(_)));
}

/// Nothing that the panel can write is opened by the helper, so a link leads it nowhere; and it puts none in the helper's own
/// directories.
#[test]
fn links_lead_the_helper_nowhere() {
    let host = Guarded::confirmed();
    let secret = host.path("secret");
    fs::write(&secret, "root's").unwrap();
    as_user(PANEL_UID, || {
        for place in ["run/helper.sock", "state/confirmed", "state/pending.new", "state/x", "run/x", "floor"] {
            assert!(symlink(&secret, host.path(place)).is_err(), "{place}");
        }
    });
    assert!(matches!(as_panel(&host, &apply(opens(80), 2, Some(1))), Response::State(_)));
    assert!(matches!(as_panel(&host, &Request::Confirm { revision: 2 }), Response::State(_)));
    assert_eq!(fs::read_to_string(&secret).unwrap(), "root's");
}
