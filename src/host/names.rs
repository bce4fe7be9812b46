//! What the machine calls itself.

use std::fs;

/// The host's own name as the kernel has it (`web1`, or `web1.example.net` where the administrator set it so).
#[must_use]
pub fn short_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The fully qualified name, from the host's name itself or from `/etc/hosts`. Asks no name server: starting the panel
/// must not hang on a broken network.
#[must_use]
pub fn full_name(short: &str) -> Option<String> {
    if short.contains('.') {
        return Some(short.to_owned());
    }
    let hosts = fs::read_to_string("/etc/hosts").ok()?;
    longer_name_in(&hosts, short)
}

fn longer_name_in(hosts: &str, short: &str) -> Option<String> {
    let names = hosts.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace().skip(1));
    let mut longer = names.filter(|name| name.strip_prefix(short).is_some_and(|rest| rest.starts_with('.')));
    longer.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_name_comes_from_a_line_of_hosts_that_starts_with_the_short_one() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1\tweb1.example.net web1 # web1.comment\n::1 web10.example.net\n";
        assert_eq!(longer_name_in(hosts, "web1").as_deref(), Some("web1.example.net"));
        assert_eq!(longer_name_in(hosts, "web10").as_deref(), Some("web10.example.net"));
        assert_eq!(longer_name_in(hosts, "web"), None);
        assert_eq!(longer_name_in("10.0.0.1 other # web1.example.net", "web1"), None);
    }
}
