//! All that is known of an address, whatever somebody types for one.

use axum::http::StatusCode;

use super::browser::Site;

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
