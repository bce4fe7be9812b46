//! The change bar and the top bar in every state.

use std::time::Duration;

use askama::Template;
use portreeve::{
    firewall::enforcement::{Enforcement, Mode, Pending, RollBackCause, RolledBack},
    store::Role,
    web::kit::{Frame, Standing, Viewer},
};

use super::{HOSTILE, NOW, Sample, enforcing, standing};

#[derive(Template)]
#[template(path = "bars.html")]
struct Page {
    frame: Frame,
}

pub(super) fn samples() -> Vec<Sample> {
    let known = |enforcement| Standing { enforcement: Some(enforcement), ..Standing::default() };
    let pending = Some(Pending { revision: 42, millis_left: 83_000, window_seconds: 120 });
    let waits = |seconds| Standing {
        left: Some(Duration::from_secs(seconds)),
        staged: 3,
        ..known(Enforcement { pending, ..enforcing() })
    };
    let rolled_back = RolledBack { revision: 42, cause: RollBackCause::Silence, at: NOW };
    let rolled_back = known(Enforcement { rolled_back: Some(rolled_back), ..enforcing() });
    let notice = "confirmed.json was broken; the revision before it is in force";
    let rescue = known(Enforcement { mode: Mode::Rescue, notice: Some(notice.into()), ..enforcing() });
    let fault = "the helper does not answer on /run/portreeve/helper.sock";
    let silent = Standing { fault: Some(fault.into()), ..known(enforcing()) };
    let everything = Standing {
        fault: Some(HOSTILE.repeat(9)),
        staged: 12_345,
        drift: 3,
        ..known(Enforcement { mode: Mode::Panic, notice: Some(HOSTILE.into()), ..enforcing() })
    };
    let viewer = Viewer { name: "vera".into(), role: Role::Viewer };
    vec![
        sample("bar-staged", standing(&Standing { staged: 3, ..known(enforcing()) })),
        sample("bar-pending", standing(&waits(83))),
        sample("bar-pending-late", standing(&waits(62))),
        sample("bar-pending-over", standing(&waits(2))),
        sample("bar-pending-viewer", Frame { viewer: Some(viewer), ..standing(&waits(83)) }),
        sample("bar-rolled-back", standing(&Standing { staged: 3, ..rolled_back.clone() })),
        sample("bar-rolled-back-alone", standing(&rolled_back)),
        sample("bar-panic", standing(&known(Enforcement { mode: Mode::Panic, ..enforcing() }))),
        sample("bar-rescue", standing(&Standing { staged: 1, ..rescue })),
        sample("bar-silent", standing(&silent)),
        sample("bar-unknown", standing(&Standing { fault: Some(fault.into()), ..Standing::default() })),
        sample("bar-off", standing(&known(Enforcement::default()))),
        sample("bar-observing", standing(&known(Enforcement { mode: Mode::Observing, ..enforcing() }))),
        sample("bar-drift", standing(&Standing { drift: 1, ..known(enforcing()) })),
        sample("bar-hostile", standing(&everything)),
    ]
}

fn sample(name: &'static str, frame: Frame) -> Sample {
    Sample { name, html: Page { frame }.render().expect("the page renders") }
}
