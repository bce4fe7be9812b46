//! The first page, from what the panel knows to its sentences.

use portreeve::{
    actions::HelperSocket,
    firewall::{AddressRange, enforcement::Ban},
};

use super::{
    blocked::entry,
    browser::{Browser, Reply, Site},
    review::{DOORS, guarded_site, stage, turn_on},
};
use crate::actions::panel::{NAME, PASSWORD};

const DEFAULT: &str = "pr:default-in:1:drop";
const DAY: i64 = 86_400;

fn needs(page: &Reply) -> Vec<String> {
    page.texts(".needs li")
}

async fn note(site: &Site, rows: &[(&str, &str, i64, u64)]) {
    let now = site.panel.actions.now();
    let entries: Vec<_> =
        rows.iter().map(|(source, to, ago, count)| entry(now, source, to, DEFAULT, *ago, *count)).collect();
    site.panel.actions.note_blocked(&entries).await.expect("rows are stored");
}

async fn overview(browser: &mut Browser<'_>) -> Reply {
    browser.get("/overview").await
}

#[tokio::test]
async fn before_anybody_answered_it_says_that_nothing_is_known() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let page = overview(&mut browser).await;
    assert!(page.texts(".answer").concat().starts_with("What the firewall does isn’t known yet"), "{}", page.body);
    assert!(page.texts("main").concat().contains("From where the ports can be reached isn’t known yet"));
    assert!(page.texts("main").concat().contains("What is in force isn’t known, so nothing was recorded"));
    assert_eq!(needs(&page), [""; 0]);
    site.panel.actions.refresh_firewall().await;
    let page = overview(&mut browser).await;
    assert!(page.texts(".answer").concat().contains("the helper doesn’t answer"), "{}", page.body);
    assert!(needs(&page).concat().contains("systemctl status portreeve-helper"), "{}", page.body);
}

#[tokio::test]
async fn it_tells_what_is_enforced_who_confirmed_it_and_how_many_ports_the_world_reaches() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    let page = overview(&mut browser).await;
    assert!(page.texts(".answer").concat().starts_with("The firewall is off"), "{}", page.body);
    assert_eq!(page.attribute(".needs li a", "href").as_deref(), Some("/turn-on"));
    turn_on(&site, &mut browser).await;
    site.panel.actions.refresh_listeners().await;
    site.panel.actions.refresh_surroundings().await;
    site.panel.actions.refresh_exposures(std::time::Duration::ZERO).await;
    let page = overview(&mut browser).await;
    let answer = page.texts(".answer").concat();
    assert!(answer.starts_with("Enforcing revision 1, confirmed by anna just now."), "{answer}");
    assert!(answer.contains("reachable from the world."), "{answer}");
    assert_eq!(page.texts(".tile").len(), 4, "{}", page.body);
    assert_eq!(page.attribute(".tile.world", "href").as_deref(), Some("/ports?from=world"));
    let listed = browser.get("/ports?from=host").await.texts("#ports tr.entry").len();
    assert_eq!(page.texts(".tile.host b"), [listed.to_string()]);
    stage(&site, &browser, DOORS).await;
    assert!(needs(&overview(&mut browser).await).concat().contains("1 change staged"));
}

#[tokio::test]
async fn what_was_turned_away_is_compared_with_the_week_before() {
    let (site, _host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let page = overview(&mut browser).await;
    assert!(page.texts(".pane").concat().contains("Nobody knocked at a closed door"), "{}", page.body);
    note(&site, &[("203.0.113.9", "22/tcp", 60, 30), ("2001:db8::9", "23/tcp", 3600, 15)]).await;
    let told = overview(&mut browser).await.texts(".pane.wide").concat();
    assert!(told.contains("45 attempts from 2 addresses in 24 h; most at 22/tcp (SSH)"), "{told}");
    assert!(told.contains("isn’t known yet"), "{told}");
    note(&site, &[("203.0.113.9", "22/tcp", 7 * DAY + 60, 40), ("203.0.113.9", "22/tcp", 9 * DAY, 1)]).await;
    let page = overview(&mut browser).await;
    assert!(
        page.texts(".pane.wide").concat().contains("13 % more than on the same day a week ago (40)"),
        "{}",
        page.body
    );
    assert_eq!(page.texts(".top-list a"), ["203.0.113.9", "2001:db8::9", "22/tcp", "23/tcp"]);
    assert!(page.attribute(".plot .bar", "height").is_some() && !page.texts(".chart p.sr").is_empty());
}

#[tokio::test]
async fn bans_and_what_has_an_end_stand_there_with_it() {
    let (site, host) = guarded_site().await;
    let mut browser = site.signed_in().await;
    turn_on(&site, &mut browser).await;
    let banned = AddressRange::parse("203.0.113.9").expect("an address");
    HelperSocket::new(&host.socket()).set_members(vec![Ban { addresses: banned, seconds: Some(900) }], vec![]).unwrap();
    site.panel.actions.refresh_surroundings().await;
    let deny = [
        ("addresses", "198.51.100.77"),
        ("action", "deny"),
        ("span", "1h"),
        ("to", ""),
        ("direction", "in"),
        ("note", "scans"),
    ];
    browser.submit("/address/198.51.100.77", "/address/quick", &deny).await.assert_leads_to("/address/198.51.100.77");
    site.panel.actions.refresh_exposures(std::time::Duration::ZERO).await;
    let page = overview(&mut browser).await;
    let held = page.texts("section[aria-labelledby=held-title] li");
    assert!(held[0].contains("203.0.113.9") && held[0].contains("Banned") && held[0].contains("in 1"), "{held:?}");
    assert!(held[1].contains("198.51.100.77") && held[1].contains("Denied") && held[1].contains("in 1 h"), "{held:?}");
    site.panel.pass(1000);
    let held = overview(&mut browser).await.texts("section[aria-labelledby=held-title] li");
    assert!(held.len() == 1 && held[0].contains("198.51.100.77"), "what is over is gone: {held:?}");
}

#[tokio::test]
async fn who_is_signed_in_is_for_administrators() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let mut connection = site.panel.connection().await;
    sqlx::query(
        "insert into user (name, password_hash, role, theme, created_at, password_changed_at)
                 select 'bert', password_hash, 'operator', theme, created_at, password_changed_at from user",
    )
    .execute(&mut connection)
    .await
    .expect("a second account");
    site.panel.sign_in("bert", PASSWORD, "203.0.113.77").await.expect("a session of the other");
    let seats = |page: &Reply| page.texts("section[aria-labelledby=seats-title]").concat();
    let page = seats(&overview(&mut browser).await);
    assert!(page.contains("203.0.113.77") && page.contains("bert") && page.contains("this session"), "{page}");
    for role in ["operator", "viewer"] {
        sqlx::query("update user set role = ? where name = ?")
            .bind(role)
            .bind(NAME)
            .execute(&mut connection)
            .await
            .unwrap();
        let page = seats(&overview(&mut browser).await);
        assert!(!page.contains("203.0.113.77") && !page.contains("bert") && page.contains(NAME), "{page}");
        assert!(page.contains("Only an administrator"), "{page}");
    }
}

#[tokio::test]
async fn a_certificate_near_its_end_is_told() {
    let site = Site::with_account().await;
    assert_eq!(needs(&overview(&mut site.signed_in().await).await), [""; 0]);
    for (days, words) in [(791, "ends within 30 days"), (28, "ends within a day"), (2, "is over")] {
        site.panel.pass(days * DAY);
        let page = overview(&mut site.signed_in().await).await;
        assert!(needs(&page).concat().contains(words), "{words} {}", page.body);
    }
}
