//! The server's certificate: made on this host at the first start, or the administrator's own from two files.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    net::IpAddr,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType, string::Ia5String,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::tls;
use crate::firewall::Moment;

/// The file of the self-made certificate and its key in the state directory: one file, so that no reader ever meets
/// the one without the other.
const SELF_MADE: &str = "tls.pem";

/// Apple's systems refuse certificates that are valid for longer than 825 days.
const VALID_DAYS: i64 = 820;
const DAY: i64 = 24 * 60 * 60;

const LONGEST_FILE: u64 = 1024 * 1024;

/// Why there is no usable certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read or written.
    #[error("{} can't be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Anybody on this machine could impersonate the panel.
    #[error(
        "the private key {} is open to others (mode {mode:o}): run `chmod 0640` on it, or 0600 if no group needs it, and make a \
         new key if strangers have an account here",
        path.display()
    )]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file isn't PEM, or lacks the certificate or key.
    #[error("{} holds no {what} in PEM form", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
    },
    /// The certificate and key don't belong together, or the key's kind isn't supported.
    #[error("certificate and key don't fit: {0}")]
    Mismatch(#[source] rustls::Error),
    /// Making the certificate failed.
    #[error("no certificate could be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Where certificate chain and key are; both may be one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain in PEM form, the server's own certificate first.
    pub certificate: PathBuf,
    /// The private key in PEM form.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// The place of the self-made certificate.
    #[must_use]
    pub fn self_made(state_dir: &Path) -> Self {
        let path = state_dir.join(SELF_MADE);
        Self { certificate: path.clone(), key: path }
    }

    /// What changes when either file is replaced or rewritten.
    pub(super) fn stamp(&self) -> Option<[(u64, u64, i64, i64); 2]> {
        let stamp = |path: &Path| {
            let data = fs::metadata(path).ok()?;
            Some((data.ino(), data.size(), data.mtime(), data.mtime_nsec()))
        };
        Some([stamp(&self.certificate)?, stamp(&self.key)?])
    }

    pub(super) fn load(&self) -> Result<CertifiedKey, CertificateError> {
        let missing = |path: &Path, what| CertificateError::Missing { path: path.to_owned(), what };
        let key_file = open(&self.key)?;
        refuse_exposed(&self.key, &key_file)?;
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key, key_file)?);
        let key = key.map_err(|_| missing(&self.key, "private key"))?;
        let chain = read(&self.certificate, open(&self.certificate)?)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&chain).filter_map(Result::ok).collect();
        if chain.is_empty() {
            return Err(missing(&self.certificate, "certificate"));
        }
        CertifiedKey::from_der(chain, key, &tls::provider()).map_err(CertificateError::Mismatch)
    }
}

fn fault(path: &Path, source: io::Error) -> CertificateError {
    CertificateError::File { path: path.to_owned(), source }
}

fn open(path: &Path) -> Result<File, CertificateError> {
    File::open(path).map_err(|source| fault(path, source))
}

fn read(path: &Path, file: File) -> Result<Vec<u8>, CertificateError> {
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE).read_to_end(&mut bytes).map_err(|source| fault(path, source))?;
    Ok(bytes)
}

/// A group may read the key, because that is how a key of root is lent to the panel's user.
fn refuse_exposed(path: &Path, file: &File) -> Result<(), CertificateError> {
    let mode = file.metadata().map_err(|source| fault(path, source))?.mode() & 0o777;
    let is_exposed = mode & 0o027 != 0;
    if is_exposed { Err(CertificateError::Exposed { path: path.to_owned(), mode }) } else { Ok(()) }
}

/// What a self-made certificate vouches for.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Host names, the most telling first.
    pub names: Vec<String>,
    /// The addresses by which the panel can be reached.
    pub addresses: BTreeSet<IpAddr>,
}

/// Makes a key (ECDSA P-256) and a certificate signed by it, and writes both with mode 0600, replacing older ones.
///
/// # Errors
/// When the state directory can't be written.
pub fn make(state_dir: &Path, subject: &Subject, now: Moment) -> Result<(), CertificateError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let certificate = parameters(subject, now).self_signed(&key)?;
    let path = state_dir.join(SELF_MADE);
    write_private(&path, &(certificate.pem() + &key.serialize_pem())).map_err(|source| fault(&path, source))
}

fn parameters(subject: &Subject, now: Moment) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    let name = subject.names.first().map_or("this host", String::as_str);
    parameters.distinguished_name.push(DnType::CommonName, format!("Portreeve on {name}"));
    let names = subject.names.iter().filter_map(|name| Ia5String::try_from(name.as_str()).ok()).map(SanType::DnsName);
    parameters.subject_alt_names = names.chain(subject.addresses.iter().copied().map(SanType::IpAddress)).collect();
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let midnight = |moment| {
        let date = utc_date(moment);
        rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    // A day of grace for clients whose clock is behind.
    parameters.not_before = midnight(now.plus_seconds(-DAY));
    parameters.not_after = midnight(now.plus_seconds(VALID_DAYS * DAY));
    parameters
}

fn utc_date(moment: Moment) -> Date {
    Timestamp::from_millisecond(moment.as_millis()).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    if let Err(error) = fs::remove_file(&unfinished)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}
