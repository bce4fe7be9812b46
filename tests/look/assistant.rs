//! Samples of the assistant: a usual host, a hostile one, and one of which nothing is known yet.

use askama::Template;
use portreeve::{
    firewall::{
        listener::Transport,
        propose::{self, Door},
    },
    web::{kit::Problems, pages::assistant::AssistantView},
};

use super::{HOSTILE, Sample, signed_in};

fn door(port: u16, programs: &[&str], name: Option<&'static str>, is_open: bool, reason: &str) -> Door {
    Door {
        port,
        transport: Transport::Tcp,
        name,
        programs: programs.iter().map(|name| (*name).to_owned()).collect(),
        is_open,
        is_lifeline: false,
        reason: reason.to_owned(),
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let mut usual = propose::doors(&[], &[8470], &[22]);
    usual.push(door(80, &["nginx"], Some("HTTP"), true, "A web server needs it."));
    usual.push(door(443, &["nginx"], Some("HTTPS"), true, "A web server needs it."));
    let telnet = "Not needed on a web server. SSH does the same job, encrypted.";
    usual.push(door(23, &["inetd"], Some("Telnet"), false, telnet));
    let programs = [HOSTILE, "two", "three", "four"];
    let hostile = vec![door(65_535, &programs, None, false, "Portreeve doesn't know this port.")];
    let page = |name, doors, confirmed, problems| {
        let html = AssistantView::new(signed_in(), doors, confirmed, problems).render().expect("a page");
        Sample { name, html }
    };
    vec![
        page("assistant", Some(usual), None, Problems::default()),
        page(
            "assistant-hostile",
            Some(hostile),
            Some(41),
            Problems::one("doors", "too many rules: 20001, at most 20000 are possible"),
        ),
        page("assistant-unknown", None, None, Problems::default()),
    ]
}
