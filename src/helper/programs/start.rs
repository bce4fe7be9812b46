//! The one place that starts a program: from a fixed absolute path, with nothing of our environment, its input on standard
//! input, its output bounded and its time limited.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Change, Fault, Job, MESSAGE_BYTES, Outcome, Saver};
use crate::{
    boundary::limits,
    firewall::{unit::UnitName, untrusted::tame},
};

const NFT: &str = "/usr/sbin/nft";
const UNSHARE: &str = "/usr/bin/unshare";
const IP: &str = "/usr/bin/ip";
const SYSTEMCTL: &str = "/usr/bin/systemctl";

/// What systemctl tells about a unit.
const PROPERTIES: &str = "--property=Id,Names,Description,LoadState,ActiveState,SubState,UnitFileState,NRestarts,\
    ActiveEnterTimestampMonotonic,TriggeredBy,Triggers,RequiredBy,RequisiteOf,BoundBy,ConsistsOf,PropagatesStopTo,WantedBy,\
    UpheldBy,FragmentPath,DropInPaths,Accept";

/// How long a program may take; ten thousand rules take two seconds.
const TIME: Duration = Duration::from_secs(30);

/// How often a running program is looked at.
const GLANCE: Duration = Duration::from_millis(1);

/// Bytes kept of what a program complains.
const COMPLAINT_BYTES: u64 = 16 * 1024;

/// Characters of a complaint that are passed on.
const COMPLAINT: usize = 1_000;

/// Does a job and waits for its end.
pub fn run(job: &Job) -> Outcome {
    let (program, arguments, input): (_, Vec<OsString>, _) = match job {
        Job::List => (NFT, vec!["-j".into(), "-t".into(), "list".into(), "ruleset".into()], ""),
        Job::Commit(batch) => (NFT, vec!["-j".into(), "-f".into(), "-".into()], batch.as_str()),
        Job::Rehearse(rehearsal) => {
            let arguments =
                vec!["--net".into(), "--".into(), itself().map_err(Fault::Failed)?.into_os_string(), "rehearse".into()];
            (UNSHARE, arguments, rehearsal.as_str())
        }
        Job::Save(saver) => return start_bounded(saver.path(), &[""; 0], "", limits::SAVED_BYTES),
        Job::Show(names) => (SYSTEMCTL, systemctl(&["show", PROPERTIES], names), ""),
        Job::Change(change, names) => (SYSTEMCTL, systemctl(change.arguments(), names), ""),
    };
    start(program, &arguments, input)
}

impl Saver {
    /// Without an argument each prints every table that is there, and none loads a module.
    const fn path(self) -> &'static str {
        match self {
            Self::Iptables => "/usr/sbin/iptables-nft-save",
            Self::Ip6tables => "/usr/sbin/ip6tables-nft-save",
            Self::LegacyIptables => "/usr/sbin/iptables-legacy-save",
            Self::LegacyIp6tables => "/usr/sbin/ip6tables-legacy-save",
        }
    }
}

impl Change {
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Start => &["start", "--no-block"],
            Self::Stop => &["stop", "--no-block"],
            Self::Enable => &["enable"],
            Self::EnableUntilBoot => &["enable", "--runtime"],
            Self::Disable => &["disable"],
            Self::DisableUntilBoot => &["disable", "--runtime"],
            Self::Mask => &["mask"],
            Self::Unmask => &["unmask"],
            Self::AddWants => &["add-wants"],
        }
    }
}

/// No name can be taken for an option, and no question is asked.
fn systemctl(verb: &[&str], names: &[UnitName]) -> Vec<OsString> {
    let fixed = verb.iter().chain(&["--no-ask-password", "--no-pager", "--quiet", "--"]);
    fixed.copied().chain(names.iter().map(UnitName::as_str)).map(OsString::from).collect()
}

/// In a rehearsal: makes links, addresses and routes in the network namespace of this thread.
pub fn lay_cables(lines: &str) -> Outcome {
    start(IP, &["-batch", "-"], lines)
}

/// In a rehearsal: puts the table beside ours that sees which packets pass.
pub fn watch() -> Outcome {
    start(NFT, &["-f", "-"], include_str!("../rehearse/watch.nft"))
}

/// In a rehearsal: what that table has seen.
pub fn observe() -> Outcome {
    start(NFT, &["-j", "list", "table", "inet", "rehearsal"], "")
}

fn start(program: &str, arguments: &[impl AsRef<OsStr>], input: &str) -> Outcome {
    start_bounded(program, arguments, input, MESSAGE_BYTES)
}

fn start_bounded(program: &str, arguments: &[impl AsRef<OsStr>], input: &str, limit: u32) -> Outcome {
    let mut command = command(program.into());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| Fault::Failed(format!("{program} can't be started: {error}")))?;
    talk(child, input, limit).unwrap_or_else(|error| Err(Fault::Unheard(error.to_string())))
}

/// A program that is this one, to be told what to do.
pub fn this_program() -> Result<Command, String> {
    itself().map(command)
}

fn itself() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| format!("this program's file can't be found: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "the one place that starts a program")]
fn command(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    // All that is in the environment: systemctl doesn't start the scripts of the init system before it, and nft lists
    // times in UTC.
    command.env_clear().env("SYSTEMCTL_SKIP_SYSV", "1").env("TZ", "UTC").current_dir("/");
    command
}

fn talk(mut child: Child, input: &str, limit: u32) -> io::Result<Outcome> {
    let missing = || io::Error::other("a program was started without its pipes");
    let mut stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    thread::scope(|scope| {
        // A program that ends before it has read everything says why on its standard error.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        let output = scope.spawn(move || read(stdout, u64::from(limit) + 1));
        let complaint = scope.spawn(move || read(stderr, COMPLAINT_BYTES));
        let status = wait(&mut child, TIME);
        let (output, complaint) = (output.join().unwrap_or_default(), complaint.join().unwrap_or_default());
        let is_whole = u32::try_from(output.len()).is_ok_and(|length| length <= limit);
        if is_whole { Ok(judge(status?, &output, &complaint)) } else { Ok(Err(too_long(limit))) }
    })
}

/// What is over the limit stays in the pipe, which is closed: the program fails.
fn read(pipe: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.take(limit).read_to_end(&mut bytes);
    bytes
}

/// The exit status; none if the program took too long and was killed.
fn wait(child: &mut Child, time: Duration) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(GLANCE);
    }
}

fn too_long(limit: u32) -> Fault {
    Fault::Unheard(format!("it says more than {limit} bytes"))
}

fn judge(status: Option<ExitStatus>, output: &[u8], complaint: &[u8]) -> Outcome {
    let complaint = tame(String::from_utf8_lossy(complaint).trim(), COMPLAINT);
    match status {
        None => Err(Fault::Unheard(format!("it took more than {} seconds and was stopped", TIME.as_secs()))),
        Some(status) if status.code().is_none() => Err(Fault::Unheard(status.to_string())),
        Some(status) if !status.success() && complaint.is_empty() => Err(Fault::Failed(status.to_string())),
        Some(status) if !status.success() => Err(Fault::Failed(complaint)),
        // Others may have put anything into their comments.
        Some(_) => Ok(String::from_utf8_lossy(output).into_owned()),
    }
}
