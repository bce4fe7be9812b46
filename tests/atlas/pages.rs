//! What pages say of addresses when there is a database, and how to get one when there is none.

use super::{country, read, systems};
use crate::web::{blocked::entry, browser::Site};

#[tokio::test]
async fn country_and_network_stand_with_the_address_the_rows_and_the_facets() {
    let site = Site::with_account().await;
    let mut browser = site.signed_in().await;
    let actions = &site.panel.actions;
    let drop = "pr:default-in:1:drop";
    let now = actions.now();
    let rows = [
        entry(now, "203.0.113.9", "22/tcp", drop, 60, 4),
        entry(now, "198.51.100.7", "22/tcp", drop, 61, 3),
        entry(now, "203.0.113.10", "22/tcp", drop, 62, 2),
        entry(now, "192.0.2.1", "22/tcp", drop, 63, 50),
    ];
    actions.note_blocked(&rows).await.expect("rows are stored");
    let page = browser.get("/address/203.0.113.9").await;
    assert!(page.texts(".located").is_empty() && page.texts(".volumes summary").concat().contains("no database"));
    assert!(page.texts(".volumes").concat().contains("/var/lib/portreeve/geo"), "{}", page.body);
    assert!(!browser.get("/blocked").await.texts(".facet h2").concat().contains("Countries"));

    actions.note_geography(read(&[("country.mmdb", &country()), ("asn.mmdb", &systems()), ("x.mmdb", b"<script>")]));
    let page = browser.get("/address/203.0.113.9").await;
    assert_eq!(page.texts(".located"), ["Germany (DE), AS64500 Example <b>Ltd</b> as a database says"]);
    assert!(page.texts(".volumes li").concat().contains("isn’t used: it isn’t a database"), "{}", page.body);
    assert!(browser.get("/address/192.0.2.1").await.texts(".located").is_empty());
    let page = browser.get("/blocked").await;
    assert_eq!(page.texts("#blocked th.source small"), ["DE · Example <b>Ltd</b>", "FR", "DE · Example <b>Ltd</b>"]);
    let facets = page.texts(".facet");
    let countries = facets.iter().find(|facet| facet.starts_with("Countries")).expect("a facet");
    assert!(countries.contains("Germany (DE)6") && countries.contains("France (FR)3"), "{countries}");
}
