//! The pages about accounts, second factors and proofs, as the real router makes them.

use super::{HOSTILE, Sample};
use crate::{
    actions::{panel::PASSWORD, second_factor::App},
    web::browser::{Browser, Site},
};

const USERS: &str = "/settings/users";
const FACTOR: &str = "/account/second-factor";

pub(super) fn samples() -> Vec<Sample> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut samples = of_people().await;
        samples.extend(of_a_factor().await);
        samples
    })
}

async fn add(browser: &mut Browser<'_>, name: &str, role: &str) -> String {
    browser.submit(USERS, "/settings/users/add", &[("name", name), ("role", role)]).await.body
}

async fn of_people() -> Vec<Sample> {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let invited = add(&mut anna, "benjamin.with-a-rather-long.name", "operator").await;
    let token: String = invited.split("token=").nth(1).expect("a link").chars().take(64).collect();
    let wrong = add(&mut anna, HOSTILE, "viewer").await;
    let own = anna.get(USERS).await.attribute("#users tbody a", "href").expect("anna comes first");
    let refused = anna.submit(&own, &format!("{own}/delete"), &[]).await.body;
    let invitation = site.browser().get(&format!("/invitation?token={token}")).await.body;
    let mut samples = vec![
        Sample { name: "users", html: anna.get(USERS).await.body },
        Sample { name: "users-wrong", html: wrong },
        Sample { name: "user", html: anna.get(&own).await.body },
        Sample { name: "user-refused", html: refused },
        Sample { name: "invited", html: invited },
        Sample { name: "invitation", html: invitation },
        Sample { name: "invitation-void", html: site.browser().get("/invitation?token=x").await.body },
        Sample { name: "settings-sign-in", html: anna.get("/settings/sign-in").await.body },
    ];
    site.panel.pass(301);
    let asked = anna.submit(USERS, "/settings/users/add", &[("name", "eve"), ("role", "administrator")]).await;
    let fields = [("csrf", &*asked.csrf()), ("to", USERS), ("act-name", "eve"), ("proof", PASSWORD)];
    let proved = anna.post("/step-up", &fields).await;
    samples.push(Sample { name: "step-up", html: asked.body });
    samples.push(Sample { name: "step-up-proved", html: proved.body });
    samples
}

async fn of_a_factor() -> Vec<Sample> {
    let site = Site::with_account().await;
    let mut anna = site.signed_in().await;
    let page = anna.get(FACTOR).await;
    let secret = page.attribute("input[name=secret]", "value").expect("a secret");
    let code = App::of(&secret).code(site.panel.actions.now());
    let fields = [("csrf", &*page.csrf()), ("secret", &secret), ("code", &code), ("password", "wrong")];
    let wrong = anna.post("/account/second-factor/add", &fields).await.body;
    let fields = [("csrf", &*page.csrf()), ("secret", &secret), ("code", &code), ("password", PASSWORD)];
    let codes = anna.post("/account/second-factor/add", &fields).await.body;
    vec![
        Sample { name: "factor-set-up", html: page.body },
        Sample { name: "factor-wrong", html: wrong },
        Sample { name: "factor-codes", html: codes },
        Sample { name: "factor", html: anna.get(FACTOR).await.body },
        Sample { name: "sign-in-code", html: site.browser().sign_in("anna", PASSWORD).await.body },
    ]
}
