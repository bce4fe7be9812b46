//! The record as a file, in any length: a thousand rows at a time, so that neither memory nor the database is held.

use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::Response,
};

use super::Filter;
use crate::{
    firewall::{blocked::BlockedId, record::Record},
    store::{BlockedFilter, Store},
    web::{
        kit::{App, Fault, Gone, Writer, csv, stream},
        pages::rules::Pairs,
    },
};

/// Rows of one piece.
const PIECE: u32 = 1000;

const COLUMNS: &str =
    "first,last,packets,source,source_port,destination,to,interface_in,interface_out,line,revision,action\r\n";

fn line_of_csv(record: &Record) -> String {
    let (packets, revision) = (record.packets.to_string(), record.revision.to_string());
    let source_port = record.source_port.map(|port| port.to_string()).unwrap_or_default();
    let cells = [
        record.first.as_str(),
        &record.last,
        &packets,
        &record.source,
        &source_port,
        record.destination.as_deref().unwrap_or_default(),
        &record.to,
        record.interface_in.as_deref().unwrap_or_default(),
        record.interface_out.as_deref().unwrap_or_default(),
        &record.line,
        &revision,
        record.action,
    ];
    csv::line(cells)
}

pub(super) async fn csv(State(app): State<App>, Query(pairs): Pairs) -> Result<Response, Fault> {
    let (store, wanted) = parts(&app, &pairs);
    let work = async move |writer: Writer| {
        if writer.write(COLUMNS).await.is_ok() {
            pour(&store, &wanted, &writer, |record, _| line_of_csv(record)).await;
        }
    };
    Ok(file(stream(work), "text/csv; charset=utf-8", "attachment; filename=\"blocked.csv\""))
}

pub(super) async fn json(State(app): State<App>, Query(pairs): Pairs) -> Result<Response, Fault> {
    let (store, wanted) = parts(&app, &pairs);
    let work = async move |writer: Writer| {
        let line = |record: &Record, is_first: bool| {
            let text = serde_json::to_string(record).expect("numbers and texts become JSON");
            format!("{}{text}", if is_first { "" } else { ",\n" })
        };
        if writer.write("[").await.is_ok() && pour(&store, &wanted, &writer, line).await {
            let _ = writer.write("]\n").await;
        }
    };
    Ok(file(stream(work), "application/json", "attachment; filename=\"blocked.json\""))
}

fn parts(app: &App, pairs: &[(String, String)]) -> (Store, BlockedFilter) {
    (app.actions().store().clone(), Filter::from_pairs(pairs).wanted(app.actions().now()))
}

/// Writes every row that fits; false when it couldn't.
async fn pour(
    store: &Store,
    wanted: &BlockedFilter,
    writer: &Writer,
    line: impl Fn(&Record, bool) -> String + Send,
) -> bool {
    let (mut before, mut is_first) = (None, true);
    loop {
        let page = match store.list_blocked(wanted, before, PIECE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(%error, "an export of the record broke off");
                writer.break_off().await;
                return false;
            }
        };
        let mut piece = String::new();
        for row in &page.rows {
            piece.push_str(&line(&row.into(), is_first));
            is_first = false;
        }
        if !piece.is_empty() && writer.write(piece).await == Err(Gone) {
            return false;
        }
        // Without a next place the record is over.
        let Some(BlockedId(next)) = page.next else { return true };
        before = Some(BlockedId(next));
    }
}

fn file(mut response: Response, media_type: &'static str, disposition: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    response
}
