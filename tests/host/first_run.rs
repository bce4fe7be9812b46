//! An administrator's first minutes: from the console's link to the list of ports, in a real browser on another host.

use super::{browser::setup_token, machine::Machine, network::SERVER_TO_ADMINISTRATOR, package};
use crate::{
    browser::{stage, webdriver::Browser},
    helper::running::wait_until,
};

const NOW_LISTED: &str = "return [...document.querySelectorAll('#ports tbody tr.entry')].map((row) =>
    row.querySelector('.port b').textContent + ' ' + (row.querySelector('.program .mono')?.textContent ?? '').trim())";

#[test]
fn the_link_from_the_console_leads_a_browser_to_the_ports_of_the_host() {
    let machine = Machine::boot();
    let console = package::install(&machine);
    let url = |path: &str| format!("https://{SERVER_TO_ADMINISTRATOR}:8470{path}");
    let link = url(&format!("/setup?token={}", setup_token(&console)));
    machine.network.as_administrator(|| {
        let browser = Browser::start();
        browser.open(&link);
        stage::make_account(&browser);
        wait_until("the web server is listed", || {
            browser.open(&url("/ports"));
            let rows = browser.run(NOW_LISTED, &[]).to_string();
            ["22 sshd", "80 nginx", "21 vsftpd", "110 dovecot", "6379 redis-server"]
                .iter()
                .all(|row| rows.contains(row))
        });
        stage::look(&browser, "server");
    });
}
