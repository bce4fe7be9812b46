//! The pages about accounts.

use axum::http::StatusCode;

use super::browser::{Browser, Reply, Site};

const PATH: &str = "/settings/users";

/// Makes an account and gives its page and the link.
async fn add(browser: &mut Browser<'_>, name: &str, role: &str) -> (String, String) {
    let reply = browser.submit(PATH, "/settings/users/add", &[("name", name), ("role", role)]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let link = reply.texts("#link").concat();
    let page = reply.attribute(".actions a", "href").expect("a way to the account");
    (page, link)
}

async fn act(browser: &mut Browser<'_>, page: &str, act: &str, fields: &[(&str, &str)]) -> Reply {
    browser.submit(page, &format!("{page}/{act}"), fields).await
}

fn row(reply: &Reply, name: &str) -> String {
    let rows = reply.texts("#users tbody tr");
    let words = |row: &String| row.split_whitespace().collect::<Vec<_>>().join(" ");
    rows.iter().map(words).find(|row| row.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {rows:?}"))
}

#[tokio::test]
async fn an_account_is_made_changed_switched_off_and_deleted() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let (page, link) = add(&mut anna, "ben", "operator").await;
    assert!(link.starts_with("https://panel.example:8470/invitation?token="), "{link}");
    assert_eq!(row(&anna.get(PATH).await, "ben"), "ben operator Waits no 0 not signed in");
    assert!(!anna.get(&page).await.body.contains(link.split('=').next_back().unwrap()), "it is shown once");
    act(&mut anna, &page, "role", &[("role", "viewer")]).await.assert_leads_to(&page);
    act(&mut anna, &page, "name", &[("name", "Benjamin")]).await.assert_leads_to(&page);
    act(&mut anna, &page, "switch", &[("to", "off")]).await.assert_leads_to(&page);
    assert_eq!(row(&anna.get(PATH).await, "Benjamin"), "Benjamin viewer Switched off no 0 not signed in");
    assert_eq!(site.browser().get(link.trim_start_matches("https://panel.example:8470")).await.status, 403);
    act(&mut anna, &page, "delete", &[]).await.assert_leads_to(PATH);
    assert_eq!(anna.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_refused_says_why_at_its_place_and_changes_nothing() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let own = anna.get(PATH).await.attribute("#users tbody a", "href").unwrap();
    let mut watch = site.watch().await;
    for name in ["", "<script>alert(1)</script>", "'; drop table user; --", "anna", "Anna", "\u{202e}nimda"] {
        let reply = anna.submit(PATH, "/settings/users/add", &[("name", name), ("role", "viewer")]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(!reply.texts("#name-error").is_empty() && !reply.body.contains("<script>alert"), "{name}");
        watch.assert_unchanged(name).await;
    }
    let reply = anna.submit(PATH, "/settings/users/add", &[("name", "ben"), ("role", "root")]).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    watch.assert_unchanged("a role that there isn't").await;
    for (name, fields) in
        [("role", vec![("role", "viewer")]), ("switch", vec![("to", "off")]), ("delete", vec![]), ("password", vec![])]
    {
        let reply = act(&mut anna, &own, name, &fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(reply.texts("#summary").concat().contains("the last administrator"), "{name}: {}", reply.body);
    }
    anna.assert_signed_in(true).await;
}

#[tokio::test]
async fn a_stolen_cookie_is_worthless_after_the_account_is_changed() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    for (change, fields) in
        [("role", vec![("role", "viewer")]), ("switch", vec![("to", "off")]), ("password", vec![]), ("delete", vec![])]
    {
        let name = format!("ben-{change}");
        let (page, link) = add(&mut anna, &name, "operator").await;
        let path = link.trim_start_matches("https://panel.example:8470").to_owned();
        let mut ben = site.browser();
        let csrf = ben.get(&path).await.csrf();
        let token = path.split('=').next_back().unwrap();
        let password = "nine copper herons";
        let fields_of_ben = [("csrf", &*csrf), ("token", token), ("password", password), ("repeat", password)];
        ben.post("/invitation", &fields_of_ben).await.assert_leads_to("/");
        let stolen = ben.token();
        site.thief(&stolen).assert_signed_in(true).await;
        let reply = act(&mut anna, &page, change, &fields).await;
        assert!(reply.status.is_success() || reply.status.is_redirection(), "{change}: {}", reply.body);
        site.thief(&stolen).assert_signed_in(false).await;
        ben.assert_signed_in(false).await;
    }
}

#[tokio::test]
async fn only_administrators_see_the_accounts() {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    for (role, expected) in [("viewer", 403), ("operator", 403), ("administrator", 200)] {
        let mut connection = site.panel.connection().await;
        sqlx::query("update user set role = ?").bind(role).execute(&mut connection).await.unwrap();
        assert_eq!(anna.get(PATH).await.status, expected, "{role}");
        let names = anna.get("/settings").await.texts("#settings th a");
        assert_eq!(names.contains(&"Users".to_owned()), expected == 200, "{role} is led to {names:?}");
    }
}
