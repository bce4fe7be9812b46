//! The package's life: installed, upgraded, removed, purged.

use super::{
    browser::{Browser, setup_token},
    command::run,
    machine::Machine,
    network::SERVER_TO_ADMINISTRATOR,
    package,
};

#[test]
fn the_same_source_gives_the_same_package() {
    assert!(package::built() == package::build(), "two builds differ");
}

#[test]
fn installing_prints_the_way_in() {
    let machine = Machine::boot();
    let console = package::install(&machine);
    assert!(console.contains(&format!("https://{SERVER_TO_ADMINISTRATOR}:8470\n")), "{console}");
    assert!(console.contains(&fingerprint(&machine)), "{console}");

    let token = setup_token(&console);
    assert_eq!(
        machine.run(&format!("journalctl | grep --count {token} || true")).trim(),
        "0",
        "a secret in the journal"
    );
    let secret_files = machine.run("stat --format '%a %U' /run/portreeve/welcome /var/lib/portreeve");
    assert_eq!(secret_files, "600 root\n700 portreeve\n");

    // Lost, it is replaced from the console, which doesn't take the database away from the panel's user.
    let another = machine.run("portreeve setup-link");
    let browser = Browser::new(&machine);
    browser.set_up(setup_token(&another));
    assert!(browser.is_signed_in(), "the link makes the first account");
}

#[test]
fn an_upgrade_keeps_accounts_certificate_and_what_the_administrator_switched_off() {
    let machine = Machine::boot();
    let console = package::install(&machine);
    let certificate = fingerprint(&machine);
    let browser = Browser::new(&machine);
    browser.set_up(setup_token(&console));

    let upgrade = package::install(&machine);
    assert!(!upgrade.contains("token="), "{upgrade}");
    assert!(browser.is_signed_in(), "the session outlives an upgrade");
    assert_eq!(fingerprint(&machine), certificate);

    machine.run("systemctl disable --now portreeve.service");
    package::install(&machine);
    let state = machine.output("systemctl is-enabled portreeve.service; systemctl is-active portreeve.service");
    assert_eq!(String::from_utf8_lossy(&state.stdout), "disabled\ninactive\n");
}

#[test]
fn removal_keeps_the_state_and_purge_takes_it() {
    let machine = Machine::boot();
    let console = package::install(&machine);
    Browser::new(&machine).set_up(setup_token(&console));
    machine.main_pid("portreeve-helper.service");

    let removal = machine.run("dpkg --remove portreeve");
    assert!(!removal.contains("rules"), "there were none: {removal}");
    assert_eq!(machine.run("systemctl list-units --state=active --plain --no-legend 'portreeve*'"), "");
    assert_eq!(machine.run("pgrep --list-name portreeve || true"), "", "processes outlive the package");
    machine.run("test -f /var/lib/portreeve/portreeve.db");
    let back = package::install(&machine);
    assert!(!back.contains("token="), "{back}");
    let browser = Browser::new(&machine);
    browser.sign_in();
    assert!(browser.is_signed_in(), "the account is still there");

    machine.run("dpkg --purge portreeve");
    let left =
        "find / -xdev -name '*portreeve*' ! -path '/root/*' ! -path '/var/log/*'; getent passwd portreeve || true";
    assert_eq!(machine.run(left), "");
}

/// The certificate that the panel really shows to the administrator, as people compare it.
fn fingerprint(machine: &Machine) -> String {
    let administrator = &machine.network.administrator;
    let shown = "openssl s_client -showcerts -connect";
    let certificate = run(&format!("ip netns exec {administrator} {shown} {SERVER_TO_ADMINISTRATOR}:8470"));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(&file, certificate).expect("room for it");
    let line = run(&format!("openssl x509 -noout -fingerprint -sha256 -in {}", file.path().display()));
    line.trim().split('=').nth(1).expect("a fingerprint").to_owned()
}
