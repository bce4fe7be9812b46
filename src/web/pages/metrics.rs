//! The panel's figures for Prometheus, for whoever shows the token. Off until the administrator chooses one.

use std::fmt::{Display, Write as _};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    actions::Actions,
    firewall::{
        enforcement::Mode,
        exposure::{Exposure, Scope},
    },
    store::{self, LineHit},
    web::kit::{Access, App, Fault, Route},
};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/metrics", Access::Anyone, show)]
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fault> {
    if app.metrics_key().is_off() {
        return Err(Fault::NotFound);
    }
    if !app.metrics_key().opens_by(headers.get(header::AUTHORIZATION)) {
        let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
        return Ok((StatusCode::UNAUTHORIZED, challenge).into_response());
    }
    let text = text(app.actions()).await?;
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

/// Everything that is known without asking anybody but the database.
async fn text(actions: &Actions) -> Result<String, store::Error> {
    let mut page = Exposition::default();
    page.family("info", "gauge", "The version of the panel.");
    page.sample("info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    firewall(actions, &mut page);
    ports(actions, &mut page);
    receipts(actions, &mut page);
    lines(&actions.line_hits().await?, &mut page);
    Ok(page.0)
}

fn firewall(actions: &Actions, page: &mut Exposition) {
    let view = actions.firewall();
    page.single("helper_up", "Whether the helper answers.", u8::from(view.fault.is_none()));
    let mode = view.enforcement.as_ref().map(|enforcement| enforcement.mode);
    page.family("firewall_mode", "gauge", "1 for what the firewall does now.");
    for (name, one) in
        [("off", Mode::Off), ("enforcing", Mode::Enforcing), ("panic", Mode::Panic), ("rescue", Mode::Rescue)]
    {
        page.sample("firewall_mode", &[("mode", name)], u8::from(mode == Some(one)));
    }
    page.single(
        "revision_confirmed",
        "The last confirmed revision, 0 before the first.",
        view.confirmed().unwrap_or(0),
    );
    page.single(
        "revision_pending",
        "The revision that waits to be confirmed, 0 for none.",
        view.pending().unwrap_or(0),
    );
    page.single("drift", "What others changed in our table and nobody decided on.", actions.drift().undecided());
    page.single("bans", "Addresses and networks that are banned.", actions.listed_bans().left(actions.now()).count());
}

fn ports(actions: &Actions, page: &mut Exposition) {
    let (listeners, exposures) = (actions.listeners(), actions.exposures());
    let all = &listeners.listing.listeners;
    page.single("listeners", "Sockets of the host that accept.", all.len());
    let reached = all.iter().filter_map(|listener| exposures.of(listener)).map(Exposure::widest);
    let world = reached.filter(|scope| matches!(scope, Scope::World { .. })).count();
    page.single("listeners_open_to_the_world", "Those of them that the world can reach.", world);
}

fn receipts(actions: &Actions, page: &mut Exposition) {
    let collecting = actions.collecting();
    page.single("receipts_read", "Whether receipts of blocked packets are read.", u8::from(collecting.is_reading));
    page.family("receipts_lost_total", "counter", "Receipts that came too fast; they are counted all the same.");
    page.sample("receipts_lost_total", &[], collecting.lost);
}

fn lines(hits: &[LineHit], page: &mut Exposition) {
    page.family("line_packets_total", "counter", "Packets that a line of the ruleset decided.");
    for hit in hits {
        page.sample("line_packets_total", &[("line", &hit.line.to_string())], hit.packets);
    }
    page.family("line_bytes_total", "counter", "Their bytes.");
    for hit in hits {
        page.sample("line_bytes_total", &[("line", &hit.line.to_string())], hit.bytes);
    }
}

/// Prometheus's text format. Names of labels' values are ours or of a closed alphabet, so nothing needs escaping.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP portreeve_{name} {help}\n# TYPE portreeve_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "portreeve_{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }
}
