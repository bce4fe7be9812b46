//! One look at who is connected against one `ss -Htan`, on a host with 15,000 sockets: 5,000 listening, 5,000 connections
//! with both their ends.

mod stage;

use std::{fs::File, os::fd::AsFd, thread, time::Duration};

use portreeve::{firewall::listener::Transport, host::connections::Look};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use stage::{LISTENING, Outcome, Stage, median, report, timed};

const CONNECTED: usize = 5_000;
const ROUNDS: usize = 15;
const PAUSE: Duration = Duration::from_millis(200);

fn main() -> Outcome<()> {
    let mut stage = Stage::new()?;
    stage.fill(false, CONNECTED)?;
    let namespace = File::open(format!("/run/netns/{}", stage.name))?;
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
    let mut look = Look::open()?;
    let (mut ours, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        thread::sleep(PAUSE);
        ours.push(timed(|| glance(&mut look))?);
        peer.push(timed(|| run_ss(&stage))?);
    }
    report("connections", "ss -Htan", median(ours), median(peer))
}

fn glance(look: &mut Look) -> Outcome<()> {
    if look.sample()?.listens(Transport::Tcp, 1_000) { Ok(()) } else { Err("a listener is missing".into()) }
}

fn run_ss(stage: &Stage) -> Outcome<()> {
    let output = stage.inside("ss").arg("-Htan").output()?;
    let found = String::from_utf8(output.stdout)?.lines().count();
    let expected = LISTENING + 2 * CONNECTED;
    if found == expected { Ok(()) } else { Err(format!("{found} of {expected} sockets found").into()) }
}
