//! Services that won't stop, come again or hang, and a panel that was taken over and asks for what it mustn't have.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION, codec, limits},
    firewall::unit::{UnitLevel, UnitName},
};

use super::{
    command::wait_for,
    helper::{ask, send},
    machine::Machine,
    package,
    services::closed,
};

/// Listens on a port, and with a second argument doesn't listen to signals.
const LISTEN: &str = r#"#!/usr/bin/perl
use Socket;
$SIG{TERM} = "IGNORE" if $ARGV[1];
socket(S, PF_INET, SOCK_STREAM, 6); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
bind(S, sockaddr_in($ARGV[0], INADDR_ANY)) or die; listen(S, 5);
while (1) { accept(C, S); close C }
"#;

/// How long an answer may take at most, on a machine that does much besides.
const ANSWER: Duration = Duration::from_secs(25);

/// Units, each with what follows its `[Service]` line.
pub const STUBBORN: [(&str, &str); 7] = [
    ("deaf", "ExecStart=/usr/local/bin/listen 7101 deaf\nTimeoutStopSec=45"),
    ("phoenix", "ExecStart=/usr/local/bin/listen 7102\nRestart=always\nRestartSec=0"),
    ("hanging", "ExecStart=/usr/local/bin/listen 7103\nExecStop=/bin/sleep infinity\nTimeoutStopSec=45"),
    ("upheld", "ExecStart=/usr/local/bin/listen 7104"),
    ("upholder", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Unit]\nUpholds=upheld.service"),
    ("base", "ExecStart=/usr/local/bin/listen 7105"),
    ("above", "ExecStart=/bin/sleep infinity\n[Unit]\nRequires=base.service\nAfter=base.service"),
];

/// What a protected unit hides behind.
const DISGUISES: [(&str, &str); 3] = [
    ("backdoor", "ExecStart=/usr/sbin/sshd -D -p 7201"),
    ("needed", "ExecStart=/usr/local/bin/listen 7202"),
    ("sly", "ExecStart=/usr/local/bin/listen 7203\n[Install]\nAlso=ssh.service"),
];

#[test]
fn what_does_not_stop_is_told_and_keeps_nobody_waiting() {
    let machine = Machine::boot();
    package::install(&machine);
    install(&machine, &STUBBORN);
    for (name, told) in [
        ("deaf.service", vec!["deaf.service was told to stop and is still at it (stop-sigterm)"]),
        ("hanging.service", vec!["hanging.service was told to stop and is still at it (stop)"]),
        ("phoenix.service", vec![]),
        (
            "upheld.service",
            vec![
                "upheld.service was stopped, but something has started it again",
                "upheld.service may start again, because upholder.service starts it",
            ],
        ),
    ] {
        let touched = in_time(&machine, || closed(&machine, name, UnitLevel::Disable));
        assert_eq!(touched.left_open(), told, "{name}");
        // Started while it stops: it comes back once it has stopped.
        let reopen = Request::ReopenUnit { record: touched.record.id };
        wait_for("all as it was", || match ask(&machine, std::slice::from_ref(&reopen)).pop() {
            Some(Response::Reopened(touched)) => touched.differences().is_empty().then_some(()),
            other => panic!("{name}: {other:?}"),
        });
    }
    let touched = closed(&machine, "base.service", UnitLevel::Disable);
    assert_eq!(touched.left_open(), ["base.service may start again, because above.service starts it"]);
    assert_eq!(machine.run("systemctl is-active base above || true"), "inactive\ninactive\n");
    ask(&machine, &[Request::ReopenUnit { record: touched.record.id }]);
    assert_eq!(machine.run("systemctl is-active base above"), "active\nactive\n");
    assert_eq!(ask(&machine, &[Request::ReadUnitRecords {}]), [Response::UnitRecords(Vec::new())]);
}

/// Does something that takes long, while the helper goes on answering others at once.
fn in_time<T: Send>(machine: &Machine, act: impl FnOnce() -> T + Send) -> T {
    let start = Instant::now();
    let done = thread::scope(|scope| {
        let act = scope.spawn(act);
        thread::sleep(Duration::from_secs(1));
        let asked = Instant::now();
        machine.run("portreeve status >/dev/null && portreeve ports >/dev/null");
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        act.join().expect("an answer")
    });
    assert!(start.elapsed() < ANSWER, "{:?}", start.elapsed());
    done
}

#[test]
fn a_taken_over_panel_stops_nothing_that_matters() {
    let machine = Machine::boot();
    package::install(&machine);
    install(&machine, &DISGUISES);
    machine.run("ln -s /lib/systemd/system/ssh.service /etc/systemd/system/harmless.service; systemctl daemon-reload");
    let console = "[Unit]\nRequires=needed.service\n[Service]\nExecStart=/bin/sleep infinity\n";
    fs::write(machine.path("/etc/systemd/system/serial-getty@x.service"), console).expect("room");
    machine.run("systemctl daemon-reload; systemctl start serial-getty@x; sleep 1");
    let units = "ssh dbus systemd-journald backdoor needed sly serial-getty@x nginx portreeve portreeve-helper";
    let before = machine.run(&format!("systemctl is-active {units}"));
    for (name, culprit) in [
        ("ssh.service", "ssh.service"),
        ("sshd.service", "sshd.service"),
        ("harmless.service", "ssh.service"),
        ("dbus.service", "dbus.service"),
        ("dbus.socket", "dbus.socket"),
        ("systemd-journald.socket", "systemd-journald.socket"),
        ("portreeve.service", "portreeve.service"),
        ("portreeve-helper.socket", "portreeve-helper.socket"),
        ("backdoor.service", "backdoor.service"),
        ("needed.service", "serial-getty@x.service"),
        ("sly.service", "ssh.service"),
        ("init.scope", "init.scope"),
        ("system.slice", "system.slice"),
        ("multi-user.target", "multi-user.target"),
    ] {
        let name = UnitName::parse(name).expect("a name");
        match refused(&machine, &Request::CloseUnit { name: name.clone(), level: UnitLevel::Disable }) {
            Refusal::Protected { unit, .. } => assert_eq!(unit, culprit, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    for name in ["systemd-tmpfiles-clean.timer", "nothing.service", "cron.service"] {
        let name = UnitName::parse(name).expect("a name");
        let refusal = refused(&machine, &Request::CloseUnit { name, level: UnitLevel::Mask });
        assert!(matches!(refusal, Refusal::NotListening { .. } | Refusal::Protected { .. }), "{refusal}");
    }
    for record in [0, 1, u64::MAX] {
        assert_eq!(refused(&machine, &Request::ReopenUnit { record }), Refusal::NoRecord { record });
    }
    for name in ["-H", "-.mount", "../x", "../../etc/shadow.service", "ssh.service\\u0000.service", "a b.service"] {
        assert_eq!(raw(&machine, name), Some(Response::Refused { refusal: Refusal::Malformed }), "{name}");
    }
    assert_eq!(machine.run(&format!("systemctl is-active {units}")), before);
    assert_eq!(machine.run("systemctl is-enabled ssh sly"), "enabled\nenabled\n");
}

pub fn install(machine: &Machine, units: &[(&str, &str)]) {
    fs::write(machine.path("/usr/local/bin/listen"), LISTEN).expect("room in the machine");
    for (name, lines) in units {
        let unit = format!("[Install]\nWantedBy=multi-user.target\n[Service]\n{lines}\n");
        fs::write(machine.path(&format!("/etc/systemd/system/{name}.service")), unit).expect("room in the machine");
    }
    let names = units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
    machine.run(&format!(
        "chmod 755 /usr/local/bin/listen; systemctl daemon-reload; systemctl enable --now {names}; sleep 1"
    ));
}

fn refused(machine: &Machine, request: &Request) -> Refusal {
    match ask(machine, std::slice::from_ref(request)).pop() {
        Some(Response::Refused { refusal }) => refusal,
        other => panic!("{request:?}: {other:?}"),
    }
}

/// Asks to close what no type would carry.
fn raw(machine: &Machine, name: &str) -> Option<Response> {
    let mut frames = Vec::new();
    codec::write(&mut frames, &Request::Hello { version: VERSION }, limits::REQUEST_BYTES).expect("short");
    let body = format!(r#"{{"CloseUnit":{{"name":"{name}","level":"stop"}}}}"#);
    frames.extend(u32::try_from(body.len()).expect("short").to_be_bytes());
    frames.extend(body.as_bytes());
    let answers = send(machine, &frames);
    let mut left = &answers[..];
    codec::read::<Response>(&mut left, limits::RESPONSE_BYTES).ok()?;
    codec::read(&mut left, limits::RESPONSE_BYTES).ok()
}
