//! The pages for what went wrong.

use axum::http::StatusCode;
use portreeve::web::{
    self,
    kit::{Access, Fault, Route},
};

use super::browser::Site;

fn table() -> Vec<Route> {
    let mut table = web::routes();
    table.push(Route::get("/panic", Access::Anyone, async || -> &'static str { panic!("secret of the house") }));
    table.push(Route::get("/wait", Access::Anyone, async || Fault::Wait { seconds: 17 }));
    table.push(Route::get("/busy", Access::Anyone, async || Fault::Busy));
    table
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_and_does_not_repeat_the_address() {
    let site = Site::with_account().await;
    for mut browser in [site.browser(), site.signed_in().await] {
        let reply = browser.get("/nothing/%3Cscript%3Ealert").await;
        assert_eq!(
            (reply.status, reply.texts("h1")),
            (StatusCode::NOT_FOUND, vec!["There is no such page".to_owned()])
        );
        assert!(!reply.body.contains("alert"), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_mistake_of_ours_shows_an_incident_number_and_nothing_of_the_inside() {
    let site = Site::with_table(table()).await;
    let reply = site.browser().get("/panic").await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reply.texts("code").iter().any(|code| code.len() == 8), "{}", reply.body);
    assert!(!reply.body.contains("secret of the house"));
}

#[tokio::test]
async fn somebody_who_has_to_wait_is_told_how_long() {
    let site = Site::with_table(table()).await;
    let reply = site.browser().get("/wait").await;
    assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "17"));
    assert!(reply.body.contains("Wait 17 s"));
    let reply = site.browser().get("/busy").await;
    assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
}

#[tokio::test]
async fn a_database_that_fails_is_said_and_takes_nobodys_session() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let token = browser.token();
    site.panel.actions.store().close().await;
    for path in ["/account", "/"] {
        let reply = browser.get(path).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.texts("h1"), ["The database can't be used"]);
        assert!(!reply.texts("code").is_empty(), "an incident number");
    }
    assert_eq!(browser.token(), token);
    let reply = browser.post("/sign-out", &[]).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "nobody is told that a session has ended which hasn't");
    let sheet = reply.attribute("link[rel=stylesheet]", "href").expect("a style sheet");
    assert_eq!(browser.get(&sheet).await.status, StatusCode::OK, "the page of the fault has its looks");
}
