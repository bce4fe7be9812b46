//! What a cgroup path says about who runs there.

use super::{listener::Container, untrusted};

const UNIT_KINDS: [&str; 5] = [".service", ".scope", ".socket", ".mount", ".swap"];
const MOST_NAME: usize = 256;

/// Prefixes before a container's id of 64 hexadecimal digits.
const PREFIXES: [(&str, &str); 5] = [
    ("docker-", "docker"),
    ("libpod-", "podman"),
    ("cri-containerd-", "containerd"),
    ("nerdctl-", "containerd"),
    ("crio-", "cri-o"),
];

/// The unit and the container of a cgroup.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The unit of the system manager: one that a user or a container runs below its own isn't of this host.
    pub unit: Option<String>,
    /// The outermost container.
    pub container: Option<Container>,
}

impl Owner {
    /// Reads the path of a cgroup, from the root of its hierarchy.
    #[must_use]
    pub fn from_cgroup(path: &str) -> Self {
        let mut slice = None;
        let mut unit = None;
        let mut above = "";
        for component in path.split('/').filter(|component| !component.is_empty()) {
            let name = unescape(component);
            if unit.is_none() && is_unit(name, &UNIT_KINDS) {
                unit = Some(name);
            } else if is_unit(name, &[".slice"]) {
                slice = Some(name);
            }
            if let Some(container) = container(above, name) {
                return Self::new(unit.or(slice), Some(container));
            }
            above = component;
        }
        Self::new(unit.or(slice), None)
    }

    /// Reads `/proc/PID/cgroup`, by the line that tells most: version 2, else systemd's own hierarchy, else any.
    #[must_use]
    pub fn from_process(text: &str) -> Self {
        Self::from_cgroup(telling_path(text))
    }

    fn new(unit: Option<&str>, container: Option<Container>) -> Self {
        Self { unit: unit.map(str::to_owned), container }
    }
}

fn telling_path(text: &str) -> &str {
    let hierarchies =
        || text.lines().filter_map(|line| line.splitn(3, ':').skip(1).collect::<Vec<_>>().try_into().ok());
    let path_of = |wanted: &str| {
        hierarchies().find_map(|[name, path]: [&str; 2]| (name == wanted && path != "/").then_some(path))
    };
    let any = || hierarchies().map(|[_, path]| path).find(|path| *path != "/");
    path_of("").or_else(|| path_of("name=systemd")).or_else(any).unwrap_or("/")
}

/// Systemd puts `_` before a name that the kernel could take for a file of its own.
fn unescape(component: &str) -> &str {
    component.strip_prefix('_').unwrap_or(component)
}

fn is_unit(name: &str, kinds: &[&str]) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '\\' | '-' | '@');
    name.len() < MOST_NAME
        && name.chars().all(valid)
        && kinds.iter().any(|kind| name.strip_suffix(kind).is_some_and(|stem| !stem.is_empty()))
}

fn container(above: &str, name: &str) -> Option<Container> {
    let stem = name.strip_suffix(".scope").unwrap_or(name);
    let by_id = PREFIXES.iter().find_map(|(prefix, runtime)| {
        stem.strip_prefix(prefix).filter(|id| is_id(id)).map(|id| (*runtime, id.to_owned()))
    });
    let by_name = || match (above, name) {
        ("docker", id) if is_id(id) => Some(("docker", id.to_owned())),
        ("lxc" | "lxc.payload", name) if !name.starts_with("lxc.") => Some(("lxc", name.to_owned())),
        (_, name) => name
            .strip_prefix("lxc.payload.")
            .map(|name| ("lxc", name.to_owned()))
            .or_else(|| Some(("systemd-nspawn", unescape_instance(nspawn_instance(name)?)))),
    };
    let (runtime, id) = by_id.or_else(by_name)?;
    Some(Container { runtime: runtime.to_owned(), id: untrusted::tame(&id, MOST_NAME) })
}

fn nspawn_instance(name: &str) -> Option<&str> {
    name.strip_prefix("systemd-nspawn@")?.strip_suffix(".service")
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Undoes systemd's escaping of instance names: `\x2d` is `-`.
fn unescape_instance(instance: &str) -> String {
    let mut parts = instance.split("\\x");
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_at_checked(2).map(|(digits, rest)| (u8::from_str_radix(digits, 16), rest)) {
            Some((Ok(byte), rest)) if byte.is_ascii() => {
                name.push(byte.into());
                name.push_str(rest);
            }
            _ => {
                name.push_str("\\x");
                name.push_str(part);
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn read(path: &str) -> (Option<String>, Option<(String, String)>) {
        let owner = Owner::from_cgroup(&path.replace("<ID>", ID));
        (owner.unit, owner.container.map(|container| (container.runtime, container.id.replace(ID, "<ID>"))))
    }

    #[test]
    fn paths_tell_unit_and_container() {
        for (path, unit, container) in [
            ("/", None, None),
            ("/init.scope", Some("init.scope"), None),
            ("/system.slice/nginx.service", Some("nginx.service"), None),
            (
                "/system.slice/system-postgresql.slice/postgresql@15-main.service",
                Some("postgresql@15-main.service"),
                None,
            ),
            ("/system.slice/ssh.socket", Some("ssh.socket"), None),
            ("/system.slice/_cpu.load.service", Some("cpu.load.service"), None),
            ("/system.slice/dbus\\x2dbroker.service", Some("dbus\\x2dbroker.service"), None),
            ("/user.slice/user-1000.slice/session-3.scope", Some("session-3.scope"), None),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service", Some("user@1000.service"), None),
            ("/user.slice", Some("user.slice"), None),
            ("/system.slice/docker-<ID>.scope", Some("docker-<ID>.scope"), Some(("docker", "<ID>"))),
            ("/docker/<ID>", None, Some(("docker", "<ID>"))),
            ("/docker/<ID>/system.slice/nginx.service", None, Some(("docker", "<ID>"))),
            ("/docker/buildkit", None, None),
            ("/machine.slice/libpod-<ID>.scope/container", Some("libpod-<ID>.scope"), Some(("podman", "<ID>"))),
            ("/machine.slice/libpod-conmon-<ID>.scope", Some("libpod-conmon-<ID>.scope"), None),
            ("/libpod_parent/libpod-<ID>", None, Some(("podman", "<ID>"))),
            (
                "/kubepods.slice/kubepods-pod1.slice/cri-containerd-<ID>.scope",
                Some("cri-containerd-<ID>.scope"),
                Some(("containerd", "<ID>")),
            ),
            ("/kubepods.slice/crio-<ID>.scope", Some("crio-<ID>.scope"), Some(("cri-o", "<ID>"))),
            ("/lxc.payload.web/system.slice/nginx.service", None, Some(("lxc", "web"))),
            ("/lxc.payload/web", None, Some(("lxc", "web"))),
            ("/lxc.monitor.web", None, None),
            ("/lxc/web", None, Some(("lxc", "web"))),
            (
                "/machine.slice/systemd-nspawn@my\\x2dbox.service/payload/system.slice/nginx.service",
                Some("systemd-nspawn@my\\x2dbox.service"),
                Some(("systemd-nspawn", "my-box")),
            ),
        ] {
            let container = container.map(|(runtime, id)| (runtime.to_owned(), id.to_owned()));
            assert_eq!(read(path), (unit.map(|unit| unit.replace("<ID>", ID)), container), "{path}");
        }
    }

    #[test]
    fn hostile_names_are_no_units_and_harmless_containers() {
        for path in ["/system.slice/\x1b[2Jnginx.service", "/a b.service", "/.service", "/näh.service"] {
            assert!(!read(path).0.is_some_and(|unit| unit.ends_with("service")), "{path:?}");
        }
        assert_eq!(read(&format!("/{}.service", "x".repeat(300))).0, None);
        assert_eq!(read("/lxc.payload.\x1b[31m").1, Some(("lxc".to_owned(), "\u{fffd}[31m".to_owned())));
        assert_eq!(unescape_instance("a\\x1\\xzz\\xff\\x2f\\x"), "a\\x1\\xzz\\xff/\\x");
    }

    #[test]
    fn the_telling_line_of_a_process_is_found() {
        for (text, path) in [
            ("0::/system.slice/nginx.service\n", "/system.slice/nginx.service"),
            ("9:name=systemd:/system.slice/a.service\n4:memory:/docker/x\n0::/\n", "/system.slice/a.service"),
            ("4:memory:/docker/x\n1:cpu:/\n", "/docker/x"),
            ("0::/odd:name\n", "/odd:name"),
            ("", "/"),
            ("junk", "/"),
        ] {
            assert_eq!(telling_path(text), path, "{text:?}");
        }
    }
}
