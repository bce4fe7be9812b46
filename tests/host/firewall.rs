//! The ruleset on a real host: applied by the confined service, gone back to when that is stopped, there after a reboot.

use portreeve::{
    boundary::{Request, VERSION},
    firewall::Ruleset,
};

use super::{machine::Machine, package};

const HELPER: &str = "portreeve-helper.service";

/// Sends each line of standard input as a request and prints the answers. It runs inside, because the kernel tells the
/// helper nothing of a process that it can't see there.
const ASK: &str = r"
use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new('/run/portreeve/helper.sock') or die $!;
while (<>) {
  chomp;
  print $socket pack('N', length), $_;
  $socket->flush;
  read($socket, my $head, 4) == 4 or die 'no answer';
  read($socket, my $answer, unpack 'N', $head);
  print qq($answer\n);
}
";

/// Has root ask the helper on the console; gives the answer.
fn ask(machine: &Machine, request: &Request) -> String {
    let hello = serde_json::to_string(&Request::Hello { version: VERSION }).expect("JSON");
    let request = serde_json::to_string(request).expect("JSON");
    let answers =
        machine.run(&format!("printf '%s\\n' '{hello}' '{request}' | perl -e \"$(cat <<'EOF'\n{ASK}EOF\n)\""));
    answers.lines().nth(1).expect("an answer").to_owned()
}

fn apply(machine: &Machine, port: u16, revision: u64, expected: Option<u64>) {
    let json = format!(
        r#"{{"rules":[{{"id":1,"action":"allow","direction":"in","to":["22/tcp","8470/tcp","{port}/tcp"]}}]}}"#
    );
    let ruleset: Ruleset = serde_json::from_str(&json).expect("a ruleset");
    let request = Request::Apply { ruleset, revision, expected, window_seconds: 120, probes: Vec::new() };
    let answer = ask(machine, &request);
    assert!(answer.contains(&format!(r#""pending":{{"revision":{revision},"#)), "{answer}");
}

fn assert_settled(machine: &Machine, revision: u64) {
    let state = ask(machine, &Request::ReadState {});
    assert!(state.contains(&format!(r#""confirmed":{revision},"pending":null"#)), "{state}");
}

/// Which revision's receipts our table names.
fn enforced(machine: &Machine) -> String {
    machine.run("nft list table inet portreeve 2>/dev/null | grep -o 'pr:default-in:[0-9]*' | sort -u || true")
}

#[test]
fn a_revision_is_applied_kept_gone_back_to_and_there_after_a_reboot() {
    let machine = Machine::boot();
    package::install(&machine);
    apply(&machine, 80, 1, None);
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
    machine.run(&format!("systemctl stop {HELPER}"));
    assert_eq!(enforced(&machine), "", "it was never confirmed");

    apply(&machine, 80, 2, None);
    ask(&machine, &Request::Confirm { revision: 2 });
    apply(&machine, 443, 3, Some(2));
    assert_eq!(enforced(&machine), "pr:default-in:3\n");
    machine.run(&format!("systemctl stop {HELPER}"));
    assert_eq!(enforced(&machine), "pr:default-in:2\n");

    apply(&machine, 443, 4, Some(2));
    machine.run(&format!("systemctl kill --signal KILL {HELPER}"));
    assert_settled(&machine, 2);
    assert_eq!(enforced(&machine), "pr:default-in:2\n");

    machine.reboot();
    assert_eq!(enforced(&machine), "pr:default-in:2\n");
    let order = machine.run("systemctl show --property=ActiveState,Before portreeve-restore.service");
    assert!(order.contains("ActiveState=active") && order.contains("network-pre.target"), "{order}");
    assert_settled(&machine, 2);
}

#[test]
fn a_removed_package_leaves_no_rules_and_a_reinstalled_one_brings_them_back() {
    let machine = Machine::boot();
    package::install(&machine);
    apply(&machine, 80, 1, None);
    ask(&machine, &Request::Confirm { revision: 1 });
    machine.run("nft add table inet other");

    package::install(&machine);
    assert_eq!(enforced(&machine), "pr:default-in:1\n", "an upgrade keeps them");

    let console = machine.run("dpkg --remove portreeve");
    assert!(console.contains("rules are taken out of the kernel"), "{console}");
    assert_eq!(machine.run("nft list tables"), "table inet other\n");

    package::install(&machine);
    assert_settled(&machine, 1);
    assert_eq!(enforced(&machine), "pr:default-in:1\n");
}
