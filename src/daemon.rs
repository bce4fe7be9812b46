//! Wires the tasks of `portreeve serve` together and shuts them down.

mod announcement;
mod collect;
mod confine;
mod connections;
mod geography;
mod identity;
mod metrics_token;
mod packages;
mod ready;
mod settings;
mod setup_link;
mod tasks;

use std::{
    fs::DirBuilder,
    io,
    net::{SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use crate::web::server::CertificateFiles;
pub use announcement::Announcement;
use anyhow::Context;
use collect::Collector;
use confine::Reach;
use connections::Connections;
pub use identity::days_left;
use settings::Reload;
pub use settings::{Settings, Source};
pub use setup_link::SetupLink;
use tasks::Panel;
use tokio::sync::watch;

use crate::{
    actions::{Actions, Clock, HelperSocket},
    host,
    store::Store,
    web::{
        self,
        kit::{App, Names},
        server::{self, Seats, Server, Subject},
    },
};

/// A panel of one server has little to do at once; more threads would only hold memory.
const THREADS: usize = 2;
const BLOCKING_THREADS: usize = 8;

/// What `portreeve serve` was told.
#[derive(Debug)]
pub struct Options {
    /// What the administrator chose.
    pub settings: Settings,
    /// Where that is read again at SIGHUP.
    pub source: Source,
    /// The directory of everything the panel keeps; made if it isn't there.
    pub state_dir: PathBuf,
    /// The socket of the helper. It need not answer yet.
    pub helper_socket: PathBuf,
}

/// Runs the panel until SIGTERM or SIGINT. `announce` is called once, when connections are accepted.
///
/// # Errors
/// When it is started as root, can't confine itself, or lacks its port, its state directory or its certificate.
pub fn run(options: Options, announce: impl FnOnce(&Announcement)) -> anyhow::Result<()> {
    confine::refuse_root()?;
    make_private(&options.state_dir)
        .with_context(|| format!("the state directory {} can't be made", options.state_dir.display()))?;
    let subject = subject(&options)?;
    let listeners = options.settings.listen.iter().map(|address| open(*address)).collect::<anyhow::Result<Vec<_>>>()?;
    let connections = Connections::open();
    confine::confine(&Reach { state_dir: &options.state_dir, readable: &readable_dirs(&options) })?;
    // The runtime comes after the confinement, so that its threads inherit it.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()?
        .block_on(serve(options, subject, Opened { listeners, connections }, announce))
}

/// What can't be opened any more once the panel is confined.
struct Opened {
    listeners: Vec<TcpListener>,
    connections: Connections,
}

async fn serve(
    options: Options,
    subject: Subject,
    opened: Opened,
    announce: impl FnOnce(&Announcement),
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let store = Store::open(&options.state_dir).await?;
    let identity = Arc::new(identity::load(&options, &subject, clock.now())?);
    let actions = Actions::new(store, HelperSocket::new(&options.helper_socket), clock);
    let names = Names::new(options.settings.names.iter().chain(&subject.names).cloned(), Arc::clone(&identity));
    let host = subject.names.first().cloned().unwrap_or_default();
    let seats = Seats::knowing(actions.known_addresses().await?);
    let app = App::new(actions.clone(), names.clone(), seats.clone(), host);
    if let Some(path) = &options.settings.metrics_token {
        app.metrics_key().set(Some(&metrics_token::read(path)?));
    }
    let (stop, stopped) = watch::channel(false);
    let (router, commits) = (web::router(app.clone()), actions.commits());
    let server = Server::new(router, names.clone(), seats, Arc::clone(&identity), commits, stopped)?;

    let bound = opened.listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>()?;
    let announcement = Announcement::new(&bound, &subject, identity.fingerprint());
    let link = SetupLink::issue(&actions, &options.state_dir, announcement.first_link()).await?;
    let collector = Collector::new(actions.clone());
    let link_file = SetupLink::path(&options.state_dir);
    let (chosen, mut host_names) = (&options.settings.names, subject.names);
    host_names.retain(|name| !chosen.contains(name));
    let reload = Reload {
        source: options.source,
        state_dir: options.state_dir.clone(),
        listen: options.settings.listen,
        host_names,
        names,
        identity: Arc::clone(&identity),
        app: app.clone(),
    };
    let panel = Panel { app, actions, collector, identity, reload, link_file, state_dir: options.state_dir };
    let running = panel.start(&server, opened)?;
    announce(&announcement.with_setup_link(link));
    ready::tell().context("systemd can't be told that the panel is ready")?;
    running.until_told_to_stop(&stop).await
}

fn make_private(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn open(address: SocketAddr) -> anyhow::Result<TcpListener> {
    server::open(address).with_context(|| {
        format!("{address} can't be opened; another program may have the port, which `ss -ltnp` shows")
    })
}

fn subject(options: &Options) -> anyhow::Result<Subject> {
    let short = host::short_name();
    let mut names = options.settings.names.clone();
    names.extend(host::full_name(&short));
    names.extend([short, "localhost".to_owned()]);
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let addresses = host::addresses().context("the addresses of this host can't be read")?;
    Ok(Subject { names, addresses })
}

/// What is read besides the panel's own: the settings, what they name, which packages are installed, and who is signed in.
fn readable_dirs(options: &Options) -> Vec<PathBuf> {
    let of_the_host = [host::packages::DPKG, host::logins::SESSIONS].map(PathBuf::from);
    let others = of_the_host.into_iter().chain([options.source.dir.clone()]).filter(|dir| dir.exists());
    options.settings.dirs().chain(others).collect()
}
