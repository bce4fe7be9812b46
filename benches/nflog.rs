//! Receipts from the kernel to the database, with the books balanced, against `ulogd2` writing a text file. Both read the
//! same flood of forged sources at the same rate, one after the other.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use portreeve::{detect::blocked::Fold, firewall::Moment, helper::open_nflog, host::nflog::Nflog, store::Store};
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Receipts a second that the kernel's limit lets through, until neither keeps up.
const RATES: [u32; 6] = [10_000, 20_000, 40_000, 80_000, 120_000, 200_000];

/// How long each rate is held.
const FLOOD: Duration = Duration::from_secs(5);

/// How long the flood of the one before may echo, and what is unread may take.
const REST: Duration = Duration::from_secs(2);

/// The unit of `/proc/PID/stat`.
const TICKS: f64 = 100.0;

const STORE: Duration = Duration::from_secs(1);

/// What one reader made of a flood.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    logged: u64,
    read: u64,
    cores: f64,
    megabytes: f64,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let ["collect", dir] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return collect(Path::new(dir));
    }
    for rate in RATES {
        let ours = Host::new(rate)?.flood_ours()?;
        let peer = Host::new(rate)?.flood_ulogd()?;
        report(rate, ours, peer)?;
    }
    Ok(())
}

/// What the panel does, in the network namespace that this process is in: read, fold, store once a second. Ends when
/// standard input does, and then tells what rows tell of.
fn collect(dir: &Path) -> Outcome<()> {
    let runtime = Runtime::new()?;
    let store = runtime.block_on(Store::open(dir))?;
    let mut nflog = Nflog::new(open_nflog()?);
    let end = thread::spawn(|| io::stdin().read_line(&mut String::new()));
    let (mut fold, mut read, mut stored) = (Fold::default(), 0_u64, Instant::now());
    loop {
        let is_over = end.is_finished();
        nflog.read(Duration::from_millis(100), |packet| {
            read += 1;
            fold.add(packet, now());
        })?;
        if is_over || stored.elapsed() > STORE {
            let batch = fold.take();
            let ids = runtime.block_on(store.upkeep().note_blocked(&batch.entries))?;
            fold.saved(&batch, &ids);
            stored = Instant::now();
        }
        if is_over {
            return Ok(writeln!(io::stdout(), "{read}")?);
        }
    }
}

fn now() -> Moment {
    #[expect(clippy::disallowed_methods, reason = "as the panel's clock")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Two network namespaces on one wire: one that logs and drops, one that floods. Removed when dropped.
struct Host {
    name: String,
    dir: tempfile::TempDir,
}

impl Host {
    fn new(rate: u32) -> Outcome<Self> {
        let name = format!("prk-nflog-{}", std::process::id());
        let host = Self { name, dir: tempfile::tempdir()? };
        let (one, two) = (host.name.clone(), host.peer());
        ip(&["netns", "add", &one])?;
        ip(&["netns", "add", &two])?;
        ip(&["-n", &one, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", &two])?;
        for (name, address) in [(&one, "10.97.0.1/24"), (&two, "10.97.0.2/24")] {
            ip(&["-n", name, "addr", "add", address, "dev", "wire"])?;
            ip(&["-n", name, "link", "set", "wire", "up"])?;
        }
        let rules = format!(
            "table inet portreeve {{ counter seen {{ }}
             chain early {{ type filter hook prerouting priority raw; policy accept;
             udp dport 53 limit rate {rate}/second burst {rate} packets counter name seen \
             log prefix \"pr:default-in:41:drop\" group 8470 snaplen 96 queue-threshold 64
             udp dport 53 drop\n }}\n }}\n"
        );
        let mut nft = inside(&host.name, "nft").args(["-f", "-"]).stdin(Stdio::piped()).spawn()?;
        nft.stdin.take().ok_or("no pipe")?.write_all(rules.as_bytes())?;
        if nft.wait()?.success() { Ok(host) } else { Err("the rules can't be loaded".into()) }
    }

    fn peer(&self) -> String {
        format!("{}-peer", self.name)
    }

    /// Packets that were logged so far.
    fn logged(&self) -> Outcome<u64> {
        let mut command = inside(&self.name, "nft");
        let output = command.args(["list", "counter", "inet", "portreeve", "seen"]).output()?;
        let text = String::from_utf8(output.stdout)?;
        let number = text.split_whitespace().skip_while(|word| *word != "packets").nth(1);
        Ok(number.ok_or("no counter")?.parse()?)
    }

    /// Lets the flood come while a process reads.
    fn flood(&self, reader: &Child) -> Outcome<Seen> {
        thread::sleep(REST);
        let before = seconds(reader.id())?;
        let time = FLOOD.as_secs().to_string();
        let mut flood = inside(&self.peer(), "timeout");
        flood.args([&time, "hping3", "--flood", "--rand-source", "--udp", "-p", "53", "10.97.0.1"]);
        flood.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        thread::sleep(REST);
        let cores = (seconds(reader.id())? - before) / FLOOD.as_secs_f64();
        Ok(Seen { logged: self.logged()?, read: 0, cores, megabytes: peak(reader.id()).unwrap_or_default() })
    }

    fn flood_ours(&self) -> Outcome<Seen> {
        let mut command = inside(&self.name, &env::current_exe()?.display().to_string());
        command.arg("collect").arg(self.dir.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut reader = command.spawn()?;
        let seen = self.flood(&reader)?;
        drop(reader.stdin.take());
        let output = reader.wait_with_output()?;
        Ok(Seen { read: String::from_utf8(output.stdout)?.trim().parse()?, ..seen })
    }

    fn flood_ulogd(&self) -> Outcome<Option<Seen>> {
        let (log, settings) = (self.dir.path().join("log"), self.dir.path().join("ulogd.conf"));
        fs::write(&settings, settings_of_ulogd(&plugins()?, &log, self.dir.path()))?;
        let mut command = inside(&self.name, "ulogd");
        command.arg("-c").arg(&settings).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut reader) = command.spawn() else { return Ok(None) };
        let seen = self.flood(&reader)?;
        program("kill", &["-TERM", &reader.id().to_string()]).status()?;
        reader.wait()?;
        let lines = fs::read_to_string(&log)?.lines().count();
        Ok(Some(Seen { read: u64::try_from(lines)?, ..seen }))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = ip(&["netns", "del", &self.peer()]);
        let _ = ip(&["netns", "del", &self.name]);
    }
}

fn inside(name: &str, program_name: &str) -> Command {
    program("ip", &["netns", "exec", name, program_name])
}

fn plugins() -> Outcome<PathBuf> {
    let mut found = fs::read_dir("/usr/lib")?.flatten().map(|entry| entry.path().join("ulogd"));
    Ok(found.find(|path| path.is_dir()).unwrap_or_else(|| PathBuf::from("/usr/lib/ulogd")))
}

/// As its example for a text file, with as large a buffer as ours.
fn settings_of_ulogd(plugins: &Path, log: &Path, dir: &Path) -> String {
    let mut text = format!("[global]\nlogfile=\"{}\"\nloglevel=7\n", dir.join("ulogd.log").display());
    for plugin in
        ["inppkt_NFLOG", "raw2packet_BASE", "filter_IFINDEX", "filter_IP2STR", "filter_PRINTPKT", "output_LOGEMU"]
    {
        let _ = writeln!(text, "plugin=\"{}\"", plugins.join(format!("ulogd_{plugin}.so")).display());
    }
    text.push_str("stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU\n");
    text.push_str("[log1]\ngroup=8470\nnetlink_socket_buffer_size=8388608\nnetlink_socket_buffer_maxsize=8388608\n");
    text.push_str("netlink_qthreshold=64\nnetlink_qtimeout=10\n");
    let _ = writeln!(text, "[emu1]\nfile=\"{}\"\nsync=0", log.display());
    text
}

#[expect(clippy::disallowed_methods, reason = "the peers are programs")]
fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

fn ip(arguments: &[&str]) -> Outcome<()> {
    if program("ip", arguments).status()?.success() { Ok(()) } else { Err(format!("ip {arguments:?}").into()) }
}

/// What a process has had of the processors, in seconds.
fn seconds(process: u32) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / TICKS)
}

/// The most memory that a process had so far, in megabytes.
fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

fn report(rate: u32, ours: Seen, peer: Option<Seen>) -> Outcome<()> {
    let mut out = io::stdout();
    let mut line = serde_json::json!({"bench": format!("receipts, {rate} a second at most"), "ours": json(ours)});
    writeln!(out, "receipts, {rate}/s at most: ours {}", words(ours))?;
    if let Some(peer) = peer {
        writeln!(out, "receipts, {rate}/s at most: ulogd2 {}", words(peer))?;
        line["ulogd2"] = json(peer);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    let mut file = fs::File::options().create(true).append(true).open(path)?;
    Ok(writeln!(file, "{line}")?)
}

fn words(seen: Seen) -> String {
    let Seen { logged, read, cores, megabytes } = seen;
    let lost = logged.saturating_sub(read);
    format!("{logged} logged, {read} read, {lost} lost, {cores:.2} cores, {megabytes:.0} MB")
}

fn json(seen: Seen) -> serde_json::Value {
    serde_json::json!({
        "logged": seen.logged, "read": seen.read, "cores": seen.cores, "megabytes": seen.megabytes,
        "seconds": FLOOD.as_secs(),
    })
}
