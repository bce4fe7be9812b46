//! A panel or a helper is killed while a service that hangs is being closed: what was begun is written down, and undone.

use std::{thread, time::Duration};

use super::{
    browser::{Browser, setup_token},
    command::wait_for,
    machine::Machine,
    package,
    stubborn::{STUBBORN, install},
};

/// The service of [`STUBBORN`] that doesn't listen to signals: closing it takes the helper its ten seconds.
const DEAF: &str = "deaf.service";

/// Kills a unit of ours while the port of [`DEAF`] is being closed from the page; gives what is told of the act then.
fn closed_while_killing(machine: &Machine, browser: &Browser<'_>, unit: &str) -> String {
    let before = machine.main_pid(unit);
    thread::scope(|scope| {
        scope.spawn(|| {
            browser.try_submit(
                "/ports/close?port=7101/tcp",
                "/ports/close",
                &[("port", "7101/tcp"), ("level", "disable")],
            )
        });
        wait_for("the service to be told to stop", || {
            machine.output(&format!("systemctl is-active {DEAF}")).stdout.starts_with(b"deactivating").then_some(())
        });
        machine.run(&format!("systemctl kill --signal KILL {unit}"));
    });
    machine.main_pid_other_than(unit, before);
    // It is settled within a minute.
    thread::sleep(Duration::from_secs(30));
    wait_for("the act to be settled", || {
        let told = machine.run("portreeve closures");
        let last = told.lines().next()?.to_owned();
        (!last.contains("under way")).then_some(last)
    })
}

#[test]
fn what_was_begun_before_a_kill_is_written_down_and_undone() {
    let machine = Machine::boot();
    package::install(&machine);
    install(&machine, &STUBBORN[..1]);
    let browser = Browser::new(&machine);
    browser.set_up(setup_token(&machine.run("portreeve setup-link")));
    for (act, unit) in [(1, "portreeve.service"), (2, "portreeve-helper.service")] {
        let told = closed_while_killing(&machine, &browser, unit);
        assert!(told.starts_with(&format!("{act} ")), "{unit}: {told}");
        machine.run(&format!("systemctl kill --signal KILL {DEAF}; systemctl reset-failed {DEAF} || true"));
        let undone = machine.output(&format!("portreeve undo {act}"));
        let words = String::from_utf8_lossy(&undone.stdout).into_owned() + &String::from_utf8_lossy(&undone.stderr);
        wait_for("it to be as it was", || {
            let standing = machine.output(&format!("systemctl is-active {DEAF}; systemctl is-enabled {DEAF}")).stdout;
            (standing == b"active\nenabled\n").then_some(())
        });
        assert!(words.contains("taken back"), "{unit}: {told}\n{words}");
    }
}
