//! The start page.

use super::browser::Site;

#[tokio::test]
async fn it_leads_to_setup_to_the_sign_in_page_or_to_the_overview() {
    Site::fresh().await.browser().get("/").await.assert_leads_to("/setup");
    let site = Site::with_account().await;
    site.browser().get("/").await.assert_leads_to("/sign-in");
    site.signed_in().await.get("/").await.assert_leads_to("/overview");
}
