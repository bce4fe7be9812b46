//! Lists of addresses: made, filled, searched and removed in the draft.

use axum::http::StatusCode;

use super::browser::{Browser, Site};

async fn fill(browser: &mut Browser<'_>, list: &str, entries: &str) -> super::browser::Reply {
    let page = format!("/lists/{list}");
    browser.submit(&page, &format!("{page}/add"), &[("entries", entries)]).await
}

#[tokio::test]
async fn the_two_lists_that_need_no_rule_are_always_there() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert_eq!(browser.get("/lists").await.texts("#lists th a"), ["allow", "deny"]);
    let page = browser.get("/lists/deny").await;
    assert!(page.texts(".answer").concat().contains("0 entries. Whoever is on it is dropped"), "{}", page.body);
    for path in ["/lists/nobody", "/lists/Deny", "/lists/%00", "/lists/%ff"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_list_is_made_filled_used_and_removed() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let fields = [("name", "office"), ("note", "Both <offices>")];
    browser.submit("/lists", "/lists", &fields).await.assert_leads_to("/lists/office");
    browser.submit("/lists", "/lists", &fields).await.assert_problem("name", "already");
    browser.submit("/lists", "/lists", &[("name", "Big Office")]).await.assert_problem("name", "lower-case");
    let entries = "203.0.113.0/24 # Hamburg\n2001:db8::/32\n198.51.100.7 until 2030-01-01T00:00:00Z";
    fill(&mut browser, "office", entries).await.assert_leads_to("/lists/office");
    let page = browser.get("/lists/office").await;
    assert_eq!(page.texts("#members th a"), ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]);
    assert!(page.texts("#members td").concat().contains("Hamburg"));
    let rule = [("action", "allow"), ("direction", "in"), ("enabled", "yes"), ("who", "list:office"), ("to", "ssh")];
    browser.submit("/rules/new", "/rules/new", &rule).await.assert_leads_to("/rules#r1");
    assert_eq!(browser.get("/lists/office").await.texts("main .confirm"), Vec::<String>::new());
    browser.submit("/rules", "/rules/acts", &[("act", "remove r1")]).await;
    let off = [("entry", "2001:db8::/32"), ("entry", "198.51.100.7"), ("back", "/lists/office?q=1")];
    browser.submit("/lists/office", "/lists/office/take-off", &off).await.assert_leads_to("/lists/office?q=1");
    assert_eq!(browser.get("/lists/office").await.texts("#members th a"), ["203.0.113.0/24"]);
    browser.submit("/lists/office", "/lists/office/note", &[("note", "One")]).await.assert_leads_to("/lists/office");
    assert!(browser.get("/lists").await.texts("#lists").concat().contains("One"));
    browser.submit("/lists/office", "/lists/office/remove", &[]).await.assert_leads_to("/lists");
    assert_eq!(browser.get("/lists").await.texts("#lists th a"), ["allow", "deny"]);
}

#[tokio::test]
async fn good_lines_are_staged_and_wrong_ones_come_back() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = fill(&mut browser, "deny", "198.51.100.66\n<script>\n198.51.100.1/24\n192.0.2.1").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    reply.assert_problem("entries", "Line 3: \"198.51.100.1/24\" has bits set");
    assert_eq!(reply.texts("#entries"), ["<script>\n198.51.100.1/24"]);
    assert!(reply.texts("h2").concat().contains("2 entries staged"), "{}", reply.body);
    assert_eq!(browser.get("/lists/deny").await.texts("#members th a"), ["198.51.100.66", "192.0.2.1"]);
    fill(&mut browser, "deny", " \n# nothing").await.assert_problem("entries", "at least one address");
}

#[tokio::test]
async fn a_long_list_is_cut_into_pages_and_searched() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let lines: Vec<String> = (0..450).map(|number| format!("10.0.{}.{}", number / 200, number % 200)).collect();
    fill(&mut browser, "deny", &lines.join("\n")).await.assert_leads_to("/lists/deny");
    let page = browser.get("/lists/deny?page=3").await;
    assert_eq!(page.texts("#members th a").len(), 50);
    assert!(page.texts(".pager").concat().contains("401–450 of 450"));
    let found = browser.get("/lists/deny?q=10.0.1.7").await;
    assert_eq!(found.texts("#members th a"), ["10.0.1.7"]);
    assert!(browser.get("/lists/deny?q=%3Cb%3E").await.texts("h2").concat().contains("No entry fits"));
}
