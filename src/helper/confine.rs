//! What the helper gives up before it reads the first byte of a client.
//!
//! Landlock isn't used: it forbids a process to look into any process outside its own domain, and the owners of
//! sockets are found in `/proc/PID/fd` of others.

use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{
        CapabilitySet, CapabilitySets, capability_is_in_bounding_set, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};

/// Finding who holds a socket: enter `/proc/PID/fd` of any user, and read its links. And changing the members of sets.
const KEPT: CapabilitySet =
    CapabilitySet::DAC_READ_SEARCH.union(CapabilitySet::SYS_PTRACE).union(CapabilitySet::NET_ADMIN);

/// The child: changing the ruleset; making a network namespace and sending packets in it.
const KEPT_BY_CHILD: CapabilitySet =
    CapabilitySet::NET_ADMIN.union(CapabilitySet::NET_RAW).union(CapabilitySet::SYS_ADMIN);

/// The child for the service manager needs none: root's name is enough there.
const KEPT_BY_UNITS: CapabilitySet = CapabilitySet::empty();

/// More than any kernel has; the first number that the kernel doesn't know ends the search.
const CAPABILITY_NUMBERS: u32 = 64;

/// `SIOCGIFNAME`: an interface's name from its number.
const INTERFACE_NAME: u64 = 0x8910;

/// What reading `/proc`, asking the kernel over netlink, serving a unix socket and running threads takes. Everything else
/// fails with `EPERM`: there is no exec, no second process, no file written but in the state directory, no network.
const ALLOWED: &[i64] = &[
    libc::SYS_accept4,
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_clone3,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_fsync,
    libc::SYS_futex,
    libc::SYS_getdents64,
    libc::SYS_getrandom,
    libc::SYS_getsockopt,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_newfstatat,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_recvfrom,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_set_robust_list,
    libc::SYS_setsockopt,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_wait4,
    libc::SYS_write,
    libc::SYS_writev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
];

/// What the child does besides: start `nft`, `iptables-save`, `unshare` and itself, wait for them, and end them when they take too long; and
/// what these do. None of them mounts, loads a module, traces or sets a clock.
const ALSO_ALLOWED_TO_CHILD: &[i64] = &[
    libc::SYS_bind,
    libc::SYS_chdir,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_execve,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_flock,
    libc::SYS_getcwd,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getsockname,
    libc::SYS_getuid,
    libc::SYS_ioctl,
    libc::SYS_kill,
    libc::SYS_mkdirat,
    libc::SYS_openat,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_prctl,
    libc::SYS_pread64,
    libc::SYS_prlimit64,
    libc::SYS_pselect6,
    libc::SYS_recvmsg,
    libc::SYS_renameat,
    libc::SYS_sched_yield,
    libc::SYS_set_tid_address,
    libc::SYS_setpgid,
    libc::SYS_statfs,
    libc::SYS_sysinfo,
    libc::SYS_tgkill,
    libc::SYS_umask,
    libc::SYS_uname,
    libc::SYS_unlinkat,
    libc::SYS_waitid,
];

/// Older names of the same.
#[cfg(target_arch = "x86_64")]
const OLD_NAMES: &[i64] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_vfork,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD_NAMES: &[i64] = &[];

/// Drops every privilege that the helper doesn't need. Call before the first thread starts: threads inherit.
pub fn confine(state_dir: &impl AsFd) -> io::Result<()> {
    tie_up(KEPT)?;
    install_filters(allowed(state_dir.as_fd())).map_err(io::Error::other)
}

/// The same for the child and every program it starts.
pub fn confine_child() -> io::Result<()> {
    tie_up(KEPT_BY_CHILD)?;
    install_filters(allowed_to_child()).map_err(io::Error::other)
}

/// The same for the child that talks to the service manager, and for `systemctl`.
pub fn confine_units() -> io::Result<()> {
    tie_up(KEPT_BY_UNITS)?;
    install_filters(allowed_to_units()).map_err(io::Error::other)
}

fn tie_up(kept: CapabilitySet) -> io::Result<()> {
    drop_capabilities(kept)?;
    set_no_new_privs(true)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

fn drop_capabilities(kept: CapabilitySet) -> io::Result<()> {
    let numbers = (0..CAPABILITY_NUMBERS).map(|number| CapabilitySet::from_bits_retain(1 << number));
    for (capability, is_held) in numbers.map_while(|one| Some((one, capability_is_in_bounding_set(one).ok()?))) {
        // Systemd has taken the others away already, and with them the right to give one up.
        if is_held && !kept.contains(capability) {
            remove_capability_from_bounding_set(capability)?;
        }
    }
    clear_ambient_capability_set()?;
    Ok(set_capabilities(
        None,
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() },
    )?)
}

fn install_filters(allowed: Result<Rules, seccompiler::BackendError>) -> Result<(), seccompiler::Error> {
    // `clone3` hides its flags from a filter. Answered with ENOSYS, the C library falls back to `clone`, whose flags
    // the second filter sees. Of two filters the stricter answer holds.
    let no_clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    install(no_clone3, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS.unsigned_abs()))?;
    install(allowed?, SeccompAction::Errno(libc::EPERM.unsigned_abs()), SeccompAction::Allow)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn install(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<(), seccompiler::Error> {
    let filter = SeccompFilter::new(rules, otherwise, matched, std::env::consts::ARCH.try_into()?)?;
    apply_filter(&BpfProgram::try_from(filter)?)
}

fn allowed(state_dir: BorrowedFd<'_>) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = ALLOWED.iter().map(|number| (*number, Vec::new())).collect();
    let read_only = masked(libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC, libc::O_RDONLY);
    // A filter sees no path, so this keeps out mistakes; an intruder is kept out by the unit's read-only file system.
    let here = || (SeccompCmpOp::Eq, number(state_dir.as_raw_fd()));
    rules.insert(libc::SYS_openat, vec![rule([(2, read_only)])?, rule([(0, here())])?]);
    rules.insert(libc::SYS_renameat, vec![rule([(0, here()), (2, here())])?]);
    rules.insert(libc::SYS_unlinkat, vec![rule([(0, here())])?]);
    rules.insert(libc::SYS_clone, vec![rule([(0, masked(libc::CLONE_THREAD, libc::CLONE_THREAD))])?]);
    rules.insert(libc::SYS_ioctl, vec![rule([(1, (SeccompCmpOp::Eq, INTERFACE_NAME))])?]);
    let family = || (SeccompCmpOp::Eq, number(libc::AF_NETLINK));
    let protocols = [libc::NETLINK_SOCK_DIAG, libc::NETLINK_NETFILTER, libc::NETLINK_ROUTE];
    let socket = |protocol| rule([(0, family()), (2, (SeccompCmpOp::Eq, number(protocol)))]);
    rules.insert(libc::SYS_socket, protocols.into_iter().map(socket).collect::<Result<_, _>>()?);
    Ok(rules)
}

fn allowed_to_child() -> Result<Rules, seccompiler::BackendError> {
    let mut rules = allowed_to_starters()?;
    rules.insert(libc::SYS_unshare, vec![rule([(0, (SeccompCmpOp::Eq, number(libc::CLONE_NEWNET)))])?]);
    let socket = |family| rule([(0, (SeccompCmpOp::Eq, number(family)))]);
    // One that only sends whole packets, for rehearsals; `iptables-save` asks for tables and sets through it.
    let raw = |family| {
        let is_raw = (1, masked(0xf, libc::SOCK_RAW));
        rule([(0, (SeccompCmpOp::Eq, number(family))), is_raw, (2, (SeccompCmpOp::Eq, number(libc::IPPROTO_RAW)))])
    };
    rules.insert(libc::SYS_socket, vec![socket(libc::AF_NETLINK)?, raw(libc::AF_INET)?, raw(libc::AF_INET6)?]);
    Ok(rules)
}

fn allowed_to_units() -> Result<Rules, seccompiler::BackendError> {
    let mut rules = allowed_to_starters()?;
    rules.insert(libc::SYS_socket, vec![rule([(0, (SeccompCmpOp::Eq, number(libc::AF_UNIX)))])?]);
    rules.insert(libc::SYS_connect, Vec::new());
    Ok(rules)
}

/// Who starts programs, in no new namespace.
fn allowed_to_starters() -> Result<Rules, seccompiler::BackendError> {
    const NAMESPACES: i32 = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWNET;
    let numbers = ALLOWED.iter().chain(ALSO_ALLOWED_TO_CHILD).chain(OLD_NAMES);
    let mut rules: Rules = numbers.map(|number| (*number, Vec::new())).collect();
    rules.insert(libc::SYS_clone, vec![rule([(0, masked(NAMESPACES, 0))])?]);
    Ok(rules)
}

type Comparison = (SeccompCmpOp, u64);

fn rule<const N: usize>(comparisons: [(u8, Comparison); N]) -> Result<SeccompRule, seccompiler::BackendError> {
    let condition =
        |(argument, (operator, value))| SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value);
    SeccompRule::new(comparisons.into_iter().map(condition).collect::<Result<_, _>>()?)
}

fn masked(mask: i32, value: i32) -> Comparison {
    (SeccompCmpOp::MaskedEq(number(mask)), number(value))
}

fn number(constant: i32) -> u64 {
    constant.unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        net::{TcpListener, UdpSocket},
        os::unix::net::UnixStream,
        process::Command,
        thread,
    };

    use rustix::{
        fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat},
        net::{AddressFamily, SocketType, netlink, socket},
        process::Signal,
        thread::capabilities,
    };

    use super::*;

    /// Filters and capabilities belong to a thread, so one that is thrown away can be confined.
    fn confined<T: Send + 'static>(act: fn() -> T) -> T {
        let thread = thread::spawn(move || {
            confine(&fs::File::open("/").unwrap()).unwrap();
            act()
        });
        thread.join().unwrap()
    }

    #[test]
    fn the_state_directory_alone_is_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let state = fs::File::open(dir.path()).unwrap();
        let thread = thread::spawn(move || {
            confine(&state).unwrap();
            let flags = OFlags::CREATE | OFlags::WRONLY;
            let file = openat(&state, "a", flags, Mode::RUSR).map(drop);
            let renamed = renameat(&state, "a", &state, "b");
            let removed = unlinkat(&state, "b", AtFlags::empty());
            let elsewhere = openat(rustix::fs::CWD, "/tmp/portreeve-must-not-exist", flags, Mode::RUSR).map(drop);
            (file.and(renamed).and(removed), elsewhere)
        });
        assert_eq!(thread.join().unwrap(), (Ok(()), Err(rustix::io::Errno::PERM)));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test shows what can be started")]
    fn the_child_lists_rules_and_makes_networks_and_nothing_worse() {
        let thread = thread::spawn(|| {
            confine_child().unwrap();
            let works = |line: &str| {
                let words: Vec<&str> = line.split(' ').collect();
                let output = Command::new(words[0]).args(&words[1..]).env_clear().output().unwrap();
                output.status.success()
            };
            let good = [
                "/usr/sbin/nft list tables",
                "/usr/bin/unshare --net -- /usr/sbin/nft list tables",
                "/usr/bin/unshare --net -- /usr/sbin/iptables-nft-save",
                "/usr/bin/unshare --net -- /usr/sbin/ip6tables-legacy-save",
            ];
            let bad = [
                "/usr/bin/unshare --net -- /usr/bin/unshare --mount /bin/true",
                "/usr/bin/unshare --user /bin/true",
                "/usr/bin/unshare --pid --fork /bin/true",
                "/bin/mount -t tmpfs none /mnt",
                "/bin/hostname portreeve-must-not-be",
                "/usr/bin/nsenter --target 1 --net /bin/true",
                "/bin/dd if=/etc/shadow of=/tmp/portreeve-must-not-exist oflag=nofollow conv=nocreat",
            ];
            (good.map(works), bad.map(works))
        });
        assert_eq!(thread.join().unwrap(), ([true; 4], [false; 7]));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test shows what can be started")]
    fn the_child_for_units_reaches_programs_of_this_host_and_no_network() {
        let thread = thread::spawn(|| {
            confine_units().unwrap();
            let works = |line: &str| {
                let words: Vec<&str> = line.split(' ').collect();
                let output = Command::new(words[0]).args(&words[1..]).env_clear().output().unwrap();
                output.status.success()
            };
            let lines = ["/bin/true", "/usr/bin/unshare --net /bin/true", "/usr/sbin/nft list tables"];
            let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, Some(netlink::NETFILTER));
            let errors = [
                UnixStream::connect("/nowhere").unwrap_err(),
                TcpListener::bind("127.0.0.1:0").unwrap_err(),
                netlink.map_err(io::Error::from).unwrap_err(),
            ];
            (lines.map(works), errors.map(|error| error.kind()))
        });
        let denied = io::ErrorKind::PermissionDenied;
        assert_eq!(thread.join().unwrap(), ([true, false, false], [io::ErrorKind::NotFound, denied, denied]));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test shows that nothing can be started")]
    fn no_program_can_be_started() {
        let error = confined(|| Command::new("/bin/true").spawn().unwrap_err());
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
    }

    #[test]
    fn no_file_is_written_and_no_other_socket_made() {
        let results = confined(|| {
            [
                fs::write("/dev/null", "x").err(),
                fs::File::create("/tmp/portreeve-must-not-exist").err(),
                TcpListener::bind("127.0.0.1:0").err(),
                UdpSocket::bind("127.0.0.1:0").err(),
                UnixStream::connect("/nowhere").err(),
                socket(AddressFamily::NETLINK, SocketType::RAW, Some(netlink::AUDIT)).err().map(Into::into),
                socket(AddressFamily::PACKET, SocketType::RAW, None).err().map(Into::into),
                rustix::process::kill_process(rustix::process::Pid::INIT, Signal::CONT).err().map(Into::into),
                rustix::process::chdir("/").err().map(Into::into),
                set_no_new_privs(true).err().map(Into::into),
            ]
        });
        for (number, result) in results.into_iter().enumerate() {
            assert_eq!(result.and_then(|error| error.raw_os_error()), Some(libc::EPERM), "act {number}");
        }
    }

    #[test]
    fn what_a_listing_needs_still_works() {
        let (sets, status, thread) = confined(|| {
            let status = fs::read_to_string("/proc/1/status").map(|status| status.is_empty());
            let links = fs::read_dir("/proc/1/fd").map(|entries| entries.flatten().count());
            (capabilities(None), (status, links), thread::spawn(|| 7).join())
        });
        let sets = sets.unwrap_err();
        assert_eq!(sets, rustix::io::Errno::PERM, "even reading the capabilities is over");
        assert!(!status.0.unwrap());
        status.1.unwrap();
        assert_eq!(thread.unwrap(), 7);
    }
}
