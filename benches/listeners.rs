//! One listing by the helper against one `ss -Htulpn`, on a host with 10,000 sockets and 2,000 processes.
//!
//! Twice: all processes in one cgroup, as in a container, and with the servers in cgroups of their own, as systemd does.

mod stage;

use std::{
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use portreeve::boundary::{Request, Response, VERSION, codec, limits};
use stage::{LISTENING, Outcome, Stage, median, report, timed};

const CONNECTED: usize = 2_500;
const ROUNDS: usize = 7;

/// Longer than the helper hands out one listing again.
const PAUSE: Duration = Duration::from_millis(600);

fn main() -> Outcome<()> {
    for (name, own_cgroups) in [("listeners, one cgroup", false), ("listeners, cgroup per service", true)] {
        let mut stage = Stage::new()?;
        stage.fill(own_cgroups, CONNECTED)?;
        let dir = tempfile::tempdir()?;
        let socket = start_helper(&mut stage, dir.path())?;
        let (mut ours, mut peer) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            thread::sleep(PAUSE);
            ours.push(timed(|| list(&socket))?);
            peer.push(timed(|| run_ss(&stage))?);
        }
        report(name, "ss -Htulpn", median(ours), median(peer))?;
    }
    Ok(())
}

fn start_helper(stage: &mut Stage, dir: &Path) -> Outcome<PathBuf> {
    let socket = dir.join("helper.sock");
    let mut helper = stage.inside(env!("CARGO_BIN_EXE_portreeve-helper"));
    helper.args(["serve", "--panel-user", "root", "--socket"]).arg(&socket);
    helper.arg("--state-dir").arg(dir.join("state")).stderr(Stdio::null());
    stage.children.push(helper.spawn()?);
    while UnixStream::connect(&socket).is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    Ok(socket)
}

fn run_ss(stage: &Stage) -> Outcome<()> {
    let output = stage.inside("ss").arg("-Htulpn").output()?;
    check(String::from_utf8(output.stdout)?.lines().count())
}

fn list(socket: &Path) -> Outcome<()> {
    let mut stream = UnixStream::connect(socket)?;
    ask(&mut stream, &Request::Hello { version: VERSION })?;
    match ask(&mut stream, &Request::ListListeners {})? {
        Response::Listeners(listing) => {
            check(listing.listeners.iter().filter(|listener| !listener.processes.is_empty()).count())
        }
        other => Err(format!("{other:?}").into()),
    }
}

fn ask(stream: &mut UnixStream, request: &Request) -> Outcome<Response> {
    codec::write(stream, request, limits::REQUEST_BYTES)?;
    Ok(codec::read(stream, limits::RESPONSE_BYTES)?)
}

fn check(found: usize) -> Outcome<()> {
    if found == LISTENING { Ok(()) } else { Err(format!("{found} of {LISTENING} listeners found").into()) }
}
