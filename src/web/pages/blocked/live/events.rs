//! The events: what is stored from now on, and for a reader that comes back what was stored meanwhile.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Serialize;
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        broadcast::{Receiver, error::RecvError},
    },
    time::{interval, sleep},
};

use super::{
    Filter,
    event::{Rows, event},
};
use crate::{
    actions::{Actions, SignedIn},
    firewall::blocked::{Blocked, BlockedId},
    store::{self, BlockedFilter},
    web::{
        kit::{App, Fault, Gone, Session, Writer, stream},
        pages::rules::Pairs,
    },
};

/// Rows that a reader who comes back gets at once; more are a gap.
const MISSED: u32 = 200;

/// How often it is looked whether the session lives, and the connection is kept from falling asleep.
const BEAT: Duration = Duration::from_secs(10);

/// Nothing is gained by more than two events in a second.
const BREATH: Duration = Duration::from_millis(400);

/// Rows are stored a moment after their packets came, so a row may be older than the last one that was sent.
const OVERLAP_SECONDS: i64 = 3;

/// A piece of the time that nobody told of.
#[derive(Debug, Serialize)]
struct Gap {
    /// How many rows at least; none where nobody counted.
    rows: Option<usize>,
    words: String,
}

pub(in crate::web::pages::blocked) async fn events(
    State(app): State<App>,
    Session(signed_in): Session,
    headers: HeaderMap,
    Query(pairs): Pairs,
) -> Result<Response, Fault> {
    // Only a script asks like this; anybody else would wait for ever.
    let is_asked = headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/event-stream"));
    if !is_asked {
        return Err(Fault::NotFound);
    }
    let seat = app.live_seat().ok_or(Fault::Busy)?;
    let wanted = Filter::from_pairs(&pairs).live().wanted(app.actions().now());
    let after = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).or_else(|| {
        let asked = pairs.iter().find(|(name, _)| name == "after");
        asked.and_then(|(_, id)| id.parse().ok())
    });
    let feed = app.actions().blocked_feed();
    let telling = Telling { actions: app.actions().clone(), app, signed_in, wanted, _seat: seat };
    let mut response = stream(async move |writer| telling.tell(&writer, feed, after.map(BlockedId)).await);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

/// One reader.
struct Telling {
    actions: Actions,
    app: App,
    signed_in: SignedIn,
    wanted: BlockedFilter,
    _seat: OwnedSemaphorePermit,
}

impl Telling {
    /// Tells until the reader has gone or his session is over.
    async fn tell(&self, writer: &Writer, mut feed: Receiver<Arc<[Blocked]>>, after: Option<BlockedId>) {
        let begun = writer.write("retry: 2000\n\n").await;
        let mut told = if begun.is_ok() { self.tell_missed(writer, after).await } else { begun };
        let mut beat = interval(BEAT);
        while told.is_ok() {
            told = tokio::select! {
                batch = feed.recv() => self.tell_batch(writer, batch).await,
                _ = beat.tick() => self.keep_alive(writer).await,
                () = writer.gone() => Err(Gone),
                () = self.app.live_pages_end() => Err(Gone),
            };
        }
    }

    /// What was stored since a reader left. What he can't get any more is told as a gap.
    async fn tell_missed(&self, writer: &Writer, after: Option<BlockedId>) -> Result<(), Gone> {
        let Some(after) = after.filter(|after| after.0 > 0) else { return Ok(()) };
        let since = BlockedId::first_of(after.moment().plus_seconds(-OVERLAP_SECONDS));
        let missed: Result<Vec<Blocked>, store::Error> =
            self.actions.store().list_blocked(&self.since(since), None, MISSED).await.map(|page| page.rows);
        let Ok(mut missed) = missed else { return self.tell_gap(writer, None).await };
        if missed.len() >= usize::try_from(MISSED).unwrap_or(usize::MAX) {
            self.tell_gap(writer, Some(missed.len())).await?;
        }
        missed.reverse();
        self.tell_rows(writer, &missed).await
    }

    fn since(&self, since: BlockedId) -> BlockedFilter {
        BlockedFilter { from: since.moment(), until: self.actions.now().plus_seconds(60), ..self.wanted.clone() }
    }

    async fn tell_batch(&self, writer: &Writer, batch: Result<Arc<[Blocked]>, RecvError>) -> Result<(), Gone> {
        match batch {
            Ok(rows) => {
                self.tell_rows(writer, &rows).await?;
                sleep(BREATH).await;
                Ok(())
            }
            Err(RecvError::Lagged(_)) => self.tell_gap(writer, None).await,
            Err(RecvError::Closed) => Err(Gone),
        }
    }

    async fn tell_rows(&self, writer: &Writer, rows: &[Blocked]) -> Result<(), Gone> {
        let fitting: Vec<&Blocked> = rows.iter().filter(|row| self.wanted.fits(row)).collect();
        let Some(newest) = fitting.iter().map(|row| row.id.0).max() else { return Ok(()) };
        writer.write(event("rows", Some(newest), &Rows::new(&fitting, self.actions.now()))).await
    }

    async fn tell_gap(&self, writer: &Writer, rows: Option<usize>) -> Result<(), Gone> {
        let words = match rows {
            Some(rows) => format!("More than {rows} rows came while this page was away. Blocked shows all of them."),
            None => "Some rows came too fast to be shown here. Blocked shows all of them.".to_owned(),
        };
        writer.write(event("gap", None, &Gap { rows, words })).await
    }

    /// A comment, which readers skip. A session that ended ends the events; a database that can't tell doesn't.
    async fn keep_alive(&self, writer: &Writer) -> Result<(), Gone> {
        let sessions = self.actions.list_sessions(&self.signed_in).await;
        let is_over = sessions.is_ok_and(|sessions| !sessions.iter().any(|one| self.signed_in.is_by(one.id)));
        if is_over {
            writer.write(event("over", None, &"Your session has ended.")).await?;
            return Err(Gone);
        }
        writer.write(": still here\n\n").await
    }
}
