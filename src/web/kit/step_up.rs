//! What is answered to an act that takes a younger proof of who asks: a form for the proof that carries the act along.
//! Nothing is replayed by itself: after the proof the act waits for one more press of a button.

use askama::Template;
use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Fault, Frame, OwnPath, Page, Problems, Visit, csrf::Verified};

/// Put before the name of each field of the act, so that none can be taken for one of the form itself.
pub const CARRIED: &str = "act-";

/// The page that asks for the proof, and the one that leads on.
#[derive(Template)]
#[template(path = "kit/step-up.html")]
pub struct StepUpPage {
    /// The layout's share.
    pub frame: Frame,
    /// Where the act is sent to.
    pub to: String,
    /// What it says.
    pub fields: Vec<(String, String)>,
    /// Whether the proof was given, so that only the act is left.
    pub is_proved: bool,
    /// What is wrong with the proof.
    pub problems: Problems,
}

impl StepUpPage {
    fn carried(&self) -> &'static str {
        if self.is_proved { "" } else { CARRIED }
    }
}

/// Runs an act whose form is verified. If it takes a younger proof, its answer is the form for that.
pub(super) async fn attend(visit: &Visit, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().and_then(|path| OwnPath::parse(path.as_str()));
    let (headers, body) = (request.headers().clone(), request.extensions().get::<Verified>().cloned());
    let response = next.run(request).await;
    if response.extensions().get::<Fault>() != Some(&Fault::Unproved) {
        return response;
    }
    let (Some(path), Some(body)) = (path, body) else { return response };
    let (frame, to, fields) = (visit.frame(None), path.as_str().to_owned(), body.fields(&headers).await);
    let view = StepUpPage { frame, to, fields, is_proved: false, problems: Problems::default() };
    Page(StatusCode::FORBIDDEN, view).into_response()
}
