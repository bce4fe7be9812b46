//! What the audit log is worth, found out beside the pages; and that somebody took it out of the panel.

use super::{ActError, Actions, Origin, Right, SignedIn};
use crate::{
    firewall::Moment,
    store::{AuditReport, Entry, Error, Verb},
};

/// What the last walk through the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// What it found.
    pub report: AuditReport,
    /// When.
    pub at: Moment,
}

impl Actions {
    /// Walks through the whole chain and keeps what it found. Says in the log when it is broken, and what its head is.
    ///
    /// # Errors
    /// [`Error`] of the database; what was found before is kept.
    pub async fn verify_audit(&self) -> Result<(), Error> {
        let report = self.store().verify_audit().await?;
        match (report.broken, report.head) {
            (Some(broken), _) => tracing::error!("the audit log was tampered with: {broken}"),
            (None, Some(head)) => tracing::info!("{head}: {} records hold", report.records),
            (None, None) => {}
        }
        self.shared.audit.send_replace(Some(AuditVerdict { report, at: self.now() }));
        Ok(())
    }

    /// What the last walk through the chain found; none before the first. Asks nobody.
    #[must_use]
    pub fn audit_verdict(&self) -> Option<AuditVerdict> {
        self.shared.audit.borrow().clone()
    }

    /// Writes down that somebody takes records of the audit log out as a file.
    ///
    /// # Errors
    /// [`ActError`]; then nothing may be handed out.
    pub async fn note_export(&self, signed_in: &SignedIn, filter: &str, origin: &Origin) -> Result<(), ActError> {
        signed_in.need(Right::SeeAudit).ok_or(ActError::Forbidden)?;
        let tx = self.store().write(signed_in.actor(origin), self.now()).await?;
        Ok(tx.commit(Entry::done(Verb::ExportAudit, "audit log").with_detail(filter)).await?)
    }
}
