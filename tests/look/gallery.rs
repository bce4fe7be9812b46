//! The kit's parts in every state, on one page each.

use askama::Template;
use portreeve::web::kit::{Flash, Frame, Pager, Shown, Stamp};

use super::{HOSTILE, NOW, Sample, signed_in, stranger};

/// Stands for the forms' own list of problems.
struct Problem {
    field: &'static str,
    text: &'static str,
}

struct Problems(Vec<Problem>);

impl Problems {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn all(&self) -> &[Problem] {
        &self.0
    }

    fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|problem| problem.field == field).map(|problem| problem.text)
    }
}

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery {
    frame: Frame,
    problems: Problems,
    stamp: Stamp,
    long: Shown,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage {
    frame: Frame,
    problems: Problems,
    name: String,
}

pub(super) fn samples() -> Vec<Sample> {
    let problem = |field, text| Problem { field, text };
    let wrong = || Problems(vec![problem("name", "Begin the name with a letter."), problem("password", HOSTILE)]);
    let gallery = Gallery {
        frame: Frame { flash: Some(Flash::PasswordChanged), ..signed_in() },
        problems: wrong(),
        stamp: Stamp::new(NOW.plus_seconds(-200), NOW),
        long: Shown::new(&HOSTILE.repeat(9), 60),
        pager: Pager::new(10_000, 200, 2, |page| format!("/ports?page={page}")),
    };
    let form =
        |problems, name: &str, flash| FormPage { frame: Frame { flash, ..stranger() }, problems, name: name.into() };
    let sample = |name, html: askama::Result<String>| Sample { name, html: html.expect("the page renders") };
    vec![
        sample("gallery", gallery.render()),
        sample("form", form(Problems(Vec::new()), "", Some(Flash::SignedOut)).render()),
        sample("form-wrong", form(wrong(), HOSTILE, None).render()),
    ]
}
