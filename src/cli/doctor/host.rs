//! What the host itself has to offer: a clock, both families, room on its disks, and a start before the network.

use std::{fs, net::IpAddr, path::Path};

use rustix::fs::statvfs;

use super::Finding;
use crate::{
    actions::HelperSocket,
    cli::console::Console,
    firewall::{Listing, enforcement::Survey},
};

/// Below this the panel soon can't write, in bytes.
const SCARCE: u64 = 50 * 1024 * 1024;
const LITTLE: u64 = 500 * 1024 * 1024;

/// Programs that set the clock.
const TIMEKEEPERS: [&str; 4] = ["chronyd", "ntpd", "ntpd-rs", "openntpd"];

pub(super) fn examine(console: &Console) -> Vec<Finding> {
    let listing = console.ask(HelperSocket::list_listeners).unwrap_or_default();
    let mut findings = vec![clock(&listing)];
    findings.extend(console.ask(HelperSocket::read_survey).ok().map(|survey| families(&survey)));
    findings.push(disk("/var/lib"));
    findings.extend(boot());
    findings
}

/// Rules and lists end by the host's clock, and second factors need it.
fn clock(listing: &Listing) -> Finding {
    let is_synchronised = Path::new("/run/systemd/timesync/synchronized").exists();
    let mut programs = listing.listeners.iter().flat_map(|listener| &listener.processes);
    let keeper = programs.find(|process| TIMEKEEPERS.contains(&process.name.as_str()));
    match (is_synchronised, keeper) {
        (true, _) => Finding::good("clock", "systemd-timesyncd keeps it."),
        (false, Some(keeper)) => Finding::good("clock", format!("{} keeps it.", keeper.name)),
        (false, None) => {
            let found = "No program was found that keeps it right.";
            Finding::look("clock", found, "Rules that end at a moment need it: install systemd-timesyncd or chrony.")
        }
    }
}

fn families(survey: &Survey) -> Finding {
    if fs::read_to_string("/proc/sys/net/ipv6/conf/all/disable_ipv6").is_ok_and(|text| text.trim() == "1") {
        return Finding::good("IPv6", "It is switched off on this host; the rules cover the family all the same.");
    }
    let is_global = |address: &IpAddr| match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.segments()[0] & 0xe000 == 0x2000,
    };
    let globals = survey.addresses.iter().filter(|own| is_global(&own.address)).count();
    match globals {
        0 => Finding::good("IPv6", "The host has no global address; the rules cover the family all the same."),
        _ => Finding::good("IPv6", format!("The host has {globals} global address(es), and every rule covers them.")),
    }
}

fn disk(folder: &str) -> Finding {
    match statvfs(folder) {
        Ok(status) => {
            let free = status.f_bavail.saturating_mul(status.f_frsize);
            let found = format!("{} MiB are free in {folder}.", free / 1024 / 1024);
            match free {
                0..SCARCE => Finding::bad("disk", found, "Make room: with a full disk nothing can be applied."),
                SCARCE..LITTLE => Finding::look("disk", found, "The history of blocked connections may take 1 GiB."),
                _ => Finding::good("disk", found),
            }
        }
        Err(error) => Finding::look("disk", format!("{folder} can't be looked at: {error}"), ""),
    }
}

/// Where systemd runs, it has to bring the rules up before the network.
fn boot() -> Option<Finding> {
    if !Path::new("/run/systemd/system").exists() {
        let advice = "Have `portreeve-helper restore` run before the network comes up.";
        return Some(Finding::look("boot", "systemd doesn't run on this host.", advice));
    }
    let wants = fs::read_dir("/etc/systemd/system").ok()?.filter_map(Result::ok);
    let is_enabled = wants
        .filter(|entry| entry.file_name().as_encoded_bytes().ends_with(b".wants"))
        .any(|entry| entry.path().join("portreeve-restore.service").symlink_metadata().is_ok());
    Some(if is_enabled {
        Finding::good("boot", "portreeve-restore.service brings the rules up before the network.")
    } else {
        let found = "portreeve-restore.service isn't enabled: after a restart the host stands open for a while.";
        Finding::look("boot", found, "systemctl enable portreeve-restore.service")
    })
}
