//! The audit log's page.

use axum::http::StatusCode;

use super::browser::Site;
use crate::actions::panel::{NAME, PASSWORD};

fn rows(reply: &super::browser::Reply) -> Vec<String> {
    reply.texts("#audit tbody tr").iter().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn the_page_says_how_much_there_is_and_what_it_is_worth() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let reply = browser.get("/audit").await;
    assert_eq!(reply.texts(".answer"), ["3 records. Whether their chain holds is being found out."]);
    site.panel.actions.verify_audit().await.unwrap();
    let reply = browser.get("/audit").await;
    assert_eq!(reply.texts(".answer"), ["3 records, and their chain holds: none was changed, removed or slipped in."]);
    browser.submit("/account", "/account/theme", &[("theme", "dark")]).await;
    let reply = browser.get("/audit").await;
    let answer = "4 records. Their chain holds up to record 3; the newer ones weren’t checked yet.";
    assert_eq!(reply.texts(".answer"), [answer]);
    let row = rows(&reply).remove(0);
    assert!(row.contains("anna") && row.contains("198.51.100.7, by password"), "{row}");
    assert!(row.contains("Choose colours anna from system to dark") && row.ends_with("Done"), "{row}");
    for attack in ["drop trigger audit_rows_are_not_updated", "update audit set actor_name = 'ben' where id = 3"] {
        sqlx::query(attack).execute(&mut site.panel.connection().await).await.unwrap();
    }
    site.panel.actions.verify_audit().await.unwrap();
    let reply = browser.get("/audit").await;
    assert_eq!(reply.texts(".answer"), ["The audit log was tampered with. Of 4 records, only the first 2 hold."]);
    assert!(
        reply.texts(".notice.bad").concat().contains("Record 3 was changed after it was written"),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn filters_find_who_from_where_what_and_when() {
    let site = Site::with_account().await;
    site.panel.fail(NAME, "203.0.113.9").await;
    site.panel.pass(3600);
    site.panel.sign_in(NAME, PASSWORD, "2001:db8::7").await.unwrap();
    let mut browser = site.signed_in().await;
    for (query, count) in [
        ("", 5),
        ("?who=ANNA", 4),
        ("?who=stranger", 1),
        ("?who=system", 1),
        ("?address=2001:DB8:0::7", 1),
        ("?what=sign_in", 3),
        ("?what=sign_in&result=refused", 1),
        ("?from=2027-01-15T08:30", 2),
        ("?to=2027-01-15T08:30", 3),
        ("?who=nobody", 0),
        ("?below=1", 0),
        ("?below=3", 2),
    ] {
        let reply = browser.get(&format!("/audit{query}")).await;
        assert_eq!((reply.status, rows(&reply).len()), (StatusCode::OK, count), "{query}: {}", reply.body);
    }
    let reply = browser.get("/audit?address=%3Cb%3E&who=anna").await;
    assert!(reply.texts(".notice").concat().contains("“<b>” isn’t an address, so it was left out."), "{}", reply.body);
}

#[tokio::test]
async fn older_records_are_reached_by_their_number() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    for number in 0..60 {
        let theme = if number % 2 == 0 { "dark" } else { "light" };
        browser.submit("/account", "/account/theme", &[("theme", theme)]).await;
    }
    let newest = browser.get("/audit").await;
    assert_eq!(rows(&newest).len(), 50);
    let older = newest.attribute("a[rel=next]", "href").expect("older ones");
    assert_eq!(older, "/audit?below=14");
    let reply = browser.get(&older).await;
    assert_eq!((rows(&reply).len(), reply.attribute("a[rel=next]", "href")), (13, None));
}

#[tokio::test]
async fn a_file_is_whole_holds_no_formula_and_is_itself_a_record() {
    let site = Site::with_account().await;
    let hostile = "insert into audit (at, actor_kind, verb, subject, detail, outcome)
                   values (1, 'stranger', 'sign_in', '=cmd|''x''!A0', 'a\"b,c', 'refused')";
    sqlx::query(hostile).execute(&mut site.panel.connection().await).await.unwrap();
    let mut browser = site.signed_in().await;
    let reply = browser.submit("/audit", "/audit/csv", &[("result", "refused")]).await;
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let lines: Vec<&str> = reply.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", reply.body);
    assert_eq!(lines[1], "3,1970-01-01T00:00:00.001Z,a stranger,,,sign_in,'=cmd|'x'!A0,\"a\"\"b,c\",,,refused");
    let reply = browser.submit("/audit", "/audit/json", &[]).await;
    let records: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((records.as_array().unwrap().len(), &records[0]["verb"]), (6, &"export_audit".into()));
    assert_eq!(records[1]["detail"], "?result=refused");
    let refused = browser.submit("/audit", "/audit/csv", &[("address", "nonsense")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_administrators_see_it() {
    let site = Site::with_account().await;
    for role in ["viewer", "operator"] {
        sqlx::query("update user set role = ?").bind(role).execute(&mut site.panel.connection().await).await.unwrap();
        let mut browser = site.signed_in().await;
        assert_eq!(browser.get("/audit").await.status, StatusCode::FORBIDDEN);
        assert!(!browser.get("/history").await.body.contains("href=\"/audit\""));
        let csrf = browser.get("/account").await.csrf();
        assert_eq!(browser.post("/audit/csv", &[("csrf", &csrf)]).await.status, StatusCode::FORBIDDEN);
    }
}
