//! From staged changes to a revision in force, and back, with a real helper on a host of its own.

use std::{os::unix::fs::symlink, time::Instant};

use axum::http::StatusCode;
use portreeve::{
    actions::{Origin, SessionToken, SignedIn},
    firewall::{Rule, edit::Edit},
};

use super::browser::{Browser, Reply, Site};
use crate::{
    actions::panel::origin,
    helper::{guarded::Guarded, running::wait_until},
};

/// A site whose helper guards a host of its own.
pub async fn guarded_site() -> (Site, Guarded) {
    let (site, host) = (Site::with_account().await, Guarded::new());
    symlink(host.socket(), site.panel.state.path().join("helper.sock")).expect("the panel finds the helper");
    site.panel.actions.refresh_firewall().await;
    (site, host)
}

async fn who(site: &Site, browser: &Browser<'_>) -> (SignedIn, Origin) {
    let token = SessionToken::parse(&browser.token()).expect("a token");
    let signed_in = site.panel.actions.find_session(&token).await.expect("a database").expect("a live session");
    (signed_in, origin("198.51.100.7"))
}

/// Stages a rule at the end.
pub async fn stage(site: &Site, browser: &Browser<'_>, fields: &str) {
    let (signed_in, origin) = who(site, browser).await;
    let id = site.panel.actions.new_rule_id().await.expect("a number");
    let rule: Rule = serde_json::from_str(&format!(r#"{{"id":{},{fields}}}"#, id.get())).expect("a rule");
    let edit = Edit::AddRule { rule, at: usize::MAX };
    site.panel.actions.edit_draft(&signed_in, edit, &origin).await.expect("the rule is staged");
}

/// Everybody may reach panel and SSH, so that nobody is locked out.
pub const DOORS: &str = r#""action":"allow","direction":"in","to":["portreeve","ssh"]"#;

async fn apply(browser: &mut Browser<'_>) -> Reply {
    let page = browser.get("/review").await;
    let value = |name: &str| page.attribute(&format!("form[action='/review/apply'] [name={name}]"), "value");
    let (base, sentence) = (value("base").unwrap_or_default(), value("sentence").unwrap_or_default());
    let csrf = page.csrf();
    let fields =
        [("csrf", csrf.as_str()), ("base", &base), ("sentence", &sentence), ("window", "120"), ("consent", "")];
    browser.post("/review/apply", &fields).await
}

async fn act(browser: &mut Browser<'_>, name: &str, revision: &str) -> Reply {
    browser.submit("/account", &format!("/review/{name}"), &[("revision", revision), ("next", "/ports")]).await
}

/// Stages the doors, applies and confirms them.
pub async fn turn_on(site: &Site, browser: &mut Browser<'_>) {
    stage(site, browser, DOORS).await;
    apply(browser).await.assert_leads_to("/review/applied");
    act(browser, "confirm", "1").await.assert_leads_to("/ports");
}

fn bar(reply: &Reply) -> String {
    reply.texts(".bars").concat()
}

#[tokio::test]
async fn without_changes_there_is_nothing_to_apply() {
    let site = Site::with_account().await;
    let reply = site.signed_in().await.get("/review").await;
    assert_eq!(reply.texts("h2"), ["No changes are staged"]);
    assert!(reply.texts("form[action='/review/apply']").is_empty());
}

#[tokio::test]
async fn rules_only_observe_at_first_and_one_step_leads_to_enforcing_them() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    browser.submit("/review", "/review/observe", &[]).await.assert_leads_to("/review");
    assert_eq!(browser.get("/review").await.texts("#observes h2"), ["This revision only observes"]);
    apply(&mut browser).await.assert_leads_to("/review/applied");
    act(&mut browser, "confirm", "1").await.assert_leads_to("/ports");
    assert!(host.table().contains(":1:would-drop"));
    for page in ["/ports", "/blocked", "/history"] {
        let reply = browser.get(page).await;
        assert_eq!(reply.texts(".top .firewall"), ["Observing revision 1"], "{page}");
        assert!(bar(&reply).contains("The rules only observe"), "{page}: {}", reply.body);
    }
    let blocked = browser.get("/blocked").await;
    assert!(blocked.texts(".notice h2").concat().contains("Observing: nothing is turned away"), "{}", blocked.body);

    browser.submit("/blocked", "/review/enforce", &[]).await.assert_leads_to("/review");
    let review = browser.get("/review").await;
    assert!(review.texts(".changes").concat().contains("The rules are enforced"), "{}", review.body);
    assert!(review.texts(".turns").concat().contains("can no longer reach"), "{}", review.body);
    apply(&mut browser).await.assert_leads_to("/review/applied");
    act(&mut browser, "confirm", "2").await.assert_leads_to("/ports");
    assert!(host.table().contains(":2:drop") && !host.table().contains("would-drop"));
    let reply = browser.get("/ports").await;
    assert_eq!(reply.texts(".top .firewall"), ["Enforcing revision 2"]);
    assert!(!bar(&reply).contains("observe"), "{}", reply.body);
}

#[tokio::test]
async fn staged_changes_are_said_in_words_and_stand_in_the_bar_of_every_page() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    stage(&site, &browser, r#""action":"allow","direction":"in","to":["8080/tcp"]"#).await;
    let reply = browser.get("/review").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.texts(".answer"), ["Everybody can now reach 8080/tcp."]);
    assert!(reply.texts(".turns.world small").concat().contains("8080/tcp"), "a witness: {}", reply.body);
    assert_eq!(reply.texts(".changes li").len(), 1, "{}", reply.body);
    assert!(bar(&browser.get("/ports").await).contains("1 change staged"));
    browser.submit("/review", "/review/discard", &[]).await.assert_leads_to("/rules");
    assert!(!bar(&browser.get("/ports").await).contains("staged"));
}

#[tokio::test]
async fn an_applied_revision_waits_in_the_bar_and_a_new_connection_confirms_it() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    apply(&mut browser).await.assert_leads_to("/review/applied");
    assert_eq!(host.read_state().pending.map(|pending| pending.revision), Some(1));
    let reply = browser.get("/ports").await;
    assert!(bar(&reply).contains("Revision 1 is in force until") && bar(&reply).contains("min"), "{}", bar(&reply));
    assert!(reply.texts(".firewall").concat().contains("Revision 1 unconfirmed"));
    assert!(browser.get("/review/proof").await.body.starts_with("proven "));
    act(&mut browser, "confirm", "1").await.assert_leads_to("/ports");
    assert_eq!(host.read_state().confirmed, Some(1));
    let reply = browser.get("/ports").await;
    assert!(bar(&reply).is_empty(), "{}", bar(&reply));
    assert!(reply.texts(".firewall").concat().contains("Enforcing revision 1"));
    assert_eq!(browser.get("/review/proof").await.body, "over");
}

#[tokio::test]
async fn an_old_connection_proves_nothing_and_the_second_press_counts() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    browser.connection = Some(Instant::now());
    apply(&mut browser).await.assert_leads_to("/review/applied");
    assert_eq!(browser.get("/review/proof").await.body, "old");
    act(&mut browser, "confirm", "1").await.assert_leads_to("/review/applied?again=1");
    assert_eq!(host.read_state().confirmed, None, "not confirmed");
    browser.connection = None;
    let reply = browser.get("/review/applied?again=1").await;
    assert!(reply.texts("[role=alert]").concat().contains("Press Confirm once more"), "{}", reply.body);
    act(&mut browser, "confirm", "1").await.assert_leads_to("/ports");
    assert_eq!(host.read_state().confirmed, Some(1));
}

#[tokio::test]
async fn more_time_and_a_roll_back_are_one_press_away_and_the_changes_stay() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    apply(&mut browser).await;
    let before = host.read_state().pending.expect("it waits").millis_left;
    act(&mut browser, "extend", "1").await.assert_leads_to("/ports");
    assert!(host.read_state().pending.expect("it waits").millis_left > before + 60_000);
    act(&mut browser, "roll-back", "1").await.assert_leads_to("/review");
    assert_eq!(host.settled().confirmed, None);
    let told = bar(&browser.get("/ports").await);
    assert!(told.contains("Revision 1 was rolled back because somebody asked for it."), "{told}");
    assert!(told.contains("still staged"), "{told}");
    act(&mut browser, "dismiss", "1").await.assert_leads_to("/ports");
    let told = bar(&browser.get("/ports").await);
    assert!(!told.contains("rolled back") && told.contains("1 change staged"), "{told}");
}

#[tokio::test]
async fn errors_forbid_to_apply_and_lead_to_the_rule() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, r#""action":"allow","direction":"in","who":["list:nobody"]"#).await;
    let reply = browser.get("/review").await;
    assert!(reply.texts(".answer").concat().contains("1 error to mend"), "{}", reply.body);
    assert_eq!(reply.attribute("#problems a", "href").as_deref(), Some("/rules/r1"));
    assert!(reply.texts("form[action='/review/apply']").is_empty());
}

#[tokio::test]
async fn a_failure_is_told_in_full_and_what_was_typed_is_still_there() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    let csrf = browser.get("/review").await.csrf();
    drop(host);
    let fields = [("csrf", csrf.as_str()), ("base", ""), ("sentence", "Doors <b>"), ("window", "300"), ("consent", "")];
    let reply = browser.post("/review/apply", &fields).await;
    assert!(reply.status.is_client_error() || reply.status.is_server_error(), "{}", reply.status);
    assert!(reply.texts("#failure").concat().contains("helper"), "{}", reply.body);
    assert_eq!(reply.attribute("#sentence", "value").as_deref(), Some("Doors <b>"));
    assert_eq!(reply.attribute("#window option[selected]", "value").as_deref(), Some("300"));
}

#[tokio::test]
async fn whoever_would_lock_himself_out_has_to_type_that_he_wants_it() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, r#""action":"drop","direction":"in""#).await;
    let page = browser.get("/review").await;
    assert!(page.texts(".lifelines tr.advise").concat().contains("198.51.100.7"), "{}", page.body);
    let phrase = page.texts("form[action='/review/apply'] .notice b").concat();
    let csrf = page.csrf();
    let with =
        |consent| [("csrf", csrf.as_str()), ("base", ""), ("sentence", "x"), ("window", "60"), ("consent", consent)];
    let reply = browser.post("/review/apply", &with("yes")).await;
    reply.assert_problem("consent", &phrase);
    browser.post("/review/apply", &with(&phrase)).await.assert_leads_to("/review/applied");
}

#[tokio::test]
async fn a_viewer_sees_everything_and_may_do_nothing() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    stage(&site, &browser, DOORS).await;
    apply(&mut browser).await;
    let mut connection = site.panel.connection().await;
    sqlx::query("update user set role = 'viewer'").execute(&mut connection).await.expect("a viewer");
    let reply = browser.get("/review/applied").await;
    assert!(bar(&reply).contains("unless somebody confirms it"), "{}", bar(&reply));
    assert!(reply.texts("form[action='/review/confirm']").is_empty());
    for name in ["confirm", "extend", "roll-back"] {
        assert_eq!(act(&mut browser, name, "1").await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(browser.submit("/account", "/review/discard", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_helper_that_falls_silent_is_told_on_every_page() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    drop(host);
    site.panel.actions.refresh_firewall().await;
    let reply = browser.get("/account").await;
    assert!(bar(&reply).contains("The helper doesn’t answer"), "{}", bar(&reply));
    wait_until("the top bar says so", || reply.texts(".firewall").concat().contains("Helper doesn’t answer"));
}

#[tokio::test]
async fn who_is_signed_in_over_ssh_is_not_locked_out_unnoticed() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    let colleague = "203.0.113.9".parse().expect("an address");
    site.panel.actions.note_logins([colleague, "127.0.0.1".parse().expect("an address")].into());
    stage(
        &site,
        &browser,
        r#""action":"allow","direction":"in","who":["198.51.100.7","192.0.2.10"],"to":["portreeve","ssh"]"#,
    )
    .await;
    let page = browser.get("/review").await;
    let told = page.texts(".lifelines tr.advise");
    assert_eq!(told.len(), 1, "{}", page.body);
    assert!(told[0].contains("203.0.113.9") && told[0].contains("signed in on this host now"), "{told:?}");
    assert!(!page.texts("form[action='/review/apply'] .notice b").is_empty(), "consent is asked for: {}", page.body);
    site.panel.actions.note_logins([].into());
    assert!(browser.get("/review").await.texts(".lifelines tr.advise").is_empty());
}
