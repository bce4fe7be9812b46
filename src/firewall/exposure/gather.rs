//! One answer of what several probes found.

use std::net::IpAddr;

use super::{Answer, Reach, Step, probe::Probe};

/// What was found out by one probe.
pub(super) struct Finding {
    pub(super) reach: Reach,
    pub(super) path: Vec<Step>,
    from: String,
    at: IpAddr,
    is_aside: bool,
}

impl Finding {
    pub(super) fn new(probe: &Probe, reach: Reach, path: Vec<Step>) -> Self {
        Self { reach, path, from: probe.from.clone(), at: probe.destination, is_aside: probe.is_aside }
    }
}

/// What says more about who gets in.
pub(super) const fn rank(reach: &Reach) -> u8 {
    match reach {
        Reach::Unreachable => 0,
        Reach::Closed => 1,
        Reach::Partly(_) => 2,
        Reach::CantTell(_) => 3,
        Reach::Open => 4,
    }
}

/// One answer of several findings.
pub(super) fn gather(findings: Vec<Finding>) -> Answer {
    let (mut aside, mut findings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.is_aside);
    // Who is beyond the router counts only where nobody nearer gets in.
    if findings.iter().all(|finding| !finding.reach.is_open()) && aside.iter().any(|finding| rank(&finding.reach) > 1) {
        findings.append(&mut aside);
    }
    let Some(first) = findings.first() else { return Answer { reach: Reach::Unreachable, path: Vec::new() } };
    let is_same = findings.iter().all(|finding| finding.reach == first.reach);
    let is_open = findings.iter().any(|finding| finding.reach.is_open());
    let reach = match findings.iter().map(|finding| &finding.reach).max_by_key(|reach| rank(reach)) {
        Some(farthest) if is_same || !is_open => farthest.clone(),
        _ => mixed(&findings),
    };
    let deciding = findings.iter().max_by_key(|finding| rank(&finding.reach)).map(|finding| finding.path.clone());
    Answer { reach, path: deciding.unwrap_or_default() }
}

fn mixed(findings: &[Finding]) -> Reach {
    if let Some(unclear) = findings.iter().find(|finding| matches!(finding.reach, Reach::CantTell(_))) {
        return unclear.reach.clone();
    }
    let open: Vec<&Finding> = findings.iter().filter(|finding| finding.reach.is_open()).collect();
    if let [Finding { reach: Reach::Partly(words), is_aside: true, .. }] = open.as_slice() {
        return Reach::Partly(words.clone());
    }
    let mut words: Vec<String> = Vec::new();
    for finding in open {
        let place = place(findings, finding);
        let words_here = match &finding.reach {
            Reach::Partly(partly) => format!("{place}, there {partly}"),
            _ => place,
        };
        if !words.contains(&words_here) {
            words.push(words_here);
        }
    }
    Reach::Partly(format!("only {}", words.join("; ")))
}

/// What tells a finding from the others: where the packets come from, the address they go to, or both.
fn place(findings: &[Finding], finding: &Finding) -> String {
    let is_same_there = |one: &Finding, other: &Finding| one.at != other.at || one.reach == other.reach;
    let is_by_address = findings.iter().all(|one| findings.iter().all(|other| is_same_there(one, other)));
    let has_one_origin = findings.iter().all(|other| other.from == finding.from);
    if is_by_address && (has_one_origin || findings.iter().any(|other| other.at != finding.at)) {
        format!("at {}", finding.at)
    } else if has_several_addresses(findings, &finding.from) {
        format!("from {} at {}", finding.from, finding.at)
    } else {
        format!("from {}", finding.from)
    }
}

/// Whether it was tried from there at addresses at which different things happened.
fn has_several_addresses(findings: &[Finding], from: &str) -> bool {
    let mut there = findings.iter().filter(|finding| finding.from == from);
    let first = there.next();
    there.any(|other| first.is_some_and(|first| first.reach != other.reach))
}
