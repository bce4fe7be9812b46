//! The filters that let these calls through, some of them only with certain arguments.

use std::{
    collections::BTreeMap,
    os::fd::{AsRawFd, BorrowedFd},
};

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use super::calls::{ALLOWED, ALSO_ALLOWED_TO_CHILD, OLD_NAMES};

/// `SIOCGIFNAME`: an interface's name from its number.
const INTERFACE_NAME: u64 = 0x8910;

pub fn install_filters(allowed: Result<Rules, BackendError>) -> Result<(), Error> {
    // `clone3` hides its flags from a filter. Answered with ENOSYS, the C library falls back to `clone`, whose flags
    // the second filter sees. Of two filters the stricter answer holds.
    let no_clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    install(no_clone3, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS.unsigned_abs()))?;
    install(allowed?, SeccompAction::Errno(libc::EPERM.unsigned_abs()), SeccompAction::Allow)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn install(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<(), Error> {
    let filter = SeccompFilter::new(rules, otherwise, matched, std::env::consts::ARCH.try_into()?)?;
    apply_filter(&BpfProgram::try_from(filter)?)
}

pub fn allowed(state_dir: BorrowedFd<'_>) -> Result<Rules, BackendError> {
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

pub fn allowed_to_child() -> Result<Rules, BackendError> {
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

pub fn allowed_to_units() -> Result<Rules, BackendError> {
    let mut rules = allowed_to_starters()?;
    rules.insert(libc::SYS_socket, vec![rule([(0, (SeccompCmpOp::Eq, number(libc::AF_UNIX)))])?]);
    rules.insert(libc::SYS_connect, Vec::new());
    Ok(rules)
}

/// Who starts programs, in no new namespace.
fn allowed_to_starters() -> Result<Rules, BackendError> {
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

fn rule<const N: usize>(comparisons: [(u8, Comparison); N]) -> Result<SeccompRule, BackendError> {
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
