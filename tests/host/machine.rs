//! A booted Debian with systemd, one for each test: a container that dies with the test, whatever ends the test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
    thread,
};

use super::{
    command::{command, printed, wait_for},
    network::Network,
    root_fs,
};

/// Mounts in a namespace of its own, so nothing stays behind or is shared with a machine of another test. A reboot ends nspawn with 133. Arguments: mount point,
/// cached tree, network namespace.
const BOOT: &str = r#"
set -e
mkdir -p /run/systemd/nspawn
mount -t tmpfs nspawn /run/systemd/nspawn
mount -t tmpfs -o size=2G,mode=0755 machine "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" machine "$1/root"
while status=0; do
  setpriv --pdeathsig KILL systemd-nspawn --quiet --directory "$1/root" --boot --register=no --keep-unit \
    --network-namespace-path "/run/netns/$3" --console=pipe || status=$?
  [ "$status" = 133 ] || exit "$status"
done
"#;

/// The namespaces' programs get this environment and no other.
const ENVIRONMENT: [&str; 3] =
    ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"];

/// A running host and the network around it.
pub struct Machine {
    /// Where it stands.
    pub network: Network,
    keeper: Child,
}

impl Machine {
    /// Boots a fresh host until all its units are up.
    pub fn boot() -> Self {
        let tree = root_fs::debian();
        let network = Network::new();
        let mount_point = tree.with_file_name("machine");
        fs::create_dir_all(&mount_point).expect("a mount point");
        let keeper = command("setpriv")
            .args(["--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "sh", "-c", BOOT, "sh"])
            .args([&mount_point, &tree])
            .arg(&network.server)
            // One hierarchy, as on a host of today, even where the tests run has the old ones.
            .env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("util-linux");
        let machine = Self { network, keeper };
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

    fn wait_until_up(&self, former_leader: u32) {
        wait_for("the machine to boot", || {
            self.leader().filter(|leader| *leader != former_leader)?;
            let state = self.output("systemctl is-system-running");
            ["running", "degraded"].contains(&String::from_utf8_lossy(&state.stdout).trim()).then_some(())
        });
    }

    /// Process 1 of the machine, as this machine numbers it.
    fn leader(&self) -> Option<u32> {
        let nspawn = children(self.keeper.id()).next()?;
        children(nspawn)
            .find(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "systemd\n"))
    }
}

impl Drop for Machine {
    #[expect(clippy::print_stderr, reason = "the journal tells why the test failed")]
    fn drop(&mut self) {
        if thread::panicking() && self.leader().is_some() {
            let journal = self.output("journalctl --boot --no-pager --lines=150");
            eprintln!("{}", String::from_utf8_lossy(&journal.stdout));
        }
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

fn children(pid: u32) -> impl Iterator<Item = u32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>().into_iter()
}
