//! Who sits on a connection by SSH is told before he cuts it.

use std::{fs, process::Stdio};

use crate::helper::{guarded::Guarded, running::program};

/// What a plan says to somebody who came from there. The variable is set on a shell around it, as with `sudo`.
fn plan(host: &Guarded, port: u16, from: &str) -> String {
    let file = host.path("ruleset.toml");
    let rule = format!("[[rules]]\nid = 1\naction = \"allow\"\ndirection = \"in\"\nto = [\"{port}/tcp\"]\n");
    fs::write(&file, rule).unwrap();
    let mut command = program("/bin/sh");
    command.args(["-c", r#"env --unset SSH_CONNECTION "$@" ; exit $?"#, "sh", env!("CARGO_BIN_EXE_portreeve")]);
    command.args(["rules", "plan"]).arg(file).arg("--socket").arg(host.socket()).stdin(Stdio::null());
    let output = command.env("SSH_CONNECTION", format!("{from} 50022 192.0.2.1 22")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn who_would_shut_himself_out_of_ssh_is_told() {
    let host = Guarded::confirmed();
    for from in ["203.0.113.9", "2001:db8::9"] {
        let warning = format!("Warning: you are here by SSH from {from}, and from there could not get in at port 22");
        assert!(plan(&host, 80, from).contains(&warning), "{from}");
        assert!(!plan(&host, 22, from).contains("by SSH"), "{from}");
    }
}
