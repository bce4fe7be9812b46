//! What people wrote down about an address, and writing it down.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{QuickForm, Typed, address_of, page};
use crate::{
    actions::NoteAddressError,
    firewall::{AddressRange, Moment, Text},
    store::AddressNote,
    web::kit::{App, Fault, Flash, Problems, ProtectedForm, Session, Shown, Stamp, Visit, flash, words},
};

/// Notes about more or less than the addresses of the page.
const MOST: usize = 20;
const LONGEST_NOTE: usize = 500;
const LONGEST_NAME: usize = 40;

/// The section of the page.
#[derive(Debug)]
pub(super) struct RemarksView {
    /// What stands in the field.
    pub text: String,
    pub rows: Vec<RemarkRow>,
}

/// One note.
#[derive(Debug)]
pub(super) struct RemarkRow {
    /// About whom, if not exactly about the page's addresses.
    pub about: Option<String>,
    pub text: Shown,
    pub by: Shown,
    pub at: Stamp,
}

impl RemarksView {
    /// Lays out the notes that have to do with the addresses. `typed` is what somebody typed that isn't kept.
    pub fn new(notes: &[AddressNote], addresses: AddressRange, typed: Option<String>, now: Moment) -> Self {
        let near = notes.iter().filter(|note| note.addresses.overlaps(addresses));
        let mut near: Vec<&AddressNote> = near.collect();
        near.sort_by_key(|note| note.addresses != addresses);
        let own = near.first().filter(|note| note.addresses == addresses).map(|note| note.note.as_str().to_owned());
        Self {
            text: typed.or(own).unwrap_or_default(),
            rows: near.into_iter().take(MOST).map(|note| RemarkRow::new(note, addresses, now)).collect(),
        }
    }
}

impl RemarkRow {
    fn new(note: &AddressNote, addresses: AddressRange, now: Moment) -> Self {
        Self {
            about: (note.addresses != addresses).then(|| note.addresses.to_string()),
            text: Shown::new(note.note.as_str(), LONGEST_NOTE),
            by: Shown::new(&note.by, LONGEST_NAME),
            at: Stamp::new(note.at, now),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct RemarkForm {
    addresses: String,
    #[serde(default)]
    remark: String,
}

pub(super) async fn submit_remark(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<RemarkForm>,
) -> Result<Response, Fault> {
    let addresses = AddressRange::parse(&form.addresses).map_err(|_| Fault::Unreadable)?;
    let problem = match Text::parse(form.remark.trim()) {
        Err(problem) => words::sentence(&problem.to_string()),
        Ok(note) => {
            let said = if note.is_empty() { Flash::RemarkRemoved } else { Flash::RemarkKept };
            match app.actions().note_address(&session.0, addresses, note, &visit.origin()).await {
                Ok(()) => return Ok(flash::see_other(&address_of(addresses), said)),
                Err(NoteAddressError::Forbidden) => return Err(Fault::Forbidden),
                Err(NoteAddressError::Store(error)) => return Err(error.into()),
                Err(error @ NoteAddressError::TooMany) => words::sentence(&error.to_string()),
            }
        }
    };
    let problems = Problems::one("remark", problem);
    let typed = Typed { form: QuickForm::fresh(), remark: Some(form.remark), problems };
    page(&app, &visit, &session, StatusCode::UNPROCESSABLE_ENTITY, (addresses, typed)).await
}
