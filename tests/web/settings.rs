//! What holds for the panel as a whole.

use std::net::Ipv4Addr;

use portreeve::{
    detect::blocked::{Fold, Packet},
    firewall::{Moment, Receipt},
};

use super::browser::{Browser, Site};

async fn choose(browser: &mut Browser<'_>, days: &str, mebibytes: &str) -> super::browser::Reply {
    browser.submit("/settings/record", "/settings/record", &[("days", days), ("mebibytes", mebibytes)]).await
}

#[tokio::test]
async fn every_setting_has_a_line_that_leads_to_it() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/settings").await;
    assert_eq!(page.texts("nav a[aria-current=page]"), ["Settings"]);
    assert!(!page.texts("#settings th a").is_empty());
    for name in page.texts("#settings th a") {
        let path = format!("/settings/{}", name.to_lowercase());
        assert_eq!(browser.get(&path).await.texts("h1"), [name], "{path}");
    }
}

#[tokio::test]
async fn how_long_the_record_is_kept_is_chosen_and_said() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = browser.get("/settings/record").await;
    assert!(page.texts(".answer").concat().contains("for 90 days"), "{}", page.body);
    assert!(page.texts(".answer").concat().contains("more than 1.0 GiB"), "{}", page.body);
    choose(&mut browser, "7", "256").await.assert_leads_to("/settings/record");
    let page = browser.get("/settings/record").await;
    assert!(page.texts(".answer").concat().contains("for 7 days"), "{}", page.body);
    assert_eq!(page.attribute("#mebibytes", "value").as_deref(), Some("256"));
    assert!(site.panel.audit().await.iter().any(|row| row.contains("set_retention record done")));
}

#[tokio::test]
async fn wrong_bounds_come_back_with_what_would_be_right_and_change_nothing() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = choose(&mut browser, "0", "<script>").await;
    reply.assert_problem("days", "between 1 and 3650");
    reply.assert_problem("mebibytes", "between 64");
    assert_eq!(reply.attribute("#mebibytes", "value").as_deref(), Some("<script>"));
    assert!(browser.get("/settings/record").await.texts(".answer").concat().contains("for 90 days"));
}

#[tokio::test]
async fn only_an_administrator_chooses() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let csrf = browser.get("/settings/record").await.csrf();
    let mut connection = site.panel.connection().await;
    for role in ["viewer", "operator"] {
        sqlx::query("update user set role = ?").bind(role).execute(&mut connection).await.unwrap();
        assert_eq!(browser.get("/settings/record").await.texts("main form"), Vec::<String>::new());
        let fields = [("csrf", csrf.as_str()), ("days", "1"), ("mebibytes", "64")];
        assert_eq!(browser.post("/settings/record", &fields).await.status, 403, "{role}");
    }
    assert_eq!(site.panel.actions.store().find_retention().await.unwrap().days(), 90);
}

#[tokio::test]
async fn the_next_round_of_forgetting_keeps_to_what_was_chosen() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let actions = &site.panel.actions;
    for days in [40, 10, 0] {
        note(&site, actions.now().plus_seconds(-days * 86_400)).await;
    }
    assert_eq!(browser.get("/settings/record").await.texts("#rows"), ["3 rows"]);
    assert!(!actions.forget_blocked().await.unwrap());
    assert_eq!(actions.store().find_stored().await.unwrap().rows, 3);
    choose(&mut browser, "30", "1024").await.assert_leads_to("/settings/record");
    while actions.forget_blocked().await.unwrap() {}
    let page = browser.get("/settings/record").await;
    assert_eq!(page.texts("#rows"), ["2 rows"]);
    assert!(page.texts("#oldest").concat().contains("10 d"), "{}", page.body);
    assert!(page.texts("#used").concat().contains("KiB of 1.0 GiB"), "{}", page.body);
}

async fn note(site: &Site, at: Moment) {
    let (mut fold, address) = (Fold::default(), Ipv4Addr::new(203, 0, 113, 7).into());
    let receipt = Receipt::parse("pr:default-in:1:drop").expect("a receipt");
    let packet = Packet {
        receipt,
        source: address,
        destination: address,
        protocol: 6,
        source_port: None,
        port: Some(22),
        incoming: None,
        outgoing: None,
    };
    fold.add(&packet, at);
    site.panel.actions.note_blocked(&fold.take().entries).await.expect("rows");
}
