//! Services of one's own, in the draft.

use super::browser::Site;

#[tokio::test]
async fn a_service_is_made_used_changed_and_removed() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    assert!(browser.get("/services").await.texts(".built-in li b").contains(&"ssh".to_owned()));
    let fields = [("name", "app"), ("ports", "9000/tcp, 9001-9003/udp"), ("note", "<ours>")];
    browser.submit("/services", "/services", &fields).await.assert_leads_to("/services");
    let rule = [("action", "allow"), ("direction", "in"), ("enabled", "yes"), ("to", "app")];
    browser.submit("/rules/new", "/rules/new", &rule).await.assert_leads_to("/rules#r1");
    let row = browser.get("/rules").await.texts("#r1").concat();
    assert!(row.contains("app (9000/tcp, 9001-9003/udp)"), "{row}");
    let editing = browser.get("/services?edit=app").await;
    assert_eq!(editing.attribute("#ports", "value").as_deref(), Some("9000/tcp, 9001-9003/udp"));
    assert_eq!(editing.texts("button[name=name]"), Vec::<String>::new());
    browser.submit("/services", "/services", &[("name", "app"), ("ports", "9000/tcp")]).await;
    assert!(browser.get("/rules").await.texts("#r1").concat().contains("app (9000/tcp)"));
    browser.submit("/rules", "/rules/acts", &[("act", "remove r1")]).await;
    browser.submit("/services", "/services/remove", &[("name", "app")]).await.assert_leads_to("/services");
    assert!(browser.get("/services").await.texts("h2").concat().contains("No service of your own"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = browser.submit("/services", "/services", &[("name", "ssh"), ("ports", "9000")]).await;
    reply.assert_problem("name", "built-in");
    reply.assert_problem("ports", "22/tcp");
    assert_eq!(reply.attribute("#ports", "value").as_deref(), Some("9000"));
}
