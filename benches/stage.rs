//! A host with many sockets and processes, for benchmarks: programs and a network namespace, gone when dropped.

use std::{
    error::Error,
    fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

pub const SERVERS: usize = 20;
pub const LISTENING: usize = 5_000;
const SLEEPERS: usize = 2_000;

/// Joins a cgroup, opens its share of sockets, half the connections' ends each, and stays until standard input ends.
const SERVER: &str = r"
import socket, sys
cgroup, number, listening, connected = sys.argv[1], *map(int, sys.argv[2:])
if cgroup:
    open(cgroup + '/cgroup.procs', 'w').write('0')
held = [socket.create_server((f'127.0.{number + 1}.1', 1000 + n)) for n in range(listening)]
for n in range(connected):
    held.append(socket.create_connection(held[n % listening].getsockname()))
    held.append(held[n % listening].accept()[0])
print('ready', flush=True)
sys.stdin.read()
";

/// Forks sleepers that end with standard input.
const CROWD: &str = r"
import os, sys
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        sys.stdin.read()
        os._exit(0)
print('ready', flush=True)
sys.stdin.read()
";

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// Programs and a network namespace, gone when dropped.
pub struct Stage {
    pub name: String,
    pub children: Vec<Child>,
    cgroups: Vec<PathBuf>,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark starts the programs it compares")]
pub fn program(name: &str) -> Command {
    Command::new(name)
}

impl Stage {
    pub fn new() -> Outcome<Self> {
        let name = format!("prv-bench-{}", std::process::id());
        let made = program("ip").args(["netns", "add", &name]).status()?;
        let stage = Self { name, children: Vec::new(), cgroups: Vec::new() };
        let up = stage.inside("ip").args(["link", "set", "lo", "up"]).status()?;
        if made.success() && up.success() { Ok(stage) } else { Err("no network namespace could be made".into()) }
    }

    pub fn inside(&self, name: &str) -> Command {
        let mut command = program("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name)).arg(name);
        command
    }

    /// Opens sockets that listen and `connected` connections, of which both ends are here.
    pub fn fill(&mut self, own_cgroups: bool, connected: usize) -> Outcome<()> {
        for number in 0..SERVERS {
            let cgroup = if own_cgroups { self.make_cgroup(number)? } else { String::new() };
            let shares = [number, LISTENING / SERVERS, connected / SERVERS].map(|share| share.to_string());
            let mut server = self.inside("python3");
            server.args(["-c", SERVER, &cgroup]).args(shares);
            self.keep(server)?;
        }
        let mut crowd = self.inside("python3");
        crowd.args(["-c", CROWD, &SLEEPERS.to_string()]);
        self.keep(crowd)
    }

    fn make_cgroup(&mut self, number: usize) -> Outcome<String> {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let root = roots.into_iter().find(|root| root.join("cgroup.controllers").exists());
        let dir = root.ok_or("no cgroup hierarchy of version 2")?.join(format!("{}-{number}.service", self.name));
        fs::create_dir(&dir)?;
        self.cgroups.push(dir.clone());
        Ok(dir.display().to_string())
    }

    fn keep(&mut self, mut command: Command) -> Outcome<()> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        self.children.push(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line == "ready\n" { Ok(()) } else { Err("a server did not get ready".into()) }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in &mut self.children {
            let is_helper = child.stdin.take().is_none();
            if is_helper {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
        for dir in &self.cgroups {
            let _ = fs::remove_dir(dir);
        }
        let _ = program("ip").args(["netns", "delete", &self.name]).status();
    }
}

pub fn timed(mut act: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let start = Instant::now();
    act()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn report(name: &str, peer_name: &str, ours: f64, peer: f64) -> Outcome<()> {
    let ratio = ours / peer;
    writeln!(io::stdout(), "{name:<32} ours {ours:>8.1} ms   {peer_name} {peer:>8.1} ms   ratio {ratio:.2}")?;
    let line = serde_json::json!({ "name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": "ms" });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    Ok(writeln!(fs::OpenOptions::new().create(true).append(true).open(target)?, "{line}")?)
}
