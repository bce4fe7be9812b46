//! The bounds of the record as they were typed.

use serde::Deserialize;

use crate::{
    store::Retention,
    web::kit::{Problems, words},
};

/// What was typed, kept exactly as it was.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RetentionForm {
    /// How many days a row is kept.
    pub days: String,
    /// How many MiB the database may have in use.
    pub mebibytes: String,
}

impl RetentionForm {
    /// The form of these bounds.
    #[must_use]
    pub fn of(retention: Retention) -> Self {
        Self { days: retention.days().to_string(), mebibytes: retention.mebibytes().to_string() }
    }

    /// The bounds that the fields make.
    ///
    /// # Errors
    /// The problem of each field.
    pub fn read(&self) -> Result<Retention, Problems> {
        // Zero is out of bounds, as is whatever isn't a number.
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        let (days, mebibytes) = (number(&self.days), number(&self.mebibytes));
        let (default, mut problems) = (Retention::default(), Problems::default());
        for (field, read) in [
            ("days", Retention::new(days, default.mebibytes())),
            ("mebibytes", Retention::new(default.days(), mebibytes)),
        ] {
            problems.add_some(field, read.err().map(|problem| words::sentence(&problem.to_string())));
        }
        Retention::new(days, mebibytes).map_err(|_| problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_go_into_the_form_and_come_back() {
        let retention = Retention::new(30, 512).expect("sensible bounds");
        assert_eq!(RetentionForm::of(retention).read(), Ok(retention));
    }

    #[test]
    fn each_wrong_field_is_told() {
        for (days, mebibytes) in [("", ""), ("0", "63"), ("ninety", "1 GiB"), ("-1", "1e9"), ("99999", "4294967296")] {
            let form = RetentionForm { days: days.to_owned(), mebibytes: mebibytes.to_owned() };
            let problems = form.read().expect_err("both are wrong");
            assert_eq!(problems.of("days"), Some("Choose between 1 and 3650 days."), "{days}");
            assert_eq!(problems.of("mebibytes"), Some("Choose between 64 and 1048576 MiB."), "{mebibytes}");
        }
    }
}
