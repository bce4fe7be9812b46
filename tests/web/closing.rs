//! From the list of ports to a closed one and back, against a helper that keeps the books of rules and units.

use axum::http::StatusCode;
use portreeve::store::Role;

use super::{
    browser::{Browser, Reply, Site},
    review::{stage, turn_on},
};
use crate::actions::helper::Helper;

const MAIL: &str = r#""action":"allow","direction":"in","to":["pop3","pop3s"]"#;
const FILES: &str = r#""action":"allow","direction":"in","to":["ftp"]"#;

/// A mail server with FTP. The firewall is off.
async fn site() -> (Site, Helper) {
    let site = Site::with_account().await;
    let helper = Helper::start(site.panel.state.path());
    {
        let services = &mut helper.state().services;
        services.now = Some(site.panel.actions.now());
        services.run("dovecot.service", &[110, 995]);
        services.run("vsftpd.service", &[21]);
        services.run("ssh.service", &[22]);
    }
    site.panel.actions.refresh_firewall().await;
    site.panel.actions.refresh_listeners().await;
    (site, helper)
}

/// The same with the firewall on.
async fn guarded(site: &Site) -> Browser<'_> {
    let mut browser = site.signed_in().await;
    stage(site, &browser, MAIL).await;
    stage(site, &browser, FILES).await;
    turn_on(site, &mut browser).await;
    browser
}

fn standing(helper: &Helper, name: &str) -> (bool, String) {
    let state = helper.state();
    let (runs, file) = state.services.standing(name);
    (runs, file.to_owned())
}

async fn close(browser: &mut Browser<'_>, port: &str, level: &str) -> Reply {
    browser.submit("/account", "/ports/close", &[("port", port), ("level", level)]).await
}

async fn undo(browser: &mut Browser<'_>, closure: &str) -> Reply {
    browser.submit("/account", "/ports/undo", &[("closure", closure)]).await
}

async fn set_role(site: &Site, role: Role) {
    let mut connection = site.panel.connection().await;
    sqlx::query("update user set role = ?").bind(role.as_str()).execute(&mut connection).await.expect("a role");
}

#[tokio::test]
async fn a_port_is_blocked_and_comes_back() {
    let (site, helper) = site().await;
    let mut browser = guarded(&site).await;
    let sheet = browser.get("/ports/close?port=110/tcp").await;
    assert_eq!(sheet.texts("h1"), ["Close 110/tcp"]);
    assert!(sheet.texts(".unit").concat().contains("995/tcp"), "{}", sheet.body);
    assert_eq!(sheet.texts("input[name=level]").len(), 4);
    assert_eq!(sheet.attribute("input[name=level][checked]", "value").as_deref(), Some("block"), "995 stays");
    close(&mut browser, "110/tcp", "block").await.assert_leads_to("/ports?closed=1");
    let page = browser.get("/ports?closed=1").await;
    assert!(page.texts(".just").concat().contains("110/tcp"), "{}", page.body);
    assert_eq!(page.attribute(".just button", "value").as_deref(), Some("1"));
    assert!(standing(&helper, "dovecot.service").0);
    assert!(browser.get("/history").await.texts(".closures").concat().contains("110/tcp"));
    undo(&mut browser, "1").await.assert_leads_to("/ports");
    let page = browser.get("/ports?closed=1").await;
    assert!(page.texts(".flash").concat().contains("as it was before"), "{}", page.body);
    assert!(page.texts(".just, .closures button").is_empty() && page.texts(".closures").concat().contains("Undone"));
    undo(&mut browser, "1").await.assert_leads_to("/ports");
    assert!(browser.get("/ports").await.texts(".flash").concat().contains("Nothing was changed"));
}

#[tokio::test]
async fn without_the_firewall_what_listens_can_still_be_stopped() {
    let (site, helper) = site().await;
    let mut browser = site.signed_in().await;
    let sheet = browser.get("/ports/close?port=21/tcp").await;
    assert!(sheet.texts("h2").concat().contains("firewall is off"), "{}", sheet.body);
    assert!(
        sheet.attribute("#level-block", "disabled").is_some() && !sheet.texts("#level-block-hint").concat().is_empty()
    );
    assert_eq!(close(&mut browser, "21/tcp", "block").await.status, StatusCode::CONFLICT);
    close(&mut browser, "21/tcp", "disable").await.assert_leads_to("/ports?closed=1");
    assert_eq!(standing(&helper, "vsftpd.service"), (false, "disabled".to_owned()));
    undo(&mut browser, "1").await.assert_leads_to("/ports");
    assert_eq!(standing(&helper, "vsftpd.service"), (true, "enabled".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_is_said_and_protected_ports_stay() {
    let (site, _helper) = site().await;
    let mut browser = guarded(&site).await;
    for path in
        ["/ports/close", "/ports/close?port=x", "/ports/close?port=1-9/tcp", "/ports/limit", "/ports/open?port="]
    {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(close(&mut browser, "x", "block").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(undo(&mut browser, "1; drop table").await.status, StatusCode::BAD_REQUEST);
    let reply = close(&mut browser, "110/tcp", "burn").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    reply.assert_problem("level", "how far");
    let sheet = browser.get("/ports/close?port=22/tcp").await;
    assert!(sheet.texts("h2").concat().contains("isn’t closed from here"), "{}", sheet.body);
    assert!(sheet.texts("form[action='/ports/close']").is_empty());
    assert_eq!(close(&mut browser, "22/tcp", "stop").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_isnt_needed_is_closed_by_one_act_and_comes_back_by_one() {
    let (site, helper) = site().await;
    let mut browser = guarded(&site).await;
    let list = browser.get("/ports/needless").await;
    assert_eq!(list.texts(".needless th[scope=row]"), ["21/tcp", "110/tcp"], "{}", list.body);
    let none = browser.submit("/account", "/ports/needless", &[("how", "off")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.texts("[role=alert]").concat().contains("Tick at least one"));
    let ticks = [("port", "21/tcp"), ("port", "110/tcp"), ("how", "off")];
    browser.submit("/account", "/ports/needless", &ticks).await.assert_leads_to("/ports?closed=1");
    assert_eq!(standing(&helper, "vsftpd.service"), (false, "disabled".to_owned()));
    assert_eq!(standing(&helper, "dovecot.service"), (true, "enabled".to_owned()), "it serves 995 as well");
    undo(&mut browser, "1").await.assert_leads_to("/ports");
    assert_eq!(standing(&helper, "vsftpd.service"), (true, "enabled".to_owned()));
}

#[tokio::test]
async fn a_port_is_limited_and_opened_for_a_time() {
    let (site, _helper) = site().await;
    let mut browser = guarded(&site).await;
    let wrong = [("port", "995/tcp"), ("who", "some"), ("addresses", "nobody"), ("span", "always"), ("note", "kept")];
    let reply = browser.submit("/account", "/ports/limit", &wrong).await;
    reply.assert_problem("addresses", "address");
    assert_eq!(reply.attribute("#addresses", "value").as_deref(), Some("nobody"));
    assert_eq!(reply.attribute("#note", "value").as_deref(), Some("kept"));
    let limit = [("port", "995/tcp"), ("who", "some"), ("addresses", "203.0.113.0/24"), ("span", "always")];
    browser.submit("/account", "/ports/limit", &limit).await.assert_leads_to("/ports");
    assert!(browser.get("/ports").await.texts(".flash").concat().contains("in force"));
    let open = [("port", "8443/tcp"), ("who", "me"), ("span", "1h"), ("note", "")];
    browser.submit("/account", "/ports/open", &open).await.assert_leads_to("/ports");
    let rules = browser.get("/rules").await.texts("#rules").concat();
    assert!(
        rules.contains("203.0.113.0/24") && rules.contains("198.51.100.7") && rules.contains("8443/tcp"),
        "{rules}"
    );
}

#[tokio::test]
async fn whoever_may_not_change_anything_sees_no_buttons() {
    let (site, _helper) = site().await;
    let mut browser = site.signed_in().await;
    assert!(!browser.get("/ports").await.texts("#ports .acts a").is_empty());
    for role in [Role::Viewer, Role::Operator] {
        set_role(&site, role).await;
        let page = browser.get("/ports").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.texts("#ports .acts a, a[href='/ports/needless']").is_empty());
        for path in
            ["/ports/close?port=21/tcp", "/ports/needless", "/ports/limit?port=21/tcp", "/ports/open?port=21/tcp"]
        {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let fields = [("port", "21/tcp"), ("level", "block")];
        assert_eq!(browser.submit("/account", "/ports/close", &fields).await.status, StatusCode::FORBIDDEN);
    }
}
