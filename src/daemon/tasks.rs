//! What runs beside the pages, and how all of it ends.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{interval, sleep, timeout},
};

use super::{Opened, collect::Collector, geography, packages, settings::Reload, setup_link};
use crate::{
    actions::Actions,
    firewall::Moment,
    web::{
        kit::App,
        server::{Identity, Server, limits},
    },
};

/// How fresh the list of ports is kept while somebody looks at it, and while nobody does.
const WATCHED: Duration = Duration::from_secs(5);
const UNWATCHED: Duration = Duration::from_mins(1);

/// How old what is known of other programs' tables may be while somebody looks.
const FOREIGN: Duration = Duration::from_secs(10);

/// How old what is known of the units behind the ports may be, while somebody looks and while nobody does.
const UNITS: Duration = Duration::from_secs(15);
const UNITS_UNWATCHED: Duration = Duration::from_mins(10);

/// How often the helper is asked what it enforces, while a revision waits for its confirmation and while none does.
const PENDING: Duration = Duration::from_secs(1);
const SETTLED: Duration = Duration::from_secs(10);

/// How often the host's place in its networks is read, and our table compared with what it should be.
const SURROUNDINGS: Duration = Duration::from_mins(1);

/// How often the certificate's files are looked at.
const CERTIFICATE: Duration = Duration::from_secs(5);

/// How often what is over is forgotten.
const FORGET: Duration = Duration::from_mins(1);

/// The kernel's counters are read at the end of each minute, so that its rows can be compared with them.
const MINUTE: i64 = 60_000;

/// Between two steps of forgetting.
const BREATH: Duration = Duration::from_millis(200);

/// How often acts on ports that were cut off are looked for.
const SETTLE: Duration = Duration::from_mins(1);

/// How often it is written down who used the ports.
const WRITE_USAGE: Duration = Duration::from_mins(1);

/// How often the chain through the audit log is walked.
const VERIFY_AUDIT: Duration = Duration::from_hours(1);

/// What is left of the two seconds a stop may take, after the connections had their time.
const LAST_WRITES: Duration = Duration::from_millis(400);

/// The parts that the tasks work on.
pub(super) struct Panel {
    pub(super) app: App,
    pub(super) actions: Actions,
    pub(super) collector: Collector,
    pub(super) identity: Arc<Identity>,
    pub(super) reload: Reload,
    pub(super) link_file: PathBuf,
    pub(super) state_dir: PathBuf,
}

/// The tasks at work.
pub(super) struct Running {
    servers: JoinSet<()>,
    chores: Vec<JoinHandle<()>>,
    panel: Arc<Panel>,
    end: [Signal; 2],
    reload: Signal,
}

impl Panel {
    pub(super) fn start(self, server: &Server, opened: Opened) -> anyhow::Result<Running> {
        let end = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        let reload = signal(SignalKind::hangup())?;
        let mut servers = JoinSet::new();
        for listener in opened.listeners {
            servers.spawn(server.clone().serve(tokio::net::TcpListener::from_std(listener)?));
        }
        opened.connections.watch(self.actions.clone(), self.app.clone())?;
        let panel = Arc::new(self);
        let chores = vec![
            tokio::spawn(Arc::clone(&panel).refresh_listeners()),
            tokio::spawn(Arc::clone(&panel).refresh_firewall()),
            tokio::spawn(Arc::clone(&panel).refresh_surroundings()),
            tokio::spawn(Arc::clone(&panel).watch_certificate()),
            tokio::spawn(Arc::clone(&panel).forget()),
            tokio::spawn(Arc::clone(&panel).count()),
            tokio::spawn(Arc::clone(&panel).settle_closures()),
            tokio::spawn(Arc::clone(&panel).read_receipts()),
            tokio::spawn(Arc::clone(&panel).store_blocked()),
            tokio::spawn(Arc::clone(&panel).forget_blocked()),
            tokio::spawn(Arc::clone(&panel).write_usage()),
            tokio::spawn(Arc::clone(&panel).verify_audit()),
            tokio::spawn(packages::watch(panel.actions.clone())),
            tokio::spawn(geography::watch(panel.actions.clone(), panel.state_dir.clone())),
            tokio::spawn(Arc::clone(&panel).remove_used_link()),
        ];
        Ok(Running { servers, chores, panel, end, reload })
    }

    /// The first look after a while wakes the refreshing up at once.
    async fn refresh_listeners(self: Arc<Self>) {
        loop {
            self.actions.refresh_listeners().await;
            let is_watched = self.app.is_watched();
            self.actions.refresh_exposures(if is_watched { FOREIGN } else { UNWATCHED }).await;
            self.actions.refresh_units(if is_watched { UNITS } else { UNITS_UNWATCHED }).await;
            let rest = if is_watched { WATCHED } else { UNWATCHED };
            let woken = async { if is_watched { std::future::pending().await } else { self.app.looked().await } };
            let _ = timeout(rest, woken).await;
        }
    }

    async fn refresh_firewall(self: Arc<Self>) {
        loop {
            self.actions.refresh_firewall().await;
            let is_pending = self.actions.firewall().pending().is_some();
            sleep(if is_pending { PENDING } else { SETTLED }).await;
        }
    }

    async fn refresh_surroundings(self: Arc<Self>) {
        let mut ticks = interval(SURROUNDINGS);
        loop {
            ticks.tick().await;
            self.actions.refresh_surroundings().await;
        }
    }

    async fn watch_certificate(self: Arc<Self>) {
        let mut ticks = interval(CERTIFICATE);
        loop {
            ticks.tick().await;
            match self.identity.reload_if_changed() {
                Ok(false) => {}
                Ok(true) => {
                    let fingerprint = self.identity.fingerprint();
                    tracing::info!(fingerprint, "new connections get the changed certificate");
                }
                Err(error) => tracing::error!(%error, "the changed certificate is not used; the one before stays"),
            }
        }
    }

    async fn forget(self: Arc<Self>) {
        let mut ticks = interval(FORGET);
        loop {
            ticks.tick().await;
            if let Err(error) = self.actions.forget_expired().await {
                tracing::warn!(%error, "what has expired could not be forgotten");
            }
        }
    }

    /// What each line decided, and whether rows tell of it. A helper that is down has nothing to tell.
    async fn count(self: Arc<Self>) {
        loop {
            let minute = (self.actions.now().as_millis() - 1).div_euclid(MINUTE);
            match self.actions.refresh_line_hits().await {
                Ok(counts) => self.collector.balance(minute, counts).await,
                Err(error) => tracing::warn!(%error, "what the lines decided could not be noted"),
            }
            sleep(until_next_minute(self.actions.now())).await;
        }
    }

    async fn read_receipts(self: Arc<Self>) {
        self.collector.read().await;
    }

    async fn store_blocked(self: Arc<Self>) {
        self.collector.store().await;
    }

    /// Little by little, so that nobody who reads or writes waits for it.
    async fn forget_blocked(self: Arc<Self>) {
        let mut ticks = interval(FORGET);
        loop {
            ticks.tick().await;
            loop {
                match self.actions.forget_blocked().await {
                    Ok(true) => sleep(BREATH).await,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(%error, "what is old could not be forgotten");
                        break;
                    }
                }
            }
        }
    }

    /// What a panel that died left half done is looked at when the next one starts; the rest is for its own cut-off acts.
    async fn settle_closures(self: Arc<Self>) {
        let mut ticks = interval(SETTLE);
        loop {
            ticks.tick().await;
            if let Err(error) = self.actions.settle_closures().await {
                tracing::warn!(%error, "how far an act got that was cut off could not be written down");
            }
        }
    }

    /// Who used the ports. The first time comes soon, so that what is known from before is there.
    async fn write_usage(self: Arc<Self>) {
        let mut ticks = interval(WRITE_USAGE);
        loop {
            ticks.tick().await;
            if let Err(error) = self.actions.write_usage().await {
                tracing::warn!(%error, "who used the ports could not be written down");
            }
        }
    }

    async fn verify_audit(self: Arc<Self>) {
        let mut ticks = interval(VERIFY_AUDIT);
        loop {
            ticks.tick().await;
            if let Err(error) = self.actions.verify_audit().await {
                tracing::warn!(%error, "whether the audit log is whole could not be found out");
            }
        }
    }

    async fn remove_used_link(self: Arc<Self>) {
        self.app.first_account().notified().await;
        setup_link::remove(&self.link_file);
    }
}

/// A clock that was set meanwhile makes no wait longer than a minute.
fn until_next_minute(now: Moment) -> Duration {
    let past = now.as_millis().rem_euclid(MINUTE);
    Duration::from_millis((MINUTE - past).unsigned_abs())
}

impl Running {
    /// Waits for SIGTERM or SIGINT, reading the settings again at each SIGHUP, then ends within two seconds.
    pub(super) async fn until_told_to_stop(mut self, stop: &watch::Sender<bool>) -> anyhow::Result<()> {
        let [terminate, interrupt] = &mut self.end;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = self.reload.recv() => self.panel.reload.run(),
                Some(ended) = self.servers.join_next() => ended?,
            }
        }
        tracing::info!("stopping");
        self.panel.app.end_live_pages();
        stop.send_replace(true);
        self.chores.iter().for_each(JoinHandle::abort);
        let _ = timeout(LAST_WRITES, self.panel.collector.store_now()).await;
        let _ = timeout(limits::FAREWELL, async { while self.servers.join_next().await.is_some() {} }).await;
        let _ = timeout(LAST_WRITES, self.panel.actions.store().close()).await;
        Ok(())
    }
}
