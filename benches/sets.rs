//! One ban, and whole lists: by netlink, as the helper does it, against `nft` and `ipset`. With the most memory each took.
//!
//! `nft` takes minutes and gigabytes beside a million prefixes, so that is measured only with `-- --long`.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use portreeve::{
    firewall::{AddressRange, Family, Moment, Ruleset, Surroundings, check, compile, nft::Present},
    helper::Transaction,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: u8 = 5;
const LIST: &str = "list_deny_4";
const BANS: &str = "ban_4";
const HOUR: Option<u64> = Some(3600);

/// What an act took.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    millis: f64,
    megabytes: f64,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", count] => fill(count.parse()?),
        ["ban"] => ban(false),
        ["ban-anew"] => ban(true),
        _ => compare(arguments.iter().any(|argument| argument == "--long")),
    }
}

fn compare(is_long: bool) -> Outcome<()> {
    for count in [0, 100_000, 1_000_000] {
        let host = Host::new()?;
        host.run_ours(&["fill", &count.to_string()])?;
        let ours = host.run_ours(&["ban"])?;
        let peer = (count < 1_000_000 || is_long).then(|| host.ban_by_nft()).transpose()?;
        report(&format!("one ban, {count} prefixes loaded: nft"), ours, peer)?;
        report(&format!("one ban made anew, {count} prefixes loaded"), host.run_ours(&["ban-anew"])?, None)?;
    }
    for count in [100_000, 1_000_000] {
        let host = Host::new()?;
        host.run_ours(&["fill", &count.to_string()])?;
        let ours = host.run_ours(&["fill", &count.to_string()])?;
        report(&format!("replace {count} prefixes: ipset restore"), ours, Some(host.replace_by_ipset(count)?))?;
        let peer = (count < 1_000_000 || is_long).then(|| host.replace_by_nft(count)).transpose()?;
        report(&format!("replace {count} prefixes: nft -f"), ours, peer)?;
    }
    Ok(())
}

/// Apart from each other, so that nothing is joined.
fn prefix(number: u32) -> AddressRange {
    let first = u128::from(0x1400_0000 + number * 8);
    AddressRange::between(Family::V4.address(first), Family::V4.address(first + 3)).expect("in order")
}

/// Replaces the whole list, in the network namespace that this process is in.
fn fill(count: u32) -> Outcome<()> {
    let start = Instant::now();
    let mut transaction = Transaction::default();
    transaction.flush(LIST);
    transaction.add_intervals(LIST, (0..count).map(|number| (prefix(number), None)));
    transaction.commit()?;
    tell(start.elapsed())
}

/// Bans one address after the other, as new bans or as some that are there.
fn ban(anew: bool) -> Outcome<()> {
    let mut times = Vec::new();
    for last in 0..101 {
        let address = AddressRange::from(Family::V4.address(0xcb00_7100 + last));
        let start = Instant::now();
        let mut transaction = Transaction::default();
        if anew {
            transaction.remove(BANS, &[address]);
        }
        transaction.add(BANS, [(address, HOUR)]);
        transaction.commit()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    tell(times[times.len() / 2])
}

/// Tells the process that compares what this one took.
fn tell(took: Duration) -> Outcome<()> {
    Ok(writeln!(io::stdout(), "{} {}", millis(took), peak(std::process::id()).unwrap_or_default())?)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The most memory that a process had so far, in megabytes.
fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// A network namespace with an empty ruleset of ours, removed when dropped.
struct Host {
    name: String,
}

impl Host {
    fn new() -> Outcome<Self> {
        let host = Self { name: format!("prk-sets-{}", std::process::id()) };
        program("ip", &["netns", "add", &host.name]).status()?;
        let surroundings = Surroundings { now: Moment::from_millis(0), interfaces: None, networks: Vec::new() };
        let checked = check(Ruleset::default(), &surroundings).map_err(|problems| format!("{problems:?}"))?;
        let batch = compile(&checked, 1).batch(&Present::default());
        host.run("nft", &["-j", "-f", "-"], &serde_json::to_string(&batch)?)?;
        Ok(host)
    }

    /// Runs this program in the namespace.
    fn run_ours(&self, arguments: &[&str]) -> Outcome<Cost> {
        let itself = env::current_exe()?;
        let mut command = program("ip", &["netns", "exec", &self.name]);
        let output = command.arg(itself).args(arguments).output()?;
        let text = String::from_utf8(output.stdout)?;
        let (millis, megabytes) = text.trim().split_once(' ').ok_or("ours failed")?;
        Ok(Cost { millis: millis.parse()?, megabytes: megabytes.parse()? })
    }

    fn ban_by_nft(&self) -> Outcome<Cost> {
        let mut costs = Vec::new();
        for last in 0..3 {
            let element = format!("add element inet portreeve {BANS} {{ 198.51.100.{last} timeout 1h }}");
            costs.push(self.run("nft", &["-f", "-"], &element)?);
            if costs[0].millis > 10_000.0 {
                return Ok(costs[0]);
            }
        }
        Ok(median(costs))
    }

    fn replace_by_nft(&self, count: u32) -> Outcome<Cost> {
        let mut text = format!("flush set inet portreeve {LIST}\nadd element inet portreeve {LIST} {{\n");
        for number in 0..count {
            writeln!(text, "{},", prefix(number))?;
        }
        text.push_str("}\n");
        self.run("nft", &["-f", "-"], &text)
    }

    /// As it is done so that no packet meets half a list: into a new set that then takes the old one's place.
    fn replace_by_ipset(&self, count: u32) -> Outcome<Cost> {
        let head = format!("create NAME hash:net maxelem {count}\n");
        self.run("ipset", &["restore"], &head.replace("NAME", "list"))?;
        let mut text = head.replace("NAME", "new");
        for number in 0..count {
            writeln!(text, "add new {}", prefix(number))?;
        }
        text.push_str("swap new list\ndestroy new\n");
        let costs = (0..ROUNDS).map(|_| self.run("ipset", &["restore"], &text));
        Ok(median(costs.collect::<Outcome<_>>()?))
    }

    /// Runs a program in the namespace and watches its memory.
    fn run(&self, name: &str, arguments: &[&str], input: &str) -> Outcome<Cost> {
        let start = Instant::now();
        let mut command = program("ip", &["netns", "exec", &self.name, name]);
        let mut child = command.args(arguments).stdin(Stdio::piped()).spawn()?;
        let (id, mut stdin) = (child.id(), child.stdin.take().ok_or("piped")?);
        thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input.as_bytes()));
            let mut megabytes = 0.0_f64;
            let status = loop {
                megabytes = megabytes.max(peak(id).unwrap_or_default());
                match child.try_wait()? {
                    Some(status) => break status,
                    None => thread::sleep(Duration::from_micros(200)),
                }
            };
            let cost = Cost { millis: millis(start.elapsed()), megabytes };
            if status.success() { Ok(cost) } else { Err(format!("{name} {arguments:?}: {status}").into()) }
        })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = program("ip", &["netns", "del", &self.name]).status();
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark starts the programs it compares")]
fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|one, other| one.millis.total_cmp(&other.millis));
    costs.get(costs.len() / 2).copied().unwrap_or_default()
}

fn report(name: &str, ours: Cost, peer: Option<Cost>) -> Outcome<()> {
    report_one(name, ours.millis, peer.map(|peer| peer.millis), "ms")?;
    report_one(&format!("{name}, memory"), ours.megabytes, peer.map(|peer| peer.megabytes), "MB")
}

fn report_one(name: &str, ours: f64, peer: Option<f64>, unit: &str) -> Outcome<()> {
    let ratio = peer.map(|peer| ours / peer);
    let shown = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.5}"));
    let (peer_shown, ratio_shown) = (shown(peer), shown(ratio));
    writeln!(io::stdout(), "{name:<52} ours {ours:>11.4}   peer {peer_shown:>13}   ratio {ratio_shown:>9} {unit}")?;
    let line = serde_json::json!({ "name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    Ok(writeln!(fs::OpenOptions::new().create(true).append(true).open(target)?, "{line}")?)
}
