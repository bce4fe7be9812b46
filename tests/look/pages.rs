//! The pages with forms and the pages for faults, as the real router makes them.

use super::{HOSTILE, Sample};
use crate::{
    actions::panel::{NAME, PASSWORD},
    web::browser::Site,
};

pub(super) fn samples() -> Vec<Sample> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut samples = of_strangers().await;
        samples.extend(of_an_account().await);
        samples
    })
}

async fn of_strangers() -> Vec<Sample> {
    let (fresh, site) = (Site::fresh().await, Site::with_account().await);
    let fields = [("token", HOSTILE), ("name", HOSTILE), ("password", "short"), ("repeat", "other")];
    vec![
        Sample { name: "setup", html: fresh.browser().get("/setup").await.body },
        Sample { name: "setup-wrong", html: fresh.browser().submit("/setup", "/setup", &fields).await.body },
        Sample { name: "sign-in", html: site.browser().get("/sign-in?next=/ports").await.body },
        Sample { name: "sign-in-wrong", html: site.browser().sign_in(HOSTILE, "wrong").await.body },
        Sample { name: "fault-stale-form", html: site.browser().post("/sign-in", &[]).await.body },
    ]
}

async fn of_an_account() -> Vec<Sample> {
    let site = Site::with_account().await;
    site.panel.sign_in(NAME, PASSWORD, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff").await.expect("a second session");
    let mut browser = site.signed_in().await;
    let fields = [("current", "wrong"), ("new", "short"), ("repeat", "other")];
    vec![
        Sample { name: "account", html: browser.get("/account").await.body },
        Sample { name: "account-wrong", html: browser.submit("/account", "/account/password", &fields).await.body },
        Sample { name: "fault-not-found", html: browser.get("/nowhere").await.body },
    ]
}
