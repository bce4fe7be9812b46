//! The log as a file, in any length: a thousand records at a time. That somebody takes it out is itself a record, so this is
//! no link but a form.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::Filter;
use crate::{
    actions::ActError,
    firewall::instant,
    store::{AuditFilter, AuditRecord, Store},
    web::kit::{App, Fault, Gone, ProtectedForm, Session, Visit, Writer, csv, stream},
};

/// Records of one piece.
const PIECE: u32 = 1000;

const COLUMNS: &str = "record,time,who,address,strength,verb,subject,detail,before,after,result\r\n";

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    who: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    result: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl Wanted {
    fn filter(self) -> Filter {
        let Self { who, address, what, result, from, to } = self;
        let pairs =
            [("who", who), ("address", address), ("what", what), ("result", result), ("from", from), ("to", to)];
        Filter::from_pairs(&pairs.map(|(name, value)| (name.to_owned(), value)))
    }
}

pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(wanted): ProtectedForm<Wanted>,
) -> Result<Response, Fault> {
    let (store, wanted) = admit(&app, &visit, &session, wanted.filter()).await?;
    let work = async move |writer: Writer| {
        if writer.write(COLUMNS).await.is_ok() {
            pour(&store, &wanted, &writer, |record, _| line_of_csv(record)).await;
        }
    };
    Ok(file(stream(work), "text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""))
}

pub(super) async fn json(
    State(app): State<App>,
    visit: Visit,
    session: Session,
    ProtectedForm(wanted): ProtectedForm<Wanted>,
) -> Result<Response, Fault> {
    let (store, wanted) = admit(&app, &visit, &session, wanted.filter()).await?;
    let work = async move |writer: Writer| {
        let line =
            |record: &AuditRecord, is_first: bool| format!("{}{}", if is_first { "" } else { ",\n" }, in_json(record));
        if writer.write("[").await.is_ok() && pour(&store, &wanted, &writer, line).await {
            let _ = writer.write("]\n").await;
        }
    };
    Ok(file(stream(work), "application/json", "attachment; filename=\"audit.json\""))
}

/// Nothing is handed out before it is written down who takes it. A filter that makes no sense would hand out more than was
/// asked for.
async fn admit(app: &App, visit: &Visit, session: &Session, filter: Filter) -> Result<(Store, AuditFilter), Fault> {
    if !filter.ignored.is_empty() {
        return Err(Fault::Unreadable);
    }
    match app.actions().note_export(&session.0, &filter.query().on(""), &visit.origin()).await {
        Ok(()) => Ok((app.actions().store().clone(), filter.wanted)),
        Err(ActError::Forbidden) => Err(Fault::Forbidden),
        Err(ActError::Store(error)) => Err(error.into()),
    }
}

/// Writes every record that fits; false when it couldn't.
async fn pour(
    store: &Store,
    wanted: &AuditFilter,
    writer: &Writer,
    line: impl Fn(&AuditRecord, bool) -> String + Send,
) -> bool {
    let (mut below, mut is_first) = (None, true);
    loop {
        let records = match store.list_audit(wanted, below, PIECE).await {
            Ok(records) => records,
            Err(error) => {
                tracing::warn!(%error, "an export of the audit log broke off");
                writer.break_off().await;
                return false;
            }
        };
        let Some(last) = records.last() else { return true };
        below = Some(last.id);
        let mut piece = String::new();
        for record in &records {
            piece.push_str(&line(record, is_first));
            is_first = false;
        }
        if writer.write(piece).await == Err(Gone) {
            return false;
        }
    }
}

fn line_of_csv(record: &AuditRecord) -> String {
    let (id, at) = (record.id.to_string(), instant::print(record.at));
    let (before, after) = record.change.as_ref().map_or(("", ""), |(before, after)| (before, after));
    csv::line([
        &*id,
        &at,
        &record.who,
        record.address.as_deref().unwrap_or_default(),
        &record.strength,
        &record.verb,
        &record.subject,
        &record.detail,
        before,
        after,
        result(record),
    ])
}

fn in_json(record: &AuditRecord) -> String {
    json!({ "record": record.id, "time": instant::print(record.at), "who": record.who, "address": record.address,
            "strength": record.strength, "verb": record.verb, "subject": record.subject, "detail": record.detail,
            "before": record.change.as_ref().map(|(before, _)| before),
            "after": record.change.as_ref().map(|(_, after)| after), "result": result(record) })
    .to_string()
}

const fn result(record: &AuditRecord) -> &'static str {
    if record.is_refused { "refused" } else { "done" }
}

fn file(mut response: Response, media_type: &'static str, disposition: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}
