//! The record's bounds and contents as the template sees them.

use askama::Template;

use super::RetentionForm;
use crate::{
    firewall::Moment,
    store::{Retention, Stored},
    web::kit::{Frame, Problems, Stamp, words},
};

/// The page of the record.
#[derive(Debug, Template)]
#[template(path = "pages/settings/record.html")]
pub struct RecordView {
    frame: Frame,
    answer: String,
    rows: String,
    since: Option<Stamp>,
    used: String,
    form: RetentionForm,
    problems: Problems,
    can_edit: bool,
}

impl RecordView {
    /// Lays the page out.
    #[must_use]
    pub fn new(
        frame: Frame,
        (retention, stored): (Retention, Stored),
        (form, problems): (RetentionForm, Problems),
        can_edit: bool,
        now: Moment,
    ) -> Self {
        let days = words::count(usize::try_from(retention.days()).unwrap_or(usize::MAX), "day");
        let most = size(retention.bytes());
        Self {
            frame,
            answer: format!(
                "Blocked connections are kept for {days}, or less when the database has more than {most} in use."
            ),
            rows: words::count(usize::try_from(stored.rows).unwrap_or(usize::MAX), "row"),
            since: stored.since.map(|since| Stamp::new(since, now)),
            used: format!("{} of {most}", size(stored.bytes)),
            form,
            problems,
            can_edit,
        }
    }
}

/// `512 KiB`, `1.0 MiB`, `312 MiB`, `1.5 GiB`.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| bytes.saturating_mul(10) / unit;
    match bytes {
        0..0x10_0000 => format!("{} KiB", bytes >> 10),
        0x10_0000..0xa0_0000 => format!("{}.{} MiB", tenths(1 << 20) / 10, tenths(1 << 20) % 10),
        0xa0_0000..0x4000_0000 => format!("{} MiB", bytes >> 20),
        _ => format!("{}.{} GiB", tenths(1 << 30) / 10, tenths(1 << 30) % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit_that_fits() {
        for (bytes, words) in [
            (4096, "4 KiB"),
            (1 << 20, "1.0 MiB"),
            (312 << 20, "312 MiB"),
            (1 << 30, "1.0 GiB"),
            (3 << 29, "1.5 GiB"),
            (1 << 40, "1024.0 GiB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }
}
