//! Samples of the Explain page: both verdicts, a draft that decides otherwise, a wrong question, and nothing to ask.

use askama::Template;
use portreeve::{
    firewall::{CheckedRuleset, Moment, Surroundings, check, enforcement::Survey, simulate::Situation},
    web::pages::explain::{Asked, ExplainView, Host, Source, Sources},
};

use super::{HOSTILE, NOW, Sample, signed_in};

const RULES: &str = r#"{
    "lists": [{"name":"office","note":"","entries":["203.0.113.0/24 # Vienna", "2001:db8:aff::/48"]}],
    "rules": [
        {"id":1,"action":"drop","direction":"in","who":["198.51.100.0/24"],"to":["smtp"],"note":"Spam since May"},
        {"id":2,"action":"allow","direction":"in","to":["http","https"],"note":"The shop"},
        {"id":3,"action":"allow","direction":"in","who":["list:office","10.0.0.0/8","own-networks"],"to":["ssh"],"new_connections":"6/minute","note":"Administration"},
        {"id":4,"action":"allow","direction":"in","who":["203.0.113.7","203.0.113.8","203.0.113.9","203.0.113.10"],"to":["portreeve"]},
        {"id":5,"action":"allow","direction":"in","to":["8080/tcp"],"enabled":false},
        {"id":6,"action":"allow","direction":"in","to":["9000-9010/tcp"],"expires_at":"2026-11-20T00:00:00Z"},
        {"id":7,"action":"reject","direction":"out","to":["smtp"],"note":"Only through the relay"}
    ]}"#;

fn checked(json: &str) -> CheckedRuleset {
    let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
    check(serde_json::from_str(json).expect("a ruleset"), &surroundings).expect("no errors")
}

fn survey() -> Survey {
    let json = r#"{"interfaces":["eth0"],
        "addresses":[{"interface":"eth0","address":"192.0.2.10","network":"192.0.2.0/24"},
                     {"interface":"eth0","address":"2001:db8::10","network":"2001:db8::/64"}],
        "routes":[{"network":"0.0.0.0/0","interface":"eth0"},{"network":"::/0","interface":"eth0"}]}"#;
    serde_json::from_str(json).expect("a survey")
}

pub(super) fn samples() -> Vec<Sample> {
    let (running, draft) = (checked(RULES), checked(&RULES.replace(r#""enabled":false"#, r#""enabled":true"#)));
    let title = "Revision 41, in force";
    let both = Sources {
        in_force: Some(Source { title, checked: &running }),
        draft: Some(Source { title: "With your 2 staged changes", checked: &draft }),
        ..Sources::default()
    };
    let alone = Sources { draft: None, ..both };
    let off = Sources { in_force: None, ..both };
    let caveat = Some("Panic mode is on: nothing new comes in, whatever the rules say. This is what revision 41 says.");
    vec![
        sample("explain", Sources::default(), "", "", ""),
        sample("explain-empty", alone, "", "", ""),
        sample("explain-allow", alone, "203.0.113.80", "ssh", "in"),
        sample("explain-deny", Sources { caveat, ..alone }, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "8470/tcp", "in"),
        sample("explain-draft", both, "198.51.100.7", "8080", "in"),
        sample("explain-agrees", both, "198.51.100.7", "ping", "in"),
        sample("explain-out", alone, "198.51.100.25", "smtp", "out"),
        sample("explain-off", off, "198.51.100.7", "8080/tcp", "in"),
        sample("explain-not-known", Sources { is_unknown: true, ..off }, "198.51.100.7", "8080/tcp", "in"),
        sample("explain-nothing", Sources::default(), "198.51.100.7", "8080/tcp", "in"),
        sample("explain-wrong", alone, "198.51.100.0/24", "gopher/sctp", "in"),
        sample("explain-unknown", alone, "198.51.100.7", "gopher", "in"),
        sample(
            "explain-hostile",
            Sources { caveat: Some(HOSTILE), ..alone },
            "<script>alert(1)</script>",
            "'\"><img src=x>",
            "in",
        ),
    ]
}

fn sample(name: &'static str, sources: Sources<'_>, from: &str, to: &str, dir: &str) -> Sample {
    let pairs = [("from", from), ("to", to), ("dir", dir)];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let survey = survey();
    let situation = Situation { now: NOW, bans: Vec::new(), routes: survey.routes.clone() };
    let host = Host { survey: &survey, situation };
    let view = ExplainView::new(signed_in(), Asked::from_pairs(&pairs), "203.0.113.9", sources, &host);
    Sample { name, html: view.render().expect("the page renders") }
}
