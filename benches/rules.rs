//! Ten thousand rules: simulated, compiled, applied and met by packets, against the same rules written one by one in nft.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::limits,
    firewall::{
        Action, AddressRange, CheckedRuleset, Direction, Family, Parts, Peer, Rule, RuleId, Ruleset, Surroundings,
        Target, Text, check, compile,
        diff::diff,
        enforcement::Survey,
        nft::Present,
        simulate::{Content, SYN, Simulator, bytes::Shape},
    },
};

use self::lab::{Lab, Probe, address, host_address, now, run};

#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../tests/kernel/lab.rs"]
mod lab;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 5;

/// Rule number `index` drops one address's SSH. No packet of the bench comes from any of them.
fn source(index: u32) -> AddressRange {
    AddressRange::from(Family::V4.address(u128::from(0x1400_0000 + index * 7)))
}

fn ruleset(count: u32) -> Outcome<CheckedRuleset> {
    ruleset_of(Action::Drop, count)
}

fn ruleset_of(action: Action, count: u32) -> Outcome<CheckedRuleset> {
    let rule = |index| -> Outcome<Rule> {
        Ok(Rule {
            id: RuleId::new(index).ok_or("rules begin at 1")?,
            enabled: true,
            action,
            direction: Direction::In,
            who: vec![Peer::Addresses(source(index))],
            to: vec![Target::parse("ssh")?],
            interfaces: Vec::new(),
            at: Vec::new(),
            new_connections: None,
            connections: None,
            log: false,
            starts_at: None,
            expires_at: None,
            owner: Text::empty(),
            note: Text::empty(),
        })
    };
    let rules = (1..=count).map(rule).collect::<Outcome<Vec<_>>>()?;
    let ruleset = Ruleset::try_from(Parts { rules, ..Parts::default() })?;
    let surroundings = Surroundings { now: now(), interfaces: None, networks: Vec::new() };
    check(ruleset, &surroundings).map_err(|problems| format!("{problems:?}").into())
}

/// The same rules as people write them.
fn naive(count: u32) -> String {
    let mut text = String::from("add table inet naive\nflush table inet naive\ntable inet naive {\n chain input {\n");
    text.push_str(
        "  type filter hook input priority 0; policy drop\n  iif lo accept\n  ct state established,related accept\n",
    );
    for index in 1..=count {
        let _ = writeln!(text, "  ip saddr {} tcp dport 22 counter drop", source(index));
    }
    text.push_str("  counter drop\n }\n}\n");
    text
}

/// The median of some rounds.
fn timed<T>(mut act: impl FnMut() -> Outcome<T>) -> Outcome<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let made = act()?;
        times.push(start.elapsed());
        drop(made);
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

fn report(name: &str, ours: f64, peer: Option<f64>, unit: &str) -> Outcome<()> {
    let ratio = peer.map(|peer| ours / peer);
    let shown = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.2}"));
    writeln!(
        io::stdout(),
        "{name:<44} ours {ours:>10.2}   peer {:>10}   ratio {:>6} {unit}",
        shown(peer),
        shown(ratio)
    )?;
    let line = serde_json::json!({ "name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    Ok(writeln!(fs::OpenOptions::new().create(true).append(true).open(target)?, "{line}")?)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn probe(index: u16) -> Probe {
    let content = Content::Tcp { from: 1024 + index % 60_000, port: 22, flags: SYN };
    let packet = Lab::packet(address("198.51.100.7"), host_address(Family::V4), content, "world0");
    Probe { packet, shape: Shape::Whole }
}

/// Time of one packet, as the difference between many and few, so that starting and looking count for nothing.
fn per_packet(lab: &mut Lab) -> Outcome<Duration> {
    const MANY: u16 = 21_000;
    const FEW: u16 = 1_000;
    let mut send = |count: u16| -> Outcome<Duration> {
        let probes: Vec<Probe> = (0..count).map(probe).collect();
        let mut times = Vec::new();
        for _ in 0..3 {
            times.push(lab.send(&probes).took);
        }
        times.sort_unstable();
        Ok(times[1])
    };
    Ok((send(MANY)?.saturating_sub(send(FEW)?)) / u32::from(MANY - FEW))
}

/// What Review does with 1,000 new rules, and then the rehearsal with as many packets as it ever sends.
fn plan_and_proof(lab: &Lab) -> Outcome<()> {
    let situation = Lab::situation(Vec::new());
    let plan = timed(|| {
        let (old, new) = (ruleset(1)?, ruleset_of(Action::Allow, 1_000)?);
        let changes = diff(&old, &new, &situation).changes;
        Ok((changes, serde_json::to_string(&compile(&new, 1).batch(&lab.present()))?))
    })?;
    report("plan of 1,000 new rules", millis(plan), None, "ms")?;
    let content = Content::Tcp { from: 1024, port: 22, flags: SYN };
    let from = |index| Lab::packet(source(index).first(), host_address(Family::V4), content, "world0");
    let probes: Vec<_> = (1..=1_000).map(from).take(limits::PROBES).collect();
    let survey = Survey::default();
    let rehearsal = serde_json::json!({ "ruleset": ruleset_of(Action::Allow, 1_000)?.ruleset(), "survey": survey, "probes": probes });
    let input = serde_json::to_string(&rehearsal)?;
    let helper = env!("CARGO_BIN_EXE_portreeve-helper");
    let proof = timed(|| Ok(run("unshare", &["--net", "--", helper, "rehearse"], &input)?))?;
    report(&format!("proof of 1,000 new rules, {} packets", probes.len()), millis(proof), None, "ms")
}

fn main() -> Outcome<()> {
    let mut lab = Lab::new();
    for count in [10, 1_000, 10_000] {
        let checked = ruleset(count)?;
        let compiled = compile(&checked, 1);
        let text = naive(count);
        let json = serde_json::to_string(&compiled.batch(&Present::default()))?;
        lab.nft(&["-j", "-f", "-"], &json)?;
        let again = serde_json::to_string(&compiled.batch(&lab.present()))?;
        let ours = timed(|| Ok(lab.nft(&["-j", "-f", "-"], &again)?))?;
        let same = format!("flush table inet portreeve\n{}", lab.nft(&["list", "table", "inet", "portreeve"], "")?);
        let peer = timed(|| Ok(lab.nft_text(&same)?))?;
        report(&format!("apply {count} rules: nft -f of the same"), millis(ours), Some(millis(peer)), "ms")?;
        lab.clear();
        let peer = timed(|| Ok(lab.nft_text(&text)?))?;
        lab.nft_text("delete table inet naive")?;
        report(&format!("apply {count} rules: nft -f, one by one"), millis(ours), Some(millis(peer)), "ms")?;
        let work = timed(|| {
            let compiled = compile(&ruleset(count)?, 1);
            Ok(serde_json::to_string(&compiled.batch(&Present::default()))?)
        })?;
        report(&format!("check and compile {count} rules"), millis(work), None, "ms")?;
        let situation = Lab::situation(Vec::new());
        let simulator = Simulator::new(&compiled, &situation);
        let packet = probe(1).packet;
        let judged = timed(|| Ok((0..10_000).map(|_| simulator.judge(&packet).counted.len()).sum::<usize>()))?;
        report(&format!("simulated verdicts, {count} rules"), 10_000.0 / judged.as_secs_f64(), None, "per s")?;
    }
    let (old, new) = (ruleset(1_000)?, ruleset(1_001)?);
    let plan = timed(|| Ok(diff(&old, &new, &Lab::situation(Vec::new()))))?;
    report("difference of 1,000 rules by one", millis(plan), None, "ms")?;
    plan_and_proof(&lab)?;

    lab.load(&compile(&ruleset(10_000)?, 1).batch(&Present::default()))?;
    let ours = per_packet(&mut lab)?;
    lab.clear();
    lab.nft_text(&naive(10_000))?;
    let peer = per_packet(&mut lab)?;
    let per_second = |time: Duration| 1.0 / time.as_secs_f64();
    report("packets through 10,000 rules: one by one", per_second(ours), Some(per_second(peer)), "per s")
}
