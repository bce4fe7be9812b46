//! The log as the template sees it.

use askama::Template;

use super::{
    Filter,
    row::{self, Row},
};
use crate::{
    actions::AuditVerdict,
    firewall::Moment,
    store::AuditRecord,
    web::kit::{Frame, Stamp, words},
};

/// What the store and the last walk through the chain know.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The records of this page, newest first.
    pub records: Vec<AuditRecord>,
    /// Whether there are older ones.
    pub has_older: bool,
    /// Every verb in the log.
    pub verbs: Vec<String>,
    /// The number of the newest record.
    pub newest: i64,
    /// What the chain is worth.
    pub verdict: Option<AuditVerdict>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/audit/audit.html")]
pub struct AuditView {
    frame: Frame,
    answer: String,
    checked: Option<Stamp>,
    broken: Option<String>,
    taken_in: Option<String>,
    verbs: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    older: Option<String>,
    filter: Filter,
}

impl AuditView {
    /// Lays the page out as of `now`.
    #[must_use]
    pub fn new(frame: Frame, filter: Filter, found: &Found, now: Moment) -> Self {
        let report = found.verdict.as_ref().map(|verdict| &verdict.report);
        let last = found.records.last().filter(|_| found.has_older);
        Self {
            answer: answer(found),
            checked: found.verdict.as_ref().map(|verdict| Stamp::new(verdict.at, now)),
            broken: report.and_then(|report| report.broken).map(|broken| words::sentence(&broken.to_string())),
            taken_in: report.filter(|report| report.taken_in > 0).map(|report| grouped(report.taken_in)),
            verbs: found.verbs.iter().map(|verb| (verb.clone(), row::what(verb), verb == filter.what())).collect(),
            rows: found.records.iter().map(|record| Row::new(record, now)).collect(),
            older: last.map(|record| filter.below(record.id)),
            filter,
            frame,
        }
    }
}

/// How much there is, and what it is worth.
fn answer(found: &Found) -> String {
    let count = words::count(usize::try_from(found.newest).unwrap_or(0), "record");
    match found.verdict.as_ref().map(|verdict| &verdict.report) {
        None => format!("{count}. Whether their chain holds is being found out."),
        Some(report) if report.broken.is_some() => {
            format!("The audit log was tampered with. Of {count}, only the first {} hold.", grouped(report.records))
        }
        Some(report) if report.records < found.newest => {
            format!(
                "{count}. Their chain holds up to record {}; the newer ones weren’t checked yet.",
                grouped(report.records)
            )
        }
        Some(_) => format!("{count}, and their chain holds: none was changed, removed or slipped in."),
    }
}

fn grouped(number: i64) -> String {
    words::grouped(usize::try_from(number).unwrap_or(0))
}
