//! The configuration file: what `portreeve serve` does unless its command line says otherwise.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;

use crate::daemon::CertificateFiles;

/// Where it is looked for. It may be missing there.
pub(super) const USUAL: &str = "/etc/portreeve/portreeve.toml";

/// Every setting there is.
const SETTINGS: [&str; 5] = ["listen", "hosts", "certificate", "key", "metrics_token"];

/// How alike two words must be for one to be meant by the other, from 0 to 1.
const ALIKE: f64 = 0.75;

/// What it says. What it doesn't say has a default.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    /// Where the panel accepts.
    pub(super) listen: Vec<SocketAddr>,
    /// More names under which browsers reach the panel.
    pub(super) hosts: Vec<String>,
    /// An own certificate chain.
    pub(super) certificate: Option<PathBuf>,
    /// Its private key.
    pub(super) key: Option<PathBuf>,
    /// A file with the token for `/metrics`.
    pub(super) metrics_token: Option<PathBuf>,
}

impl Configuration {
    /// Reads the file that was named, or the usual one if it is there.
    pub(super) fn find(named: Option<&Path>) -> anyhow::Result<Self> {
        let path = named.unwrap_or_else(|| Path::new(USUAL));
        match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Self::default()),
            read => Self::read(&read?),
        }
        .with_context(|| format!("{} can't be used", path.display()))
    }

    /// The certificate that was chosen.
    pub(super) fn files(self) -> Option<CertificateFiles> {
        self.certificate.zip(self.key).map(|(certificate, key)| CertificateFiles { certificate, key })
    }

    fn read(text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = text.parse()?;
        if let Some(unknown) = table.keys().find(|key| !SETTINGS.contains(&key.as_str())) {
            return Err(no_such(unknown));
        }
        let configuration: Self = table.try_into()?;
        if configuration.certificate.is_some() != configuration.key.is_some() {
            bail!("certificate and key belong together: give both or none");
        }
        Ok(configuration)
    }
}

fn no_such(key: &str) -> anyhow::Error {
    let likeness = |setting: &&str| strsim::jaro_winkler(key, setting);
    let nearest = SETTINGS.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|nearest| likeness(nearest) >= ALIKE) {
        Some(nearest) => anyhow!("there is no setting `{key}`; did you mean `{nearest}`?"),
        None => anyhow!("there is no setting `{key}`; there are {}", SETTINGS.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packaged_file_names_every_setting_and_changes_nothing() {
        let packaged = include_str!("../../packaging/portreeve.toml");
        assert_eq!(Configuration::read(packaged).unwrap(), Configuration::default());
        let bare = packaged.replace("#! ", "");
        let all = Configuration::read(&bare).unwrap();
        assert!(!all.listen.is_empty() && !all.hosts.is_empty() && all.certificate.is_some() && all.key.is_some());
        assert!(all.metrics_token.is_some());
    }

    #[test]
    fn what_is_misspelt_or_of_the_wrong_kind_is_told() {
        for (text, said) in [
            ("lisen = []", "there is no setting `lisen`; did you mean `listen`?"),
            ("colour = 1", "there is no setting `colour`; there are listen, hosts, certificate, key, metrics_token"),
            ("key = \"/etc/key.pem\"", "certificate and key belong together: give both or none"),
            ("listen = [\"8470\"]", "invalid socket address syntax"),
            ("listen = ", "TOML parse error at line 1"),
        ] {
            let error = Configuration::read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
