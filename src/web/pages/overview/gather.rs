//! Brings together what the panel knows.

use std::sync::Arc;

use super::{Ending, Glance, Knocked, Trend, sessions::Seat};
use crate::{
    actions::{Collecting, FirewallView},
    firewall::{Moment, Ruleset, enforcement::Ban, usage::ListenerNews},
    store::{BlockedFilter, Error, Revision, Store},
    web::{
        kit::{App, Fault, Session},
        pages::ports::{Census, Snapshot},
    },
};

const DAY: i64 = 86_400;

/// From how far before its end on a certificate is worth a word, in days.
const NOTICE: [i64; 6] = [0, 1, 3, 7, 14, 30];

/// Everything that the page is made of.
pub(super) struct Facts {
    pub now: Moment,
    firewall: FirewallView,
    revision: Option<Revision>,
    census: Census,
    news: ListenerNews,
    collecting: Collecting,
    knocked: Knocked,
    bans: Vec<Ban>,
    in_force: Option<Arc<Ruleset>>,
    seats: Vec<Seat>,
    sees_everybody: bool,
    certificate: Option<Ending>,
}

impl Facts {
    pub async fn gather(app: &App, session: &Session) -> Result<Self, Fault> {
        let (actions, now) = (app.actions(), app.actions().now());
        let (firewall, store) = (actions.firewall(), actions.store());
        let revision = async {
            match firewall.confirmed() {
                Some(number) => store.find_revision(number).await,
                None => Ok(None),
            }
        };
        let (revision, news, knocked, live, own) = tokio::try_join!(
            revision,
            actions.unseen_listeners(&session.0),
            knocked(store, now),
            actions.live_sessions(&session.0),
            actions.list_sessions(&session.0),
        )?;
        let sees_everybody = live.is_some();
        Ok(Self {
            revision,
            census: census(app, now),
            news,
            collecting: actions.collecting(),
            knocked,
            bans: actions.listed_bans().left(now).collect(),
            in_force: actions.ruleset_in_force(),
            seats: Seat::all(live, &own, session),
            sees_everybody,
            certificate: ending(app, now),
            firewall,
            now,
        })
    }

    pub fn glance(&self) -> Glance<'_> {
        Glance {
            firewall: &self.firewall,
            revision: self.revision.as_ref(),
            census: &self.census,
            news: &self.news,
            collecting: &self.collecting,
            knocked: &self.knocked,
            bans: &self.bans,
            in_force: self.in_force.as_deref(),
            seats: &self.seats,
            sees_everybody: self.sees_everybody,
            certificate: self.certificate,
        }
    }
}

/// What was turned away in a day, and how much that was a week ago.
async fn knocked(store: &Store, now: Moment) -> Result<Knocked, Error> {
    let end = Moment::from_millis((now.as_millis().div_euclid(1000) + 1) * 1000);
    let day = |days: i64| BlockedFilter::between(end.plus_seconds(-(days + 1) * DAY), end.plus_seconds(-days * DAY));
    let (today, week_ago) = (day(0), day(7));
    let (bars, doors, sources, before, since) = tokio::try_join!(
        store.draw_blocked(&today),
        store.sum_blocked_doors(&today),
        store.sum_blocked_sources(&today),
        store.draw_blocked(&week_ago),
        store.blocked_since(),
    )?;
    let trend = Trend::of(&bars, &before, since, week_ago.from);
    Ok(Knocked { bars, doors, sources, trend })
}

fn census(app: &App, now: Moment) -> Census {
    let (actions, listeners) = (app.actions(), app.listeners());
    let exposures = actions.exposures();
    let snapshot = Snapshot {
        listeners: &listeners.listing.listeners,
        taken_at: listeners.taken_at,
        exposures: Some(&exposures),
        ..Snapshot::default()
    };
    Census::new(&snapshot, now)
}

fn ending(app: &App, now: Moment) -> Option<Ending> {
    let is_over_in = |days: &i64| app.is_certificate_over(now.plus_seconds(days * DAY));
    // It ends within the last number or not at all, so that most looks end with one question.
    is_over_in(&NOTICE[NOTICE.len() - 1]).then(|| NOTICE.into_iter().find(is_over_in)).flatten().map(Ending::within)
}
