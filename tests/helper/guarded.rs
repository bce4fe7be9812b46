//! A host in a network namespace of its own with a helper that guards it, and everything a test can do to both.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION},
    firewall::{Ruleset, enforcement::Enforcement, simulate::Packet},
};
use rustix::process::{Pid, Signal, kill_process};

use super::running::{Client, open_dir, program, settings, wait_until};

/// The shortest window there is.
pub const WINDOW: u32 = 5;

/// How late a roll back may be.
const LATE: Duration = Duration::from_secs(2);

pub struct Guarded {
    pub name: String,
    pub dir: tempfile::TempDir,
    helper: Option<Child>,
}

/// A ruleset that lets in TCP to one port.
pub fn opens(port: u16) -> Ruleset {
    let json = format!(r#"{{"rules":[{{"id":1,"action":"allow","direction":"in","to":["{port}/tcp"]}}]}}"#);
    serde_json::from_str(&json).unwrap()
}

pub fn apply(ruleset: Ruleset, revision: u64, expected: Option<u64>) -> Request {
    Request::Apply { ruleset, revision, expected, window_seconds: WINDOW, probes: Vec::<Packet>::new() }
}

impl Guarded {
    /// A host without a helper.
    pub fn bare() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("prg-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        run("ip", &["netns", "add", &name]);
        run("ip", &["-n", &name, "link", "set", "lo", "up"]);
        let dir = open_dir();
        fs::create_dir(dir.path().join("state")).unwrap();
        Self { name, dir, helper: None }
    }

    pub fn new() -> Self {
        let mut host = Self::bare();
        host.start();
        host
    }

    /// A host whose confirmed revision 1 lets in 22/tcp.
    pub fn confirmed() -> Self {
        let host = Self::new();
        host.state(&apply(opens(22), 1, None));
        host.state(&Request::Confirm { revision: 1 });
        host
    }

    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let mut command = self.command("serve");
        command.args(settings(self.dir.path())).stdin(Stdio::null()).stderr(log);
        self.helper = Some(command.spawn().unwrap());
        wait_until("the helper accepts", || std::os::unix::net::UnixStream::connect(self.socket()).is_ok());
        // It accepts before it has put right what it found.
        drop(self.greet());
    }

    fn command(&self, verb: &str) -> std::process::Command {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.name, env!("CARGO_BIN_EXE_portreeve-helper"), verb]);
        command
    }

    /// Runs `portreeve-helper restore` as at the start of the host; whether all was well.
    pub fn restore(&self) -> bool {
        let state = self.path("state").display().to_string();
        self.command("restore").args(["--state-dir", &state]).stderr(Stdio::null()).status().unwrap().success()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn socket(&self) -> PathBuf {
        self.path("run/helper.sock")
    }

    pub fn pid(&self) -> u32 {
        self.helper.as_ref().unwrap().id()
    }

    /// The process that starts programs for the helper.
    pub fn child(&self) -> u32 {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.pid())).unwrap();
        children.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Ends the helper and waits until it is gone.
    pub fn end(&mut self, signal: Signal) {
        send(self.pid(), signal);
        self.helper.take().unwrap().wait().unwrap();
    }

    /// Waits until the helper ends by itself.
    pub fn wait_for_end(&mut self) {
        self.helper.take().unwrap().wait().unwrap();
    }

    /// Ends helper and child so that nobody is left to act.
    pub fn end_both(&mut self) {
        send(self.child(), Signal::STOP);
        let child = self.child();
        self.end(Signal::KILL);
        send(child, Signal::KILL);
        wait_until("the child is gone", || !fs::exists(format!("/proc/{child}")).unwrap());
    }

    /// A conversation that has begun.
    pub fn greet(&self) -> Client {
        let mut client = Client::connect(&self.socket());
        assert_eq!(client.ask(&Request::Hello { version: VERSION }), Some(Response::Hello { version: VERSION }));
        client
    }

    pub fn ask(&self, request: &Request) -> Response {
        self.greet().ask(request).unwrap()
    }

    pub fn state(&self, request: &Request) -> Enforcement {
        match self.ask(request) {
            Response::State(state) => state,
            other => panic!("{other:?}"),
        }
    }

    pub fn read_state(&self) -> Enforcement {
        self.state(&Request::ReadState {})
    }

    /// The state once nothing is pending: the helper knows it a moment after the kernel.
    pub fn settled(&self) -> Enforcement {
        wait_until("nothing is pending", || self.read_state().pending.is_none());
        self.read_state()
    }

    pub fn refusal(&self, request: &Request) -> Refusal {
        match self.ask(request) {
            Response::Refused { refusal } => refusal,
            other => panic!("{other:?}"),
        }
    }

    /// Has nft carry out commands in the host.
    pub fn nft(&self, commands: &str) {
        self.execute(&["nft", commands]);
    }

    /// Runs a program in the host.
    pub fn execute(&self, words: &[&str]) {
        run("ip", &[&["netns", "exec", &self.name], words].concat());
    }

    /// Whether an address is in a set of ours.
    pub fn nft_finds(&self, set: &str, address: &str) -> bool {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.name, "nft", "get", "element", "inet", "portreeve", set]);
        command.arg(format!("{{ {address} }}")).stderr(Stdio::null()).stdout(Stdio::null());
        command.status().unwrap().success()
    }

    /// Our table without what it counts, its objects in order; empty if there is none. Its receipts name the revision.
    pub fn table(&self) -> String {
        let listing = self.list(&["table", "inet", "portreeve"]);
        let objects = listing.trim_start_matches("table inet portreeve {");
        let objects = objects.strip_suffix("}\n").unwrap_or(objects);
        let mut objects: Vec<&str> = objects.split("\n\n").map(str::trim).collect();
        objects.sort_unstable();
        objects.join("\n")
    }

    /// A table with everything that is in it.
    pub fn list_whole(&self, table: &str) -> String {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.name, "nft", "list", "table"]).args(table.split(' '));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    fn list(&self, what: &[&str]) -> String {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.name, "nft", "-s", "-t", "list"]).args(what);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// Asserts that by the end of the window, and a little, the table is this one.
    pub fn assert_back(&self, table: &str, window: Instant) {
        let end = window + Duration::from_secs(WINDOW.into()) + LATE;
        while self.table() != table {
            assert!(Instant::now() < end, "too late; the log says:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Puts the state directory on a disk of its own.
    pub fn small_disk(&self) {
        let state = self.path("state").display().to_string();
        run("mount", &["-t", "tmpfs", "-o", "size=256k,mode=0700", "none", &state]);
    }

    /// Leaves no room on the small disk.
    pub fn fill_disk(&self) {
        let error = fs::write(self.path("state/filler"), vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(mut helper) = self.helper.take() {
            let _ = helper.kill();
            let _ = helper.wait();
        }
        // Fails where nothing was mounted.
        let _ = program("umount").arg("-lq").arg(self.path("state")).status();
        run("ip", &["netns", "del", &self.name]);
    }
}

pub fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

pub fn run(name: &str, arguments: &[&str]) {
    let output = program(name).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
