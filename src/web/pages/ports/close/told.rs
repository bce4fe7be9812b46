//! How a page says that nothing was closed.

use axum::http::StatusCode;

use crate::{
    actions::CloseError,
    web::kit::{Fault, words},
};

/// A sentence for the form, and the status it is answered with.
#[derive(Debug)]
pub(in crate::web::pages::ports) struct Refusal {
    pub status: StatusCode,
    pub sentence: String,
}

/// What keeps the form in place, told apart from what takes a page of its own.
pub(in crate::web::pages::ports) fn refusal(error: CloseError) -> Result<Refusal, Fault> {
    let status = match &error {
        CloseError::Forbidden => return Err(Fault::Forbidden),
        CloseError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        CloseError::Helper(_) => StatusCode::BAD_GATEWAY,
        _ => StatusCode::CONFLICT,
    };
    match error {
        CloseError::Store(error) => Err(error.into()),
        error => Ok(Refusal { status, sentence: words::sentence(&error.to_string()) }),
    }
}
