//! All that is known of an address, whatever somebody types for one.

use axum::http::StatusCode;

use portreeve::{
    actions::HelperSocket,
    firewall::{
        AddressRange,
        enforcement::Ban,
        listener::Transport,
        usage::{Coverage, Sample},
    },
};

use super::{
    blocked::entry,
    browser::{Browser, Reply, Site},
    review::{guarded_site, turn_on},
};

#[tokio::test]
async fn a_search_leads_to_the_page_of_the_address() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for (asked, path) in [
        ("198.51.100.7", "/address/198.51.100.7"),
        ("%20198.51.100.0/24%20", "/address/198.51.100.0/24"),
        ("2001:db8::/32", "/address/2001:db8::/32"),
        ("198.51.100.7-198.51.100.9", "/address/198.51.100.7-198.51.100.9"),
    ] {
        browser.get(&format!("/address?q={asked}")).await.assert_leads_to(path);
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.texts("h1"), [path.trim_start_matches("/address/")]);
        assert!(page.texts("h2").concat().contains("Nothing names it"), "{}", page.body);
    }
}

#[tokio::test]
async fn hostile_addresses_get_a_clear_page() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for path in [
        "/address",
        "/address?q=",
        "/address?q=%3Cscript%3E",
        "/address/nobody",
        "/address/198.51.100.7/33",
        "/address/198.51.100.1/24",
        "/address/%ff%fe",
        "/address/%00",
        "/address/%3Cscript%3Ealert(1)%3C/script%3E",
        "/address/..%2f..%2fetc/passwd",
        "/address/198.51.100.7%0d%0aSet-Cookie:x",
        "/address/::ffff:198.51.100.7",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.texts("h1"), ["Look up an address"], "{path}");
        assert!(!page.body.contains("<script>alert"), "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_quick_act_stands_beside_its_field() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = "/address/198.51.100.7";
    let fields = [("addresses", "198.51.100.7"), ("action", "deny"), ("span", "9h"), ("to", "22"), ("direction", "in")];
    let reply = browser.submit(page, "/address/quick", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    reply.assert_problem("span", "how long");
    reply.assert_problem("to", "22/tcp");
    for (action, fields) in [
        ("/address/quick", [("addresses", "x"), ("action", "deny")]),
        ("/address/lift", [("lift", "all"), ("back", "::1")]),
    ] {
        assert_eq!(browser.submit(page, action, &fields).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn what_is_denied_and_lifted_is_found_again() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = "/address/198.51.100.7";
    let deny = [
        ("addresses", "198.51.100.7"),
        ("action", "deny"),
        ("span", "always"),
        ("to", ""),
        ("direction", "in"),
        ("note", "<scan>"),
    ];
    browser.submit(page, "/address/quick", &deny).await.assert_leads_to(page);
    // The firewall is off, so nothing can take effect by itself.
    assert!(browser.get(page).await.texts(".flash").concat().contains("staged in your draft"));
    assert_eq!(browser.get("/lists/deny").await.texts("#members th a"), ["198.51.100.7"]);
}

async fn quick(browser: &mut Browser<'_>, address: &str, action: &str, span: &str, to: &str) -> Reply {
    let fields = [("addresses", address), ("action", action), ("span", span), ("to", to), ("direction", "in")];
    browser.submit(&format!("/address/{address}"), "/address/quick", &fields).await
}

async fn said(browser: &mut Browser<'_>, address: &str) -> String {
    browser.get(&format!("/address/{address}")).await.texts(".flash").concat()
}

#[tokio::test]
async fn a_stranger_is_denied_and_let_go_at_once_each_by_a_revision() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let page = "/address/203.0.113.9";
    quick(&mut browser, "203.0.113.9", "deny", "1h", "").await.assert_leads_to(page);
    let reply = browser.get(page).await;
    assert!(reply.texts(".flash").concat().contains("Done, and in force"), "{}", reply.body);
    assert!(reply.texts("main table").concat().contains("deny"), "{}", reply.body);
    assert!(browser.get("/history").await.body.contains("Deny 203.0.113.9 for 1 hour"));
    quick(&mut browser, "203.0.113.9", "deny", "always", "smtp").await.assert_leads_to(page);
    assert!(browser.get(page).await.texts("main").concat().contains("Drop what comes from 203.0.113.9 to smtp"));
    for lift in ["list:deny 203.0.113.9", "rule r2"] {
        browser.submit(page, "/address/lift", &[("lift", lift), ("back", "203.0.113.9")]).await.assert_leads_to(page);
        assert!(said(&mut browser, "203.0.113.9").await.contains("in force"), "{lift}");
    }
    browser.submit(page, "/address/lift", &[("lift", "rule r77"), ("back", "203.0.113.9")]).await;
    assert!(said(&mut browser, "203.0.113.9").await.contains("Nothing was changed"));
    assert!(site.panel.actions.firewall().enforcement.is_some_and(|state| state.confirmed == Some(5)));
}

#[tokio::test]
async fn what_might_cost_the_way_in_waits_in_the_draft() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let own = browser.address.to_string();
    quick(&mut browser, &own, "deny", "1h", "").await.assert_leads_to(&format!("/address/{own}"));
    assert!(said(&mut browser, &own).await.contains("staged in your draft"));
    assert!(browser.get("/lists/deny").await.texts("#members .tag").concat().contains("Added"));
    assert!(site.panel.actions.firewall().enforcement.is_some_and(|state| state.confirmed == Some(1)));
}

#[tokio::test]
async fn an_operator_acts_for_a_time_and_lifts_bans_only() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let banned = AddressRange::parse("203.0.113.9").expect("an address");
    HelperSocket::new(&host.socket()).set_members(vec![Ban { addresses: banned, seconds: Some(900) }], vec![]).unwrap();
    site.panel.actions.refresh_surroundings().await;
    let mut connection = site.panel.connection().await;
    sqlx::query("update user set role = 'operator'").execute(&mut connection).await.unwrap();
    let page = browser.get("/address/203.0.113.9").await;
    assert!(page.texts("main table").concat().contains("203.0.113.9"), "{}", page.body);
    assert!(page.texts("#span option").iter().all(|span| span != "Always"));
    assert_eq!(quick(&mut browser, "203.0.113.9", "allow", "always", "").await.status, StatusCode::FORBIDDEN);
    browser
        .submit("/address/203.0.113.9", "/address/lift", &[("lift", "ban 203.0.113.9"), ("back", "203.0.113.9")])
        .await;
    assert!(browser.get("/address/203.0.113.9").await.texts("h2").concat().contains("Nothing names it"));
    quick(&mut browser, "203.0.113.9", "allow", "1h", "").await;
    assert!(said(&mut browser, "203.0.113.9").await.contains("in force"));
}

#[tokio::test]
async fn what_lines_decided_stands_beside_them() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    site.panel.actions.refresh_line_hits().await.unwrap();
    let page = browser.get("/rules").await;
    assert!(page.texts(".answer").concat().starts_with("1 rule; revision 1 is in force, confirmed "), "{}", page.body);
    assert_eq!(page.texts("#r1 .hits").concat().split_whitespace().next(), Some("0"), "{}", page.body);
}

async fn remark(browser: &mut Browser<'_>, addresses: &str, text: &str) -> Reply {
    let page = format!("/address/{addresses}");
    browser.submit(&page, "/address/remark", &[("addresses", addresses), ("remark", text)]).await
}

#[tokio::test]
async fn a_note_stands_on_the_page_of_its_address_and_of_what_is_inside_and_is_audited() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    remark(&mut browser, "203.0.113.0/24", " The <b>office</b> ").await.assert_leads_to("/address/203.0.113.0/24");
    remark(&mut browser, "203.0.113.9", "Anna").await.assert_leads_to("/address/203.0.113.9");
    let page = browser.get("/address/203.0.113.9").await;
    let notes = page.texts(".remarks li");
    assert!(notes[0].starts_with("Anna ") && notes[0].contains("anna"), "{notes:?}");
    assert!(notes[1].starts_with("203.0.113.0/24: The <b>office</b>"), "{notes:?}");
    assert_eq!(page.attribute("#remark", "value").as_deref(), Some("Anna"));
    assert_eq!(browser.get("/address/198.51.100.1").await.texts(".remarks li"), [""; 0]);
    remark(&mut browser, "203.0.113.9", "").await.assert_leads_to("/address/203.0.113.9");
    assert_eq!(browser.get("/address/203.0.113.9").await.texts(".remarks li").len(), 1);
    let audit = site.panel.audit().await;
    let told: Vec<&String> = audit.iter().filter(|row| row.contains("note_address")).collect();
    assert_eq!(told.len(), 3, "{audit:?}");
    assert!(told[1].ends_with("203.0.113.9 done Anna"), "{told:?}");
}

#[tokio::test]
async fn a_note_that_cant_be_kept_comes_back_and_viewers_write_none() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for text in ["two\nlines", "turns \u{202e}round", &"x".repeat(501)] {
        let page = remark(&mut browser, "203.0.113.9", text).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.assert_problem("remark", "isn't allowed here");
        assert!(page.texts(".remarks li").is_empty(), "{}", page.body);
    }
    let mut connection = site.panel.connection().await;
    let csrf = browser.get("/account").await.csrf();
    sqlx::query("update user set role = 'viewer'").execute(&mut connection).await.unwrap();
    let form = [("csrf", csrf.as_str()), ("addresses", "203.0.113.9"), ("remark", "x")];
    assert_eq!(browser.post("/address/remark", &form).await.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/address/203.0.113.9").await.attribute("#remark", "id").is_none());
}

#[tokio::test]
async fn what_it_tried_is_told_by_port_and_day_and_a_network_names_who_of_it() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let now = site.panel.actions.now();
    let rows = [
        ("203.0.113.9", "22/tcp", "pr:default-in:1:drop", 60, 4),
        ("203.0.113.9", "22/tcp", "pr:default-in:1:drop", 3 * 86_400, 9),
        ("203.0.113.9", "443/tcp", "pr:r9:1:allow", 50, 100),
        ("203.0.113.77", "23/tcp", "pr:default-in:1:drop", 86_400, 2),
        ("203.0.114.1", "25/tcp", "pr:default-in:1:drop", 60, 50),
    ];
    let entries: Vec<_> =
        rows.iter().map(|(source, to, receipt, ago, count)| entry(now, source, to, receipt, *ago, *count)).collect();
    site.panel.actions.note_blocked(&entries).await.expect("rows are stored");
    let page = browser.get("/address/203.0.113.9").await;
    assert_eq!(page.texts("#tried th a"), ["22/tcp"], "what was let in isn't among them: {}", page.body);
    assert_eq!(page.texts("#tried rect").len(), 2);
    assert!(page.attribute("#tried svg", "aria-label").unwrap().starts_with("On 2 days, most on "), "{}", page.body);
    assert!(page.texts(".who a").is_empty());
    let around = page.attribute(".around-it a", "href").expect("its network");
    let page = browser.get(&around).await;
    assert_eq!(page.texts("h1"), ["203.0.113.0/24"]);
    assert_eq!(page.texts("#tried th a"), ["22/tcp", "23/tcp"]);
    assert_eq!(page.texts(".who a"), ["203.0.113.9", "203.0.113.77"]);
    assert_eq!(browser.get("/address/2001:db8::7").await.texts(".around-it a"), ["2001:db8::/64", "2001:db8::/48"]);
}

#[tokio::test]
async fn what_it_is_connected_to_is_told_from_memory() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let main = |page: &Reply| page.texts("main").concat();
    assert!(main(&browser.get("/address/192.0.2.9").await).contains("Who is connected isn’t known yet"));
    let mut sample = Sample::default();
    sample.listen(Transport::Tcp, 443);
    sample.open(Transport::Tcp, 443, [192, 0, 2, 9].into());
    site.panel.actions.note_connections(&Sample::default(), sample, Coverage::Every);
    let page = main(&browser.get("/address/192.0.2.9").await);
    assert!(page.contains("It is connected to 1 port of this host.") && page.contains("443/tcp"), "{page}");
    assert!(main(&browser.get("/address/192.0.2.8").await).contains("isn’t connected to any port"));
}
