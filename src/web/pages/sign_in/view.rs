//! The sign-in page. It tells a stranger the host's name, which the certificate tells anyway, and nothing more.

use askama::Template;

use crate::web::kit::{Frame, OwnPath, Problems};

#[derive(Template)]
#[template(path = "pages/sign_in/page.html")]
pub(super) struct SignInPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) next: OwnPath,
    pub(super) problems: Problems,
}

#[derive(Template)]
#[template(path = "pages/sign_in/code.html")]
pub(super) struct CodePage {
    pub(super) frame: Frame,
    pub(super) ticket: String,
    pub(super) next: OwnPath,
    /// By this server's clock.
    pub(super) time: String,
    pub(super) problems: Problems,
}
