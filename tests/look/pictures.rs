//! Photographs every sample, and lets axe-core look at it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{SAMPLES, server};
use crate::browser::{axe, webdriver::Browser};

const WIDTHS: [u32; 4] = [1280, 768, 360, 320];
const SCHEMES: [&str; 2] = ["light", "dark"];

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/look")
}

#[test]
#[ignore = "takes some minutes; for a person who wants to look"]
#[expect(clippy::disallowed_methods, reason = "the person says which pages")]
fn photograph_every_sample() {
    let (origin, browser) = (server::start(), Browser::start());
    fs::create_dir_all(target()).expect("target is writable");
    let mut wrong = Vec::new();
    // LOOK=ports takes only the pages whose name begins so.
    let wanted = env::var("LOOK").unwrap_or_default();
    for sample in SAMPLES.iter().filter(|sample| sample.name.starts_with(&wanted)) {
        fs::write(target().join(format!("{}.html", sample.name)), &sample.html).expect("a page is written");
        for (width, scheme) in WIDTHS.into_iter().flat_map(|width| SCHEMES.map(|scheme| (width, scheme))) {
            let name = format!("{}-{width}-{scheme}", sample.name);
            browser.dress(width, 800, scheme);
            browser.open(&format!("{origin}/{}", sample.name));
            fs::write(target().join(format!("{name}.png")), browser.picture()).expect("a picture is written");
            wrong.extend(browser.complaints().into_iter().map(|line| format!("{name}: {line}")));
            wrong.extend(overflow(&browser).map(|what| format!("{name}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A second instead of minutes, to look at the pages in a browser of one's own.
#[test]
#[ignore = "for a person who wants to look"]
fn write_every_sample() {
    fs::create_dir_all(target()).expect("target is writable");
    for sample in SAMPLES.iter() {
        fs::write(target().join(format!("{}.html", sample.name)), &sample.html).expect("a page is written");
    }
}

/// What only shows when it is opened, on paper, and with the colours of the system.
#[test]
#[ignore = "for a person who wants to look"]
fn photograph_what_opens() {
    let (origin, browser) = (server::start(), Browser::start());
    fs::create_dir_all(target()).expect("target is writable");
    for (name, width, media) in
        [("open", 1280, "screen"), ("open", 360, "screen"), ("print", 800, "print"), ("forced", 1280, "screen")]
    {
        browser.dress(width, 800, "light");
        let forced = if name == "forced" { "active" } else { "none" };
        let features = json!({ "media": media, "features": [{ "name": "forced-colors", "value": forced }] });
        browser.devtools("Emulation.setEmulatedMedia", &features);
        browser.open(&format!("{origin}/ports"));
        let open =
            "document.querySelectorAll('details.menu, tr:nth-child(3) details').forEach((d) => { d.open = true; })";
        browser.run(open, &[]);
        fs::write(target().join(format!("{name}-{width}.png")), browser.picture()).expect("a picture is written");
    }
}

/// What makes the page scroll sideways, if it does.
pub fn overflow(browser: &Browser) -> Option<String> {
    let script = "const room = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= room) return null;
        const wide = [...document.querySelectorAll('body *')].filter((e) =>
            !e.closest('nav, .scroll') && e.getBoundingClientRect().right > room + 1);
        return wide.slice(0, 3).map((e) => e.tagName + '.' + e.className).join(' ') || 'something invisible';";
    browser.run(script, &[]).as_str().map(|what| format!("scrolls sideways because of {what}"))
}

#[test]
fn no_page_has_a_barrier_or_scrolls_sideways() {
    let (origin, browser) = (server::start(), Browser::start());
    let mut wrong = Vec::new();
    for sample in SAMPLES.iter().filter(|sample| !sample.name.contains("crowd")) {
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (320, "light")] {
            browser.dress(width, 800, scheme);
            browser.open(&format!("{origin}/{}", sample.name));
            let found = axe::barriers(&browser).into_iter().chain(overflow(&browser));
            wrong.extend(found.map(|line| format!("{} {width} {scheme}: {line}", sample.name)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
