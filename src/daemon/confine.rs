//! Gives up, for the rest of the process's life, everything the panel doesn't need.
//!
//! A panel that is taken over through a page can then still read and write its own database, answer on the sockets it
//! already has, ask the kernel who is connected, read which packages are installed and who is signed in, and connect to unix sockets: the
//! helper's, for its closed set of questions, and any other that its user may open. It can't start a program, read another
//! user's or any other file of the system, reach the network, or gain a privilege.
//!
//! Everything here holds for the calling thread and the threads it starts later, so it is called before there are others.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, make_bitflags,
};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

/// Why the process could not be confined. It doesn't run unconfined instead.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    /// Started as root.
    #[error(
        "`portreeve serve` must not run as root, because the panel needs no privilege: start its systemd unit, or run it as \
         its own user with `setpriv --reuid portreeve --regid portreeve --init-groups portreeve serve`"
    )]
    Root,
    /// A capability could not be given up.
    #[error("the capabilities of the process could not be given up: {0}")]
    Capabilities(#[source] rustix::io::Errno),
    /// A capability is still there.
    #[error("the process still holds a capability after giving all of them up")]
    StillCapable,
    /// Landlock failed.
    #[error("the files of the panel could not be fenced in: {0}")]
    Landlock(#[from] landlock::RulesetError),
    /// A directory that must stay reachable can't be opened.
    #[error("a directory the panel needs can't be opened: {0}")]
    Path(#[from] landlock::PathFdError),
    /// Seccomp failed.
    #[error("the system calls of the panel could not be restricted: {0}")]
    Seccomp(#[from] seccompiler::Error),
    /// The filter can't be built.
    #[error("the filter of system calls could not be built: {0}")]
    Filter(#[from] seccompiler::BackendError),
}

/// Refuses root: no capability is needed, so none is held even for the time of a start.
pub(super) fn refuse_root() -> Result<(), ConfineError> {
    if rustix::process::geteuid().is_root() || rustix::process::getuid().is_root() {
        return Err(ConfineError::Root);
    }
    Ok(())
}

/// What the panel keeps the use of.
pub(super) struct Reach<'a> {
    /// Everything below may be read and written.
    pub(super) state_dir: &'a Path,
    /// Everything below may be read.
    pub(super) readable: &'a [PathBuf],
}

/// Gives up capabilities, files, connections and system calls, in this order, because each step needs what the next takes.
pub(super) fn confine(reach: &Reach<'_>) -> Result<(), ConfineError> {
    drop_capabilities()?;
    rustix::thread::set_no_new_privs(true).map_err(ConfineError::Capabilities)?;
    fence_in(reach)?;
    restrict_calls()
}

/// The systemd unit starts the panel with nothing to give up, and without the call that would do it.
fn drop_capabilities() -> Result<(), ConfineError> {
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    let held = || rustix::thread::capabilities(None).map_err(ConfineError::Capabilities);
    rustix::thread::clear_ambient_capability_set().map_err(ConfineError::Capabilities)?;
    if held()? == none {
        return Ok(());
    }
    rustix::thread::set_capabilities(None, none).map_err(ConfineError::Capabilities)?;
    if held()? == none { Ok(()) } else { Err(ConfineError::StillCapable) }
}

const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
const WRITE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | RemoveFile});

/// Fences in with Landlock. A kernel without it (before 5.13, or with it switched off) is said in the log: the user's own
/// rights and the systemd unit still hold there.
fn fence_in(reach: &Reach<'_>) -> Result<(), ConfineError> {
    let newest = ABI::V6;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?
        .add_rule(PathBeneath::new(PathFd::new(reach.state_dir)?, READ | WRITE))?;
    for path in reach.readable {
        ruleset = ruleset.add_rule(PathBeneath::new(PathFd::new(path)?, READ))?;
    }
    let status = ruleset.restrict_self()?.ruleset;
    if status != RulesetStatus::FullyEnforced {
        tracing::warn!(?status, "this kernel can't fence in the panel's files and connections completely");
    }
    Ok(())
}

/// Calls that no part of the panel makes and that a taken-over process would want: other programs, other processes, other
/// namespaces, the kernel's less tested corners.
const NEVER: [i64; 40] = [
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_personality,
    libc::SYS_acct,
    libc::SYS_quotactl,
];

/// The old ways to make a process, which newer architectures don't have.
#[cfg(target_arch = "x86_64")]
const NEVER_HERE: [i64; 2] = [libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_HERE: [i64; 0] = [];

fn restrict_calls() -> Result<(), ConfineError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    // The arguments of clone3 lie in memory, where a filter can't look; told that the call doesn't exist, the C library
    // takes clone instead.
    let refused = errno(libc::ENOSYS);
    apply(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), refused, architecture)?;
    refuse_other_numbers()?;
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> =
        NEVER.into_iter().chain(NEVER_HERE).map(|call| (call, Vec::new())).collect();
    calls.insert(libc::SYS_clone, vec![rule(0, SeccompCmpArgLen::Qword, without(libc::CLONE_THREAD), 0)?]);
    calls.insert(libc::SYS_socket, vec![rule(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, unsigned(libc::AF_UNIX))?]);
    calls.insert(libc::SYS_ioctl, typing()?);
    apply(calls, errno(libc::EPERM), architecture)
}

/// The ways to put input into a terminal. Started by hand, the panel writes to the terminal of root, and what it typed
/// there root's shell would run.
fn typing() -> Result<Vec<SeccompRule>, ConfineError> {
    let ways = [libc::TIOCSTI, libc::TIOCLINUX];
    ways.into_iter().map(|way| rule(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, way)).collect()
}

/// Kernels for x86-64 may know each call by a second number, with this bit set (x32), which [`NEVER`] doesn't list.
#[cfg(target_arch = "x86_64")]
fn refuse_other_numbers() -> Result<(), ConfineError> {
    const X32: u32 = 0x4000_0000;
    // BPF's codes for: load a word, jump if greater or equal, return.
    const LOAD: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    let refused = libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs();
    Ok(apply_filter(&[
        sock_filter { code: LOAD, jt: 0, jf: 0, k: 0 },
        sock_filter { code: JUMP_IF_AT_LEAST, jt: 0, jf: 1, k: X32 },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: refused },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW },
    ])?)
}

#[cfg(not(target_arch = "x86_64"))]
const fn refuse_other_numbers() -> Result<(), ConfineError> {
    Ok(())
}

fn apply(
    calls: BTreeMap<i64, Vec<SeccompRule>>,
    answer: SeccompAction,
    architecture: TargetArch,
) -> Result<(), ConfineError> {
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, answer, architecture)?;
    let program: BpfProgram = filter.try_into()?;
    Ok(apply_filter(&program)?)
}

fn rule(
    argument: u8,
    length: SeccompCmpArgLen,
    compare: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, ConfineError> {
    Ok(SeccompRule::new(vec![SeccompCondition::new(argument, length, compare, value)?])?)
}

/// Matches when none of the bits is set.
fn without(bits: i32) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(unsigned(bits))
}

fn errno(number: i32) -> SeccompAction {
    SeccompAction::Errno(number.unsigned_abs())
}

fn unsigned(value: i32) -> u64 {
    u64::from(value.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::{self, ErrorKind},
        net::{TcpListener, TcpStream, UdpSocket},
        os::unix::net::{UnixListener, UnixStream},
        process::Stdio,
        thread,
        time::Duration,
    };

    use super::*;
    use crate::{
        firewall::listener::Transport,
        host::{
            connections::{Ended, Look, Told},
            packages::{DPKG, Finder},
        },
    };

    /// Runs the act in a thread that is confined to the directory; the test's own thread stays free.
    fn confined<T: Send + 'static>(dir: &Path, act: impl FnOnce() -> T + Send + 'static) -> T {
        confined_but_for(dir, Vec::new(), act)
    }

    fn confined_but_for<T: Send + 'static>(
        dir: &Path,
        readable: Vec<PathBuf>,
        act: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let dir = dir.to_owned();
        let confined = thread::spawn(move || {
            confine(&Reach { state_dir: &dir, readable: &readable }).unwrap();
            act()
        });
        confined.join().unwrap()
    }

    fn is_refused<T>(result: &io::Result<T>) -> bool {
        result.as_ref().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    }

    #[test]
    fn only_the_state_directory_can_be_read_and_written() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("file");
        confined(dir.path(), move || {
            assert!(is_refused(&File::open("/etc/passwd")));
            assert!(is_refused(&fs::read_dir("/")));
            assert!(is_refused(&File::create("/tmp/portreeve-escaped")));
            fs::write(&inside, "kept").unwrap();
            fs::rename(&inside, inside.with_extension("new")).unwrap();
            assert_eq!(fs::read(inside.with_extension("new")).unwrap(), b"kept");
        });
    }

    #[test]
    fn nothing_can_be_reached_but_unix_sockets() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let somewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = somewhere.local_addr().unwrap();
        let socket = elsewhere.path().join("helper.sock");
        let _helper = UnixListener::bind(&socket).unwrap();
        confined(dir.path(), move || {
            assert!(is_refused(&TcpStream::connect(address)));
            assert!(is_refused(&TcpListener::bind("127.0.0.1:0")));
            assert!(is_refused(&UdpSocket::bind("127.0.0.1:0")));
            UnixStream::connect(socket).unwrap();
            somewhere.set_nonblocking(true).unwrap();
            assert_eq!(somewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "an open socket still accepts");
        });
    }

    #[test]
    fn who_is_connected_is_told_by_what_was_opened_before_and_by_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let somewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = somewhere.local_addr().unwrap();
        let _client = TcpStream::connect(address).unwrap();
        let (mut look, mut ended) = (Look::open().unwrap(), Ended::open().unwrap());
        confined(dir.path(), move || {
            assert!(is_refused(&Look::open()));
            let sample = look.sample().unwrap();
            assert!(sample.listens(Transport::Tcp, address.port()));
            ended.begin(10).unwrap();
            drop(somewhere.accept().unwrap());
            assert!(ended.wait(Duration::from_secs(10)).unwrap());
            assert_eq!(ended.read(&mut sample.without_peers()).unwrap(), Told::All);
        });
    }

    #[test]
    fn installed_packages_can_be_read_and_nothing_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let dpkg = Path::new(DPKG);
        if dpkg.exists() {
            let shell = fs::canonicalize("/bin/bash").unwrap().display().to_string();
            confined_but_for(dir.path(), vec![dpkg.to_owned()], move || {
                let found = Finder::new(Path::new(DPKG)).find(&[shell.clone()].into()).unwrap();
                assert_eq!(found.of(&shell).unwrap().name, "bash");
                assert!(is_refused(&fs::read_dir("/var/lib")));
                assert!(is_refused(&File::create("/var/lib/dpkg/portreeve-escaped")));
            });
        }
    }

    #[test]
    fn no_program_can_be_started_and_threads_can() {
        let dir = tempfile::tempdir().unwrap();
        confined(dir.path(), || {
            #[expect(clippy::disallowed_methods, reason = "it must not work")]
            let started = std::process::Command::new("/bin/true").spawn();
            assert!(is_refused(&started.map(|_| ())));
            assert_eq!(thread::spawn(|| 7).join().unwrap(), 7);
        });
    }

    /// Asks for a call from a program that lives under one of the filters alone, because under all of them none starts.
    #[expect(clippy::disallowed_methods, reason = "a call that no safe function makes")]
    fn errno_under(filter: fn() -> Result<(), ConfineError>, call: &str) -> i32 {
        let script = format!("{call}; exit($! + 0)");
        let program = thread::spawn(move || {
            filter().unwrap();
            std::process::Command::new("/usr/bin/perl").args(["-e", &script]).stdin(Stdio::null()).status().unwrap()
        });
        program.join().unwrap().code().unwrap()
    }

    #[test]
    fn nothing_is_typed_into_a_terminal() {
        let filter = || {
            let here = TargetArch::try_from(std::env::consts::ARCH)?;
            apply(BTreeMap::from([(libc::SYS_ioctl, typing()?)]), errno(libc::EPERM), here)
        };
        let ioctl = |way| errno_under(filter, &format!("ioctl(STDIN, {way}, $x = ' ' x 8)"));
        assert_eq!(ioctl(libc::TIOCSTI), libc::EPERM);
        assert_eq!(ioctl(libc::TIOCGWINSZ), libc::ENOTTY, "other calls pass");
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_second_numbers_of_calls_are_refused() {
        assert_eq!(errno_under(refuse_other_numbers, "syscall(0x40000000 | 39)"), libc::EPERM);
        assert_eq!(errno_under(refuse_other_numbers, "syscall(0x3fffffff)"), libc::ENOSYS);
    }

    #[test]
    fn no_capability_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let held = confined(dir.path(), || rustix::thread::capabilities(None).unwrap());
        assert!(held.effective.is_empty() && held.permitted.is_empty() && held.inheritable.is_empty());
    }
}
