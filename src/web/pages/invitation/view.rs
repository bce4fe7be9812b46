//! The page behind a link, and what stands there when it is void.

use askama::Template;

use crate::web::kit::{Frame, Problems};

#[derive(Template)]
#[template(path = "pages/invitation/page.html")]
pub(super) struct InvitationPage {
    pub(super) frame: Frame,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) problems: Problems,
}

#[derive(Template)]
#[template(path = "pages/invitation/void.html")]
pub(super) struct VoidPage {
    pub(super) frame: Frame,
}
