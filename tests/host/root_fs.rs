//! A Debian 12 tree, made once and kept in `target/host`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::command::run;

/// What a web server that has grown for some years has, and what the package depends on.
const PACKAGES: [&str; 16] = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "openssh-server",
    "iproute2",
    "nftables",
    "procps",
    "nginx-light",
    "vsftpd",
    "dovecot-pop3d",
    "redis-server",
    "dovecot-imapd",
    "postfix",
    "rpcbind",
    "avahi-daemon",
];

/// The directory with the tree. It is only ever read: machines put a layer of their own above it.
pub fn debian() -> PathBuf {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/host");
    fs::create_dir_all(&cache).expect("a cache");
    let lock = File::create(cache.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let tree = cache.join("debian-12");
    let list = cache.join("debian-12.packages");
    let packages = PACKAGES.join(",");
    if fs::read_to_string(&list).is_ok_and(|made_of| made_of == packages) {
        return tree;
    }
    run(&format!("rm -rf {}", tree.display()));
    run(&format!("debootstrap --variant=minbase --include={packages} bookworm {}", tree.display()));
    run(&format!("chroot {} apt-get clean", tree.display()));
    // Written last: an interrupted debootstrap leaves no list, and the next run begins anew.
    fs::write(&list, packages).expect("room for a list");
    tree
}
