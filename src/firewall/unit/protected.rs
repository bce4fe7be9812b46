//! The units that nobody stops from here, each with the reason.

use super::UnitName;

/// Stems of names, a star at the end for whatever follows, and why they are left alone.
const PROTECTED: [(&[&str], &str); 10] = [
    (&["ssh", "sshd", "ssh@*", "sshd@*", "sshd-*", "dropbear*", "tinyssh*"], "administrators come in by it"),
    (&["portreeve*"], "it is this panel itself"),
    (
        &["dbus", "dbus@*", "dbus-broker*", "dbus-daemon*", "systemd-*", "init", "polkit*", "udev", "kmod"],
        "the system doesn't work without it",
    ),
    (
        &[
            "getty*",
            "serial-getty*",
            "console-getty*",
            "container-getty*",
            "autovt*",
            "emergency",
            "rescue",
            "debug-shell",
        ],
        "the console is the last way in",
    ),
    (
        &["user@*", "user-*", "session-*", "display-manager", "gdm*", "sddm*", "lightdm*", "xdm*", "lxdm*", "login*"],
        "people are logged in by it",
    ),
    (&["sssd*", "nslcd*", "winbind*", "autofs*"], "accounts come from it, so nobody might be able to log in"),
    (
        &[
            "NetworkManager*",
            "networking",
            "network",
            "networkd-*",
            "dhcpcd*",
            "dhclient*",
            "ifup@*",
            "ifplugd*",
            "wpa_supplicant*",
            "iwd",
            "hostapd*",
            "netplan*",
            "connman*",
            "ModemManager*",
            "wicked*",
            "cloud-*",
            "open-vm-tools*",
            "vmtoolsd*",
            "qemu-guest-agent*",
            "wg-quick@*",
            "tailscaled*",
            "zerotier-one*",
            "openvpn*",
            "strongswan*",
        ],
        "the host's network is made by it",
    ),
    (
        &["nftables*", "iptables*", "ip6tables*", "netfilter-persistent*", "ufw*", "firewalld*", "fail2ban*"],
        "it keeps this host's firewall",
    ),
    (
        &[
            "docker*",
            "containerd*",
            "podman*",
            "crio*",
            "lxc*",
            "lxd*",
            "incus*",
            "kubelet*",
            "k3s*",
            "systemd-nspawn@*",
        ],
        "containers run below it: stop the container instead",
    ),
    (&["libpod-*", "cri-containerd-*", "machine-*"], "it is a container: stop it with the program that started it"),
];

/// Kinds of units, and why they are left alone whatever their name.
const PROTECTED_KINDS: [(&[&str], &str); 3] = [
    (&["slice", "scope"], "it isn't a service: it only groups processes that something else has started"),
    (&["mount", "automount", "swap", "device"], "files or memory depend on it"),
    (&["target"], "it stands for a stage of the host's start"),
];

/// Why a unit of this name is never stopped from here; nothing if it may be. A unit has several names: ask for each.
#[must_use]
pub fn protected(name: &UnitName) -> Option<&'static str> {
    let kind = PROTECTED_KINDS.iter().find(|(kinds, _)| kinds.contains(&name.kind())).map(|(_, reason)| *reason);
    let stem = || PROTECTED.iter().find(|(stems, _)| stems.iter().any(|stem| fits(stem, name.stem())));
    // What the name says is told before what the kind says.
    stem().map(|(_, reason)| *reason).or(kind)
}

fn fits(pattern: &str, stem: &str) -> bool {
    pattern.strip_suffix('*').map_or(stem == pattern, |start| stem.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_shut_somebody_out_is_protected_and_what_serves_strangers_is_not() {
        let is_protected = |name: &&str| protected(&UnitName::parse(name).unwrap()).is_some();
        for name in [
            "ssh.service",
            "sshd.service",
            "ssh.socket",
            "sshd.socket",
            "ssh@1-10.0.0.1:22-10.0.0.2:50000.service",
            "sshd-unix-local@3.service",
            "portreeve.service",
            "portreeve-helper.socket",
            "dbus.service",
            "dbus.socket",
            "dbus-broker.service",
            "systemd-resolved.service",
            "systemd-logind.service",
            "getty@tty1.service",
            "serial-getty@ttyS0.service",
            "gdm3.service",
            "NetworkManager.service",
            "networking.service",
            "systemd-networkd.socket",
            "dhcpcd.service",
            "ifup@eth0.service",
            "wpa_supplicant@wlan0.service",
            "netplan-ovs-cleanup.service",
            "cloud-init.service",
            "system.slice",
            "init.scope",
            "user@1000.service",
            "session-3.scope",
            "docker.service",
            "docker.socket",
            "var-lib.mount",
            "dev-sda2.swap",
            "multi-user.target",
        ] {
            assert!(is_protected(&name), "{name}");
        }
        for name in [
            "nginx.service",
            "vsftpd.service",
            "dovecot.service",
            "dovecot.socket",
            "postfix@-.service",
            "rpcbind.socket",
            "cups.path",
            "avahi-daemon.service",
            "dbus-org.freedesktop.Avahi.service",
            "redis-server.service",
            "mariadb.service",
            "proftpd.service",
            "telnet.socket",
            "sshguard-web.service",
        ] {
            assert!(!is_protected(&name), "{name}");
        }
    }
}
