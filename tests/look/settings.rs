//! The pages of settings.

use askama::Template;
use portreeve::{
    store::{Retention, Stored},
    web::{
        kit::{Frame, Problems, Section},
        pages::settings::{
            SettingsView,
            record::{RecordView, RetentionForm},
        },
    },
};

use super::{HOSTILE, NOW, Sample, signed_in};

pub(super) fn samples() -> Vec<Sample> {
    let frame = || Frame { section: Some(Section::Settings), ..signed_in() };
    let sample = |name, html: askama::Result<String>| Sample { name, html: html.expect("the page renders") };
    let known = (
        Retention::default(),
        Stored { rows: 10_233_481, since: Some(NOW.plus_seconds(-71 * 86_400)), bytes: 812 << 20 },
    );
    let record = |form, problems, can_edit| RecordView::new(frame(), known, (form, problems), can_edit, NOW).render();
    let form = RetentionForm::of(known.0);
    let wrong = RetentionForm { days: "0".into(), mebibytes: HOSTILE.into() };
    let problems = wrong.read().expect_err("both are wrong");
    vec![
        sample("settings", SettingsView::new(frame()).render()),
        sample("settings-record", record(form.clone(), Problems::default(), true)),
        sample("settings-record-read", record(form, Problems::default(), false)),
        sample("settings-record-wrong", record(wrong, problems, true)),
    ]
}
