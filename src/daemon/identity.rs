//! Which certificate the panel shows.

use super::Options;
use crate::{
    firewall::Moment,
    web::server::{CertificateError, CertificateFiles, Identity, Subject, make},
};

/// A self-made certificate is replaced at a start that finds it this near to its end.
const RENEW_BEFORE: i64 = 30 * 24 * 60 * 60;

/// Loads the administrator's certificate, or the self-made one, which is made at the first start and again before it ends.
/// It isn't made again when the host gets another name or address: people have looked at its fingerprint.
pub(super) fn load(options: &Options, subject: &Subject, now: Moment) -> Result<Identity, CertificateError> {
    if let Some(files) = &options.settings.certificate {
        return Identity::load(files.clone());
    }
    let files = CertificateFiles::self_made(&options.state_dir);
    if files.certificate.exists() {
        let identity = Identity::load(files.clone())?;
        if !identity.is_expired_at(now.plus_seconds(RENEW_BEFORE)) {
            return Ok(identity);
        }
        tracing::warn!("the self-made certificate is at its end: a new one is made, with a new fingerprint");
    }
    make(&options.state_dir, subject, now)?;
    Identity::load(files)
}

/// For how many more days browsers take the certificate of these files.
///
/// # Errors
/// [`CertificateError`] when the panel could not use them.
pub fn days_left(files: CertificateFiles, now: Moment) -> Result<u32, CertificateError> {
    Ok(Identity::load(files)?.days_left(now))
}
