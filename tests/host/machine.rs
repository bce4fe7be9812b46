//! A booted Debian with systemd, one for each test: a container that dies with the test, whatever ends the test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use tempfile::NamedTempFile;

use super::{
    cgroup::Cgroup,
    command::{command, output, printed, wait_for},
    network::Network,
    root_fs,
};

/// Runs as process 1 of namespaces of its own: nothing stays mounted, nothing is shared with the machine of another test,
/// and when it dies the kernel ends all that runs below. A reboot ends nspawn with 133, and rules outlive it no more than on
/// a real machine. Arguments: mount point, cached tree, network namespace, control group.
const BOOT: &str = r#"
set -e
mkdir -p /run/systemd/nspawn
echo 0 >"$4/cgroup.procs"
mount -t tmpfs nspawn /run/systemd/nspawn
mount -t tmpfs -o size=2G,mode=0755 machine "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" machine "$1/root"
while status=0; do
  ip netns exec "$3" nft flush ruleset
  systemd-nspawn --quiet --directory "$1/root" --boot --register=no --keep-unit --console=pipe \
    --network-namespace-path "/run/netns/$3" \
    --capability CAP_BPF,CAP_NET_ADMIN \
    --system-call-filter "bpf landlock_create_ruleset landlock_add_rule landlock_restrict_self" || status=$?
  [ "$status" = 133 ] || exit "$status"
done
"#;

/// The kernel gives one user 128 inotify instances, and each machine takes a dozen.
static PLACES: [Mutex<()>; 2] = [Mutex::new(()), Mutex::new(())];

/// The namespaces' programs get this environment and no other.
const ENVIRONMENT: [&str; 3] =
    ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"];

/// A running host and the network around it.
pub struct Machine {
    /// Where it stands.
    pub network: Network,
    keeper: Child,
    console: NamedTempFile,
    _cgroup: Cgroup,
    _place: MutexGuard<'static, ()>,
}

impl Machine {
    /// Boots a fresh host until all its units are up.
    pub fn boot() -> Self {
        let tree = root_fs::debian();
        let network = Network::new();
        let place = PLACES[network.number % PLACES.len()].lock().unwrap_or_else(PoisonError::into_inner);
        let cgroup = Cgroup::new(network.number);
        let mount_point = tree.with_file_name("machine");
        fs::create_dir_all(&mount_point).expect("a mount point");
        let console = NamedTempFile::new().expect("the console's file");
        // Each dies with its parent, so that nothing outlives a test that is killed.
        let keeper = command("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", BOOT, "sh"])
            .args([&mount_point, &tree])
            .arg(&network.server)
            .arg(&cgroup.path)
            // One hierarchy, as on a host of today, even where the tests run has the old ones.
            .env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1")
            .stdin(Stdio::null())
            .stdout(console.reopen().expect("the console's file"))
            .stderr(console.reopen().expect("the console's file"))
            .spawn()
            .expect("util-linux");
        let machine = Self { network, keeper, console, _cgroup: cgroup, _place: place };
        machine.wait_until_up(0);
        machine
    }

    /// Restarts it as an administrator would.
    pub fn reboot(&self) {
        let before = self.leader().expect("it runs");
        self.run("systemctl reboot");
        self.wait_until_up(before);
    }

    /// Runs a shell line as root inside; it must succeed. Gives what it printed.
    pub fn run(&self, line: &str) -> String {
        printed(line, &self.output(line))
    }

    /// Runs a shell line as root inside.
    pub fn output(&self, line: &str) -> Output {
        let leader = self.leader().expect("the machine runs").to_string();
        let mut inside = command("nsenter");
        inside.args(["--target", &leader, "--all", "--", "env", "-i"]).args(ENVIRONMENT);
        inside.args(["sh", "-c", line]).output().expect("util-linux")
    }

    /// The path from out here of a file inside.
    pub fn path(&self, inside: &str) -> PathBuf {
        Path::new("/proc").join(self.leader().expect("the machine runs").to_string()).join("root").join(&inside[1..])
    }

    /// The main process of a unit, once it is active.
    pub fn main_pid(&self, unit: &str) -> u32 {
        self.main_pid_other_than(unit, 0)
    }

    /// The main process of a unit, once it is active and another than before.
    pub fn main_pid_other_than(&self, unit: &str, before: u32) -> u32 {
        wait_for(unit, || {
            let state = self.run(&format!("systemctl show --property=ActiveState,MainPID {unit}"));
            let pid = state.lines().find_map(|line| line.strip_prefix("MainPID="))?.parse().ok()?;
            (state.contains("ActiveState=active") && pid != 0 && pid != before).then_some(pid)
        })
    }

    fn wait_until_up(&self, former_leader: u32) {
        wait_for("the machine to boot", || {
            self.leader().filter(|leader| *leader != former_leader)?;
            let state = self.output("systemctl is-system-running");
            ["running", "degraded"].contains(&String::from_utf8_lossy(&state.stdout).trim()).then_some(())
        });
    }

    /// Process 1 of the machine, as this machine numbers it.
    fn leader(&self) -> Option<u32> {
        let nspawn = children(self.shell()?).next()?;
        children(nspawn)
            .find(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "systemd\n"))
    }

    /// Process 1 of the namespaces in which the machine runs.
    fn shell(&self) -> Option<u32> {
        children(self.keeper.id()).next()
    }
}

impl Drop for Machine {
    #[expect(clippy::print_stderr, reason = "console and journal tell why the test failed")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", fs::read_to_string(&self.console).unwrap_or_default());
        }
        if thread::panicking() && self.leader().is_some() {
            let journal = self.output("journalctl --boot --no-pager --lines=150");
            eprintln!("{}", String::from_utf8_lossy(&journal.stdout));
        }
        // With the shell dies all that runs below it, and the keeper ends only after that.
        self.shell().map(|shell| output(&format!("kill -KILL {shell}")));
        let _ = self.keeper.wait();
    }
}

fn children(pid: u32) -> impl Iterator<Item = u32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>().into_iter()
}
