//! The forms of the pages of lists.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{EntriesForm, Filter, ListForm, Name, PATH, Returned, Sorted, all, find, name_of, one};
use crate::{
    firewall::{AddressRange, List, Text, edit::Edit},
    web::{
        kit::{App, Fault, Flash, OwnPath, Problems, ProtectedForm, Session, Visit, flash, words},
        pages::rules::{Staged, stage},
    },
};

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Nothing but the token, which [`ProtectedForm`] has read by then.
#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
pub(super) struct NoteForm {
    note: String,
}

pub(super) async fn submit_new(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(form): ProtectedForm<ListForm>,
) -> Result<Response, Fault> {
    let (name, note) = match form.read() {
        Ok(read) => read,
        Err(problems) => return all(&app, &visit, &session, WRONG, (form, problems)).await,
    };
    let draft = app.actions().draft(&session.0).await?.ruleset;
    if draft.parts().lists.iter().any(|list| list.name == name) {
        let problems = Problems::one("name", format!("There is a list {name} already. Choose another name."));
        return all(&app, &visit, &session, WRONG, (form, problems)).await;
    }
    let page = format!("{PATH}/{name}");
    match stage(&app, &visit, &session, Edit::PutList(List { name, note, entries: Vec::new() })).await? {
        Staged::Done => Ok(flash::see_other(&page, Flash::Staged)),
        Staged::Refused(sentence) => {
            let problems = Problems::one("name", words::sentence(&sentence));
            all(&app, &visit, &session, WRONG, (form, problems)).await
        }
    }
}

/// Stages the lines that are entries and gives the others back.
pub(super) async fn submit_entries(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    name: Name,
    ProtectedForm(form): ProtectedForm<EntriesForm>,
) -> Result<Response, Fault> {
    let name = name_of(name)?;
    find(&app.actions().draft(&session.0).await?.ruleset, &name)?;
    let Sorted { entries, rest, mut problems } = form.sort(app.actions().now());
    let mut returned = EntriesForm { entries: rest, ..form.clone() };
    let mut staged = entries.len();
    // A note that can't be kept is a reason to keep nothing.
    if problems.of("entry_note").is_some() || entries.is_empty() {
        (returned.entries, staged) = (form.entries, 0);
    } else if let Staged::Refused(sentence) =
        stage(&app, &visit, &session, Edit::AddEntries { list: name.clone(), entries }).await?
    {
        problems.add("entries", words::sentence(&sentence));
        (returned.entries, staged) = (form.entries, 0);
    }
    if problems.is_empty() {
        return Ok(flash::see_other(&format!("{PATH}/{name}"), Flash::Staged));
    }
    let returned = Returned { form: returned, problems, staged };
    one(&app, &visit, &session, WRONG, (&name, Filter::default(), returned)).await
}

pub(super) async fn submit_take_off(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    name: Name,
    ProtectedForm(pairs): ProtectedForm<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let name = name_of(name)?;
    let page = format!("{PATH}/{name}");
    let back = pairs.iter().find(|(key, _)| key == "back").and_then(|(_, path)| OwnPath::parse(path));
    let back = back.filter(|path| path.as_str().split('?').next() == Some(page.as_str()));
    let back = back.map_or_else(|| page.clone(), |path| path.as_str().to_owned());
    let chosen = pairs.iter().filter(|(key, _)| key == "entry").map(|(_, text)| AddressRange::parse(text));
    let addresses = chosen.collect::<Result<Vec<_>, _>>().map_err(|_| Fault::Unreadable)?;
    if addresses.is_empty() {
        return Ok(flash::see_other(&back, Flash::NothingChosen));
    }
    match stage(&app, &visit, &session, Edit::RemoveEntries { list: name, addresses }).await? {
        Staged::Done => Ok(flash::see_other(&back, Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(&back, Flash::NotThere)),
    }
}

pub(super) async fn submit_note(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    name: Name,
    ProtectedForm(form): ProtectedForm<NoteForm>,
) -> Result<Response, Fault> {
    let name = name_of(name)?;
    find(&app.actions().draft(&session.0).await?.ruleset, &name)?;
    let note = match Text::parse(form.note.trim()) {
        Ok(note) => note,
        Err(error) => {
            let returned = Returned {
                problems: Problems::one("note", words::sentence(&error.to_string())),
                ..Returned::default()
            };
            return one(&app, &visit, &session, WRONG, (&name, Filter::default(), returned)).await;
        }
    };
    let edit = Edit::PutList(List { name: name.clone(), note, entries: Vec::new() });
    match stage(&app, &visit, &session, edit).await? {
        Staged::Done => Ok(flash::see_other(&format!("{PATH}/{name}"), Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(PATH, Flash::NotThere)),
    }
}

pub(super) async fn submit_remove(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    name: Name,
    ProtectedForm(Nothing {}): ProtectedForm<Nothing>,
) -> Result<Response, Fault> {
    let name = name_of(name)?;
    match stage(&app, &visit, &session, Edit::RemoveList(name.clone())).await? {
        Staged::Done => Ok(flash::see_other(PATH, Flash::Staged)),
        Staged::Refused(_) => Ok(flash::see_other(&format!("{PATH}/{name}"), Flash::StillUsed)),
    }
}
