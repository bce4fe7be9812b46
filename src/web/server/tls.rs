//! TLS: what is spoken, and the certificate that can be exchanged while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::{
    CertificateError as Invalid, Error, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use sha2::{Digest, Sha256};

use super::certificate::{CertificateError, CertificateFiles};
use crate::firewall::Moment;

const DAY: i64 = 24 * 60 * 60;

/// No certificate of a server is valid for longer.
const FAR_DAYS: u32 = 36_500;

/// The one place that says which cryptography is used. Of TLS 1.2 it has only ECDHE with AEAD ciphers.
pub(super) fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// TLS 1.2 and 1.3, HTTP/2 preferred. Sessions resume from a small cache in memory: no ticket key exists that could
/// later open recorded traffic, and early data, which an attacker could replay, is off.
pub(super) fn configuration(identity: Arc<Identity>) -> Result<ServerConfig, Error> {
    let builder =
        ServerConfig::builder_with_provider(Arc::new(provider())).with_protocol_versions(&[&TLS13, &TLS12])?;
    let mut configuration = builder.with_no_client_auth().with_cert_resolver(identity);
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

type Stamp = Option<[(u64, u64, i64, i64); 2]>;

/// The certificate that new connections get, and the files it came from.
#[derive(Debug)]
pub struct Identity {
    files: RwLock<CertificateFiles>,
    current: RwLock<Arc<CertifiedKey>>,
    stamp: RwLock<Stamp>,
}

impl Identity {
    /// Loads certificate and key.
    ///
    /// # Errors
    /// [`CertificateError`] when they can't be used.
    pub fn load(files: CertificateFiles) -> Result<Self, CertificateError> {
        let stamp = files.stamp();
        let current = RwLock::new(Arc::new(files.load()?));
        Ok(Self { files: RwLock::new(files), current, stamp: RwLock::new(stamp) })
    }

    /// Loads the files again if one of them changed since the last try; true when the server has a new certificate.
    /// Open connections keep theirs.
    ///
    /// # Errors
    /// [`CertificateError`] once for each change that gives no usable pair; the old pair stays in use.
    pub fn reload_if_changed(&self) -> Result<bool, CertificateError> {
        let stamp = self.files().stamp();
        if *self.stamp.read().unwrap_or_else(PoisonError::into_inner) == stamp {
            return Ok(false);
        }
        self.reload().map(|()| true)
    }

    /// Loads the files again.
    ///
    /// # Errors
    /// [`CertificateError`] when they give no usable pair; the old pair stays in use.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let files = self.files();
        *self.stamp.write().unwrap_or_else(PoisonError::into_inner) = files.stamp();
        let fresh = Arc::new(files.load()?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Loads certificate and key from now on from these files.
    ///
    /// # Errors
    /// [`CertificateError`] when they give no usable pair; the files before stay in use then.
    pub fn move_to(&self, files: CertificateFiles) -> Result<(), CertificateError> {
        files.load()?;
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
        self.reload()
    }

    fn files(&self) -> CertificateFiles {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The SHA-256 fingerprint of the certificate as browsers show it: `AB:CD:…`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.certificate());
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Whether the certificate is made out to the name.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        let certificate = self.certificate();
        let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(&certificate), ServerName::try_from(name)) else {
            return false;
        };
        rustls::client::verify_server_name(&parsed, &name).is_ok()
    }

    /// Whether clients with a right clock refuse the certificate at that moment because its time is over.
    #[must_use]
    pub fn is_expired_at(&self, moment: Moment) -> bool {
        let certificate = self.certificate();
        let seconds = u64::try_from(moment.as_millis() / 1000).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        matches!(
            verify(&certificate, time),
            Err(Error::InvalidCertificate(Invalid::Expired | Invalid::ExpiredContext { .. }))
        )
    }

    /// For how many more days clients take it; 0 when its time is over.
    #[must_use]
    pub fn days_left(&self, now: Moment) -> u32 {
        let (mut good, mut over) = (0, FAR_DAYS);
        while good < over {
            let middle = u32::midpoint(good, over);
            if self.is_expired_at(now.plus_seconds(i64::from(middle + 1) * DAY)) {
                over = middle;
            } else {
                good = middle + 1;
            }
        }
        good
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.current().cert.first().cloned().unwrap_or_else(|| CertificateDer::from(Vec::new()))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Verifies the certificate as its own anchor. The dates are looked at before the chain, so also a certificate that
/// another authority signed gives the right answer to the question whether it is expired.
fn verify(certificate: &CertificateDer<'_>, time: UnixTime) -> Result<(), Error> {
    let mut anchors = RootCertStore::empty();
    anchors.add(certificate.clone().into_owned())?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(anchors), Arc::new(provider()))
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let name = ServerName::try_from("localhost").map_err(|error| Error::General(error.to_string()))?;
    verifier.verify_server_cert(certificate, &[], &name, &[], time).map(|_| ())
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::*;
    use crate::web::server::certificate::{Subject, make};

    const NOW: Moment = Moment::from_millis(1_800_000_000_000);
    fn made(dir: &Path, name: &str) -> Identity {
        let subject = Subject { names: vec![name.to_owned()], addresses: ["192.0.2.7".parse().unwrap()].into() };
        make(dir, &subject, NOW).unwrap();
        Identity::load(CertificateFiles::self_made(dir)).unwrap()
    }

    #[test]
    fn only_forward_secret_aead_ciphers_are_offered() {
        for suite in provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_"), "{name}");
            assert!(name.contains("GCM") || name.contains("CHACHA20_POLY1305"), "{name}");
        }
    }

    #[test]
    fn a_made_certificate_is_private_and_vouches_for_its_names_and_addresses() {
        let dir = tempfile::tempdir().unwrap();
        let identity = made(dir.path(), "web1.example.net");
        assert_eq!(fs::metadata(dir.path().join("tls.pem")).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(identity.is_for("web1.example.net") && identity.is_for("192.0.2.7"));
        assert!(!identity.is_for("example.net") && !identity.is_for("192.0.2.8") && !identity.is_for("a b"));
        assert_eq!(identity.fingerprint().split(':').count(), 32);
    }

    #[test]
    fn a_made_certificate_is_valid_for_820_days() {
        let dir = tempfile::tempdir().unwrap();
        let identity = made(dir.path(), "localhost");
        assert!(
            verify(&identity.certificate(), UnixTime::since_unix_epoch(std::time::Duration::from_hours(500_000)))
                .is_ok()
        );
        assert!(!identity.is_expired_at(NOW.plus_seconds(819 * DAY)));
        assert!(identity.is_expired_at(NOW.plus_seconds(821 * DAY)));
        assert_eq!(identity.days_left(NOW.plus_seconds(810 * DAY)), identity.days_left(NOW) - 810);
        assert!((819..=820).contains(&identity.days_left(NOW)), "{}", identity.days_left(NOW));
        assert_eq!(identity.days_left(NOW.plus_seconds(900 * DAY)), 0);
    }

    #[test]
    fn a_changed_file_is_loaded_and_a_broken_one_leaves_the_old_certificate() {
        let dir = tempfile::tempdir().unwrap();
        let identity = made(dir.path(), "old.example");
        assert!(!identity.reload_if_changed().unwrap());
        made(dir.path(), "new.example");
        assert!(identity.reload_if_changed().unwrap() && identity.is_for("new.example"));
        fs::write(dir.path().join("tls.pem"), "rubbish").unwrap();
        assert!(identity.reload_if_changed().is_err());
        assert!(!identity.reload_if_changed().unwrap(), "one change is reported once");
        assert!(identity.is_for("new.example"));
    }

    #[test]
    fn other_files_are_taken_only_if_they_can_be_used() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let identity = made(one.path(), "one.example");
        made(two.path(), "two.example");
        identity.move_to(CertificateFiles::self_made(two.path())).unwrap();
        assert!(identity.is_for("two.example"));
        assert!(identity.move_to(CertificateFiles::self_made(Path::new("/nonexistent"))).is_err());
        made(two.path(), "three.example");
        assert!(identity.reload_if_changed().unwrap() && identity.is_for("three.example"));
    }

    #[test]
    fn a_key_that_others_can_read_or_the_group_can_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        made(dir.path(), "localhost");
        for (mode, is_fine) in [(0o600, true), (0o640, true), (0o644, false), (0o660, false), (0o601, false)] {
            fs::set_permissions(dir.path().join("tls.pem"), fs::Permissions::from_mode(mode)).unwrap();
            let loaded = Identity::load(CertificateFiles::self_made(dir.path()));
            assert_eq!(loaded.is_ok(), is_fine, "{mode:o}");
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        made(one.path(), "localhost");
        made(two.path(), "localhost");
        let mixed = CertificateFiles { certificate: one.path().join("tls.pem"), key: two.path().join("tls.pem") };
        assert!(matches!(Identity::load(mixed), Err(CertificateError::Mismatch(_))));
    }
}
