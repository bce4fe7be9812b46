//! The forms that limit and open a port, as the template sees them.

use std::net::IpAddr;

use askama::Template;

use super::{AdmitForm, Kind};
use crate::{
    firewall::{ListName, advice::Binding},
    web::{
        kit::{Frame, Problems},
        pages::{
            ports::{PortKey, subject::Subject},
            rules::fields::Options,
        },
    },
};

/// More networks than this are counted.
const MOST_NETWORKS: usize = 4;

/// What the forms are laid out from.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// What listens on the port.
    pub subject: Subject,
    /// How the program could bind to this host by itself.
    pub binding: Option<Binding>,
    /// From where the viewer comes.
    pub me: IpAddr,
    /// The networks this host is in, as words.
    pub networks: Vec<String>,
    /// The lists there are.
    pub lists: Vec<ListName>,
    /// Whether rules are enforced.
    pub is_on: bool,
}

/// The page of one of the two forms.
#[derive(Debug, Template)]
#[template(path = "pages/ports/admit.html")]
pub struct AdmitView {
    frame: Frame,
    kind: Kind,
    port: PortKey,
    grounds: Grounds,
    form: AdmitForm,
    problems: Problems,
}

impl AdmitView {
    /// Lays the page out.
    #[must_use]
    pub fn new(
        frame: Frame,
        (kind, port): (Kind, PortKey),
        grounds: Grounds,
        (form, problems): (AdmitForm, Problems),
    ) -> Self {
        Self { frame, kind, port, grounds, form, problems }
    }

    fn spans(&self) -> Options {
        self.form.spans()
    }

    fn networks(&self) -> String {
        let networks = &self.grounds.networks;
        let shown: Vec<&str> = networks.iter().take(MOST_NETWORKS).map(String::as_str).collect();
        let more = networks.len().saturating_sub(MOST_NETWORKS);
        match (shown.as_slice(), more) {
            ([], _) => "It is in none now.".to_owned(),
            (shown, 0) => format!("Now {}.", shown.join(", ")),
            (shown, more) => format!("Now {} and {more} more.", shown.join(", ")),
        }
    }
}
