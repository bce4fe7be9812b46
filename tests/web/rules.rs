//! The rules: from a form into the draft, and what the page says about it.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};

/// What an editor's form needs at least.
const FRESH: [(&str, &str); 3] = [("action", "allow"), ("direction", "in"), ("enabled", "yes")];

async fn add(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Reply {
    browser.submit("/rules/new", "/rules/new", &[&FRESH[..], fields].concat()).await
}

async fn act(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Reply {
    browser.submit("/rules", "/rules/acts", fields).await
}

/// The ids of the rules in the order of the page.
async fn ids(browser: &mut Browser<'_>) -> Vec<String> {
    browser.get("/rules").await.texts("#rules tr.rule .place a")
}

/// A site whose administrator staged the rules r1 to r3 that come in and r4 that goes out.
async fn site_with_rules() -> Site {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for fields in [
        &[("to", "ssh"), ("who", "203.0.113.0/24")][..],
        &[("to", "http, https"), ("note", "the <b>web</b>")],
        &[("to", "telnet"), ("action", "drop")],
        &[("to", "smtp"), ("direction", "out")],
    ] {
        let fields: Vec<_> = [("action", "allow"), ("direction", "in"), ("enabled", "yes")]
            .into_iter()
            .filter(|(name, _)| fields.iter().all(|(given, _)| given != name))
            .chain(fields.iter().copied())
            .collect();
        let reply = browser.submit("/rules/new", "/rules/new", &fields).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    }
    site
}

#[tokio::test]
async fn a_fresh_page_shows_the_automatic_lines_and_how_to_begin() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = browser.get("/rules").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.texts(".answer").concat().starts_with("0 rules"), "{}", reply.body);
    assert!(reply.texts("#rules tr.automatic b").contains(&"Known connections".to_owned()));
    assert!(reply.texts("h2").concat().contains("There is no rule yet"));
    assert_eq!(reply.texts("#rules tr.automatic input, #rules tr.automatic button"), Vec::<String>::new());
}

#[tokio::test]
async fn a_rule_is_written_shown_and_changed() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let fields = [
        ("who", "203.0.113.0/24\n2001:db8::/32"),
        ("to", "ssh 8080/tcp"),
        ("new_connections", "6/minute"),
        ("note", "Anna's <script>"),
    ];
    add(&mut browser, &fields).await.assert_leads_to("/rules#r1");
    let page = browser.get("/rules").await;
    assert!(page.texts(".flash").concat().contains("Staged in your draft"), "{}", page.body);
    let row = page.texts("#r1").concat();
    for expected in ["203.0.113.0/24", "ssh (22/tcp)", "8080/tcp", "6/minute new of each source", "Anna's <script>"] {
        assert!(row.contains(expected), "{expected} in {row}");
    }
    let editor = browser.get("/rules/r1").await;
    assert_eq!(editor.texts("#who"), ["203.0.113.0/24\n2001:db8::/32"]);
    assert!(editor.texts("#effect .says").concat().starts_with("Allow 203.0.113.0/24 and 2001:db8::/32 to reach ssh"));
    let changed = [&FRESH[..], &[("to", "ssh"), ("position", "1")]].concat();
    browser.submit("/rules/r1", "/rules/r1", &changed).await.assert_leads_to("/rules#r1");
    assert!(browser.get("/rules").await.texts("#r1 .from").concat().contains("Everybody"));
}

#[tokio::test]
async fn every_field_says_what_is_wrong_and_keeps_what_was_typed() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let fields = [("who", "nobody\n192.0.2.1/24"), ("to", "22"), ("connections", "-3"), ("note", "a\u{202e}b")];
    let reply = add(&mut browser, &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    reply.assert_problem("who", "did you mean 192.0.2.0/24?");
    reply.assert_problem("to", "22/tcp or 22/udp");
    reply.assert_problem("connections", "isn't a number");
    reply.assert_problem("note", "direction-changing");
    assert_eq!(reply.texts("#who"), ["nobody\n192.0.2.1/24"]);
    assert_eq!(reply.attribute("#note", "value").as_deref(), Some("a\u{202e}b"));
    let unknown = add(&mut browser, &[("who", "list:nowhere"), ("to", "nothing-known")]).await;
    unknown.assert_problem("who", "There is no list nowhere");
    unknown.assert_problem("to", "There is no service nothing-known");
    let limited = [("action", "drop"), ("direction", "in"), ("new_connections", "1/minute")];
    let reply = browser.submit("/rules/new", "/rules/new", &limited).await;
    reply.assert_problem("new_connections", "allows nothing");
    assert_eq!(ids(&mut browser).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_preview_tells_who_gains_and_stages_nothing() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let mut watch = site.watch().await;
    let reply = add(&mut browser, &[("to", "80/tcp"), ("act", "preview")]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let effect = reply.texts("#effect").concat();
    assert!(effect.contains("Allow everybody to reach 80/tcp."), "{effect}");
    assert!(effect.contains("Everybody can now reach 80/tcp."), "{effect}");
    watch.assert_unchanged("a preview").await;
    assert_eq!(ids(&mut browser).await, Vec::<String>::new());
}

#[tokio::test]
async fn rules_are_moved_switched_copied_and_removed() {
    let site = site_with_rules().await;
    let mut browser = site.signed_in().await;
    assert_eq!(ids(&mut browser).await, ["r1", "r2", "r3", "r4"]);
    act(&mut browser, &[("act", "down r1")]).await.assert_leads_to("/rules#r1");
    assert_eq!(ids(&mut browser).await, ["r2", "r1", "r3", "r4"]);
    act(&mut browser, &[("act", "up r3")]).await;
    assert_eq!(ids(&mut browser).await, ["r2", "r3", "r1", "r4"]);
    act(&mut browser, &[("act", "move"), ("rule", "r1"), ("rule", "r3"), ("position", "1")]).await;
    assert_eq!(ids(&mut browser).await, ["r3", "r1", "r2", "r4"]);
    act(&mut browser, &[("act", "disable"), ("rule", "r1"), ("rule", "r4")]).await;
    let page = browser.get("/rules").await;
    assert_eq!(page.attribute("#r1 .switch", "aria-checked").as_deref(), Some("false"));
    assert_eq!(page.attribute("#r3 .switch", "aria-checked").as_deref(), Some("true"));
    act(&mut browser, &[("act", "enable r1")]).await;
    act(&mut browser, &[("act", "pause"), ("rule", "r2"), ("rule", "r4")]).await;
    let page = browser.get("/rules").await;
    assert_eq!(page.attribute("#r2 .switch", "aria-checked").as_deref(), Some("false"));
    assert!(page.texts("#r2 .condition").concat().contains("starts in"), "{:?}", page.texts("#r2 .condition"));
    assert!(!page.texts("#r4").concat().contains("starts in"), "what is disabled stays so");
    act(&mut browser, &[("act", "enable r2")]).await;
    assert_eq!(browser.get("/rules").await.attribute("#r2 .switch", "aria-checked").as_deref(), Some("true"));
    act(&mut browser, &[("act", "duplicate r3")]).await.assert_leads_to("/rules#r5");
    assert_eq!(ids(&mut browser).await, ["r3", "r5", "r1", "r2", "r4"]);
    act(&mut browser, &[("act", "remove"), ("rule", "r5"), ("rule", "r1")]).await.assert_leads_to("/rules");
    assert_eq!(ids(&mut browser).await, ["r3", "r2", "r4"]);
}

#[tokio::test]
async fn acts_that_make_no_sense_change_nothing_and_say_so() {
    let site = site_with_rules().await;
    let mut browser = site.signed_in().await;
    let mut watch = site.watch().await;
    for (fields, said) in [
        (&[("act", "remove")][..], "choose at least one"),
        (&[("act", "move"), ("rule", "r1"), ("position", "x")], "must be a number"),
        (&[("act", "move"), ("rule", "r1"), ("rule", "r4"), ("position", "1")], "different ways"),
        (&[("act", "up r1")], "any further"),
        (&[("act", "down r4")], "any further"),
        (&[("act", "remove r77")], "in your draft any more"),
        (&[("act", "duplicate r77"), ("back", "https://evil.example/rules")], "in your draft any more"),
    ] {
        act(&mut browser, fields).await.assert_leads_to("/rules");
        let page = browser.get("/rules").await;
        assert!(page.texts(".flash .warn").concat().contains(said), "{fields:?}: {:?}", page.texts(".flash"));
    }
    assert_eq!(act(&mut browser, &[("act", "explode r1")]).await.status, StatusCode::BAD_REQUEST);
    watch.assert_unchanged("acts without sense").await;
    for path in ["/rules/r77", "/rules/R1", "/rules/%ff", "/rules/r99999999999"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn by_service_it_says_who_may_reach_what() {
    let site = site_with_rules().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/rules?view=service").await;
    let lines: Vec<String> = page.texts(".service > summary");
    let line = |name: &str| lines.iter().find(|line| line.starts_with(name)).cloned().unwrap_or_default();
    assert!(line("ssh (22/tcp)").ends_with("203.0.113.0/24"), "{lines:?}");
    assert!(line("http (80/tcp)").ends_with("Everybody"), "{lines:?}");
    assert!(line("telnet").ends_with("Nobody"), "{lines:?}");
    assert!(line("smtp").ends_with("Anywhere"), "{lines:?}");
    let found = browser.get("/rules?q=203.0.113&show=allow").await;
    assert_eq!(found.texts("#rules tr.rule .place a"), ["r1"]);
    assert!(browser.get("/rules?q=gopher").await.texts("h2").concat().contains("No rule fits"));
}

#[tokio::test]
async fn the_policy_is_staged_with_its_own_problems() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/rules/policy").await;
    assert!(page.texts(".answer").concat().contains("is dropped on its way in"), "{}", page.body);
    let fields = [("incoming", "reject"), ("outgoing", "allow"), ("forwarded", "allow"), ("invalid", "yes")];
    let wrong = [&fields[..], &[("ping", "often")]].concat();
    let reply = browser.submit("/rules/policy", "/rules/policy", &wrong).await;
    reply.assert_problem("ping", "6/minute");
    let preview = [&fields[..], &[("act", "preview")]].concat();
    let reply = browser.submit("/rules/policy", "/rules/policy", &preview).await;
    assert!(reply.texts("#effect").concat().contains("Forged sources are no longer dropped."), "{}", reply.body);
    browser.submit("/rules/policy", "/rules/policy", &fields).await.assert_leads_to("/rules");
    let lines = browser.get("/rules").await.texts("#rules tr.automatic .what b");
    assert!(!lines.contains(&"Forged sources".to_owned()) && lines.contains(&"Packets of no connection".to_owned()));
}

#[tokio::test]
async fn viewers_see_everything_and_no_form() {
    let site = site_with_rules().await;
    let mut browser = site.signed_in().await;
    let csrf = browser.get("/account").await.csrf();
    let mut connection = site.panel.connection().await;
    sqlx::query("update user set role = 'viewer'").execute(&mut connection).await.expect("the account is there");
    for path in ["/rules", "/rules?view=service", "/rules/policy", "/lists", "/lists/deny", "/services"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.texts("main form[method=post]"), Vec::<String>::new(), "{path}");
    }
    assert_eq!(browser.get("/rules/new").await.status, StatusCode::FORBIDDEN);
    let reply = browser.post("/rules/acts", &[("csrf", &csrf), ("act", "remove r1")]).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
}
