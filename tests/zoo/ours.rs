//! Our own rules beside the tables of others: what is said is what happens, and a port that Docker publishes is really shut
//! when it is closed, and open again when that is undone.

use std::{fs, os::unix::fs::PermissionsExt};

use portreeve::{
    boundary::{Request, Response},
    firewall::{Family, Ruleset, exposure::Origin, listener::Transport},
};
use serde_json::Value;

use super::{
    shapes::{PROXIES, restore},
    town::{Knock, Town, facing},
    visit::{Expected, Seen, differences},
};
use crate::helper::{
    guarded::apply,
    running::{Running, open_dir, program},
};

/// Who is dropped is the second stranger. The office has a port of its own.
const OURS: &str = r#"{"rules":[
    {"id":1,"action":"drop","direction":"in","who":["198.51.100.200","2001:db8:ffff::200"]},
    {"id":2,"action":"allow","direction":"in","to":["ssh","8080/tcp","dns"]},
    {"id":3,"action":"allow","direction":"in","who":["192.168.7.0/24"],"to":["3306/tcp"]}]}"#;

/// A town whose host is guarded by a helper.
struct GuardedTown {
    town: Town,
    helper: Running,
}

impl GuardedTown {
    /// With the tables of others in the kernel before our own.
    fn beside(shape: &str) -> Self {
        let town = Town::new();
        restore(&town.host, shape, "nft");
        let helper = Running::start_in(open_dir(), town.host.command(env!("CARGO_BIN_EXE_portreeve-helper")));
        let ruleset: Ruleset = serde_json::from_str(OURS).unwrap();
        let mut panel = helper.greet();
        for request in [apply(ruleset, 1, None), Request::Confirm { revision: 1 }] {
            let answer = panel.ask(&request);
            assert!(matches!(answer, Some(Response::State(_))), "{answer:?}");
        }
        let state = helper.dir.path().join("panel");
        fs::create_dir(&state).unwrap();
        fs::set_permissions(state, fs::Permissions::from_mode(0o700)).unwrap();
        Self { town, helper }
    }

    /// Runs `portreeve` on the console; gives what it prints.
    fn portreeve(&self, arguments: &[&str]) -> String {
        let mut command = program(env!("CARGO_BIN_EXE_portreeve"));
        command.args(arguments).arg("--socket").arg(self.helper.socket());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn act(&self, arguments: &[&str]) -> String {
        let state = self.helper.dir.path().join("panel").display().to_string();
        self.portreeve(&[arguments, &["--state-dir", &state]].concat())
    }

    /// From where 8080/tcp is reached over each family.
    fn reached(&self) -> Vec<(Origin, [bool; 2])> {
        let knock = |origin, family| {
            let address = facing(origin, family);
            self.town.knock(origin, &[Knock { transport: Transport::Tcp, source: None, address, port: 8080 }])[0]
        };
        let origins = [Origin::World, Origin::Networks];
        origins.map(|origin| (origin, Family::BOTH.map(|family| knock(origin, family)))).to_vec()
    }

    /// What `portreeve ports` says of 8080/tcp from the world, over each family.
    fn said(&self) -> Vec<String> {
        let ports: Value = serde_json::from_str(&self.portreeve(&["ports", "--json"])).unwrap();
        let listeners = ports["listeners"].as_array().unwrap().iter();
        let answers = listeners.filter(|listener| listener["port"] == 8080).flat_map(|listener| {
            let answers = listener["reached"]["answers"].as_array().unwrap();
            answers.iter().filter(|answer| answer["from"] == "world")
        });
        answers.map(|answer| answer["answer"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn beside_the_tables_of_others_our_rules_do_what_is_said() {
    for shape in ["docker-24", "docker-28", "fail2ban", "libvirt", "ufw"] {
        let guarded = GuardedTown::beside(shape);
        let town = &guarded.town;
        let _container = town.serve(false, &["tcp,::,80", "tcp,0.0.0.0,81"]);
        let sockets = [&PROXIES[..], &["tcp,::,80", "tcp,0.0.0.0,3306", "udp,::,5353"]].concat();
        let _server = town.serve(true, &sockets);
        let listed = |origin| Expected { port: 0, origin, words: "unless listed in the set f2b-recidive" };
        let wrong = differences(town, &Seen::beside_ours(&guarded.helper), &Origin::ALL.map(listed));
        assert!(wrong.is_empty(), "{shape}\n{wrong}");
    }
}

#[test]
fn a_port_that_docker_publishes_is_shut_when_closed_and_open_again_when_that_is_undone() {
    for shape in ["docker-24", "docker-28"] {
        let guarded = GuardedTown::beside(shape);
        let _container = guarded.town.serve(false, &["tcp,::,80"]);
        let _proxy = guarded.town.serve(true, &PROXIES);
        let open = guarded.reached();
        assert_eq!(open, [(Origin::World, [true; 2]), (Origin::Networks, [true; 2])], "{shape}");
        assert_eq!(guarded.said(), ["partly", "partly"], "one stranger is dropped");

        let closed = guarded.act(&["close", "8080/tcp"]);
        assert!(closed.starts_with("Nobody gets in at 8080/tcp: revision 2 is in force."), "{closed}");
        assert_eq!(guarded.reached(), [(Origin::World, [false; 2]), (Origin::Networks, [false; 2])], "{shape}");
        assert_eq!(guarded.said(), ["closed", "closed"]);

        guarded.act(&["undo", "1"]);
        assert_eq!(guarded.reached(), open, "{shape}, undone");
    }
}
