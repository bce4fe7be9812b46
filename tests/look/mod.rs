//! How the pages look and what they are made of: every template is rendered with ordinary and with hostile samples,
//! its structure is checked, and on demand it is photographed in a browser.
//!
//! `cargo test --test integration look::pictures -- --ignored` writes the pages and their pictures to `target/look/`.

mod access;
mod addresses;
mod assistant;
mod audit;
mod bars;
mod blocked;
mod checks;
mod contrast;
mod explain;
mod forms;
mod gallery;
mod history;
mod overview;
mod pages;
pub mod pictures;
mod ports;
mod review;
mod rules;
mod scripts;
mod server;
mod settings;

use std::sync::LazyLock;

use portreeve::{
    firewall::{
        Moment,
        enforcement::{Enforcement, Mode},
    },
    store::Role,
    web::kit::{Frame, Section, Standing, Theme, Viewer},
};

/// 2026-11-22 19:28:17 UTC.
const NOW: Moment = Moment::from_millis(1_795_375_697_000);

/// Text that breaks a page which trusts it.
const HOSTILE: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}gpj.exe\u{1b}[31m🦀";

/// One page with sample contents.
#[derive(Clone)]
struct Sample {
    name: &'static str,
    html: String,
}

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    [
        access::samples(),
        assistant::samples(),
        bars::samples(),
        blocked::samples(),
        ports::samples(),
        explain::samples(),
        review::samples(),
        history::samples(),
        audit::samples(),
        gallery::samples(),
        overview::samples(),
        pages::samples(),
        rules::samples(),
        forms::samples(),
        settings::samples(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

fn stranger() -> Frame {
    Frame {
        host: "web1.example.net".into(),
        viewer: None,
        section: None,
        theme: Theme::System,
        csrf: "0123456789abcdef".into(),
        flash: None,
        firewall: Standing::default().summary(),
        bars: Vec::new(),
        here: "/ports".into(),
    }
}

fn enforcing() -> Enforcement {
    Enforcement { mode: Mode::Enforcing, confirmed: Some(41), ..Enforcement::default() }
}

/// A page on which the firewall stands so.
fn standing(standing: &Standing) -> Frame {
    Frame { firewall: standing.summary(), bars: standing.bars(NOW), ..signed_in() }
}

fn signed_in() -> Frame {
    let firewall = Standing { enforcement: Some(enforcing()), ..Standing::default() };
    Frame {
        viewer: Some(Viewer { name: "anna".into(), role: Role::Administrator }),
        section: Some(Section::Ports),
        firewall: firewall.summary(),
        ..stranger()
    }
}
