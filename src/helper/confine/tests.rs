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
