//! The setup page.

use askama::Template;

use crate::web::kit::{Frame, Problems};

#[derive(Template)]
#[template(path = "pages/setup/page.html")]
pub(super) struct SetupPage {
    pub(super) frame: Frame,
    pub(super) token: String,
    pub(super) name: String,
    pub(super) problems: Problems,
}
