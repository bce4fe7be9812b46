//! Where the panel's log goes: to systemd's journal with every field, or as text to standard error.

use std::{
    env,
    fmt::{Debug, Write as _},
    io::{self, IsTerminal},
    os::unix::net::UnixDatagram,
    path::Path,
};

use rustix::fs::fstat;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, layer::SubscriberExt as _, util::SubscriberInitExt as _};

const JOURNAL: &str = "/run/systemd/journal/socket";

/// What the names of our fields begin with.
const PREFIX: &str = "PORTREEVE_";

/// Begins. `RUST_LOG` chooses what is said, `info` unless it is set.
pub(super) fn begin() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    if let Some(journal) = Journal::open() {
        registry.with(journal).init();
    } else {
        let text = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time();
        registry.with(text.with_ansi(io::stderr().is_terminal())).init();
    }
}

/// The journal's own protocol (systemd's "Native Journal Protocol").
struct Journal(UnixDatagram);

impl Journal {
    /// Only where standard error leads to the journal anyway: systemd names that stream's device and inode.
    #[expect(clippy::disallowed_methods, reason = "systemd hands the stream over in the environment")]
    fn open() -> Option<Self> {
        let stream = env::var("JOURNAL_STREAM").ok()?;
        let own = fstat(io::stderr()).ok()?;
        let is_journal = stream == format!("{}:{}", own.st_dev, own.st_ino) && Path::new(JOURNAL).exists();
        UnixDatagram::unbound().ok().filter(|_| is_journal).map(Self)
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    /// An entry that the journal doesn't take is lost: there is nobody else to tell.
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let _ = self.0.send_to(&entry(event), JOURNAL);
    }
}

/// An event as the journal takes it. The message has the fields too, so that it can be read and searched alone.
fn entry(event: &Event<'_>) -> Vec<u8> {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut entry = Vec::new();
    put(&mut entry, "PRIORITY", priority(*event.metadata().level()));
    put(&mut entry, "SYSLOG_IDENTIFIER", "portreeve");
    put(&mut entry, "PORTREEVE_TARGET", event.metadata().target());
    put(&mut entry, "MESSAGE", &format!("{}{}", fields.message, fields.words));
    for (name, value) in &fields.values {
        put(&mut entry, name, value);
    }
    entry
}

/// The form with a length: no value can end its field and begin another.
fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
    entry.extend_from_slice(name.as_bytes());
    entry.push(b'\n');
    entry.extend_from_slice(&length.to_le_bytes());
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

/// As syslog numbers them.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        _ => "7",
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    words: String,
    values: Vec<(String, String)>,
}

impl Fields {
    fn note(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
            return;
        }
        let _ = write!(self.words, " {}={value}", field.name());
        let letters =
            field.name().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
        self.values.push((PREFIX.chars().chain(letters).collect(), value));
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    struct Kept(Arc<Mutex<Vec<Vec<u8>>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(entry(event));
        }
    }

    #[test]
    fn an_entry_has_every_field_and_a_message_that_can_be_read_alone() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Kept(Arc::clone(&kept)));
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(incident.id = "7f", error = "a\nPRIORITY=0", "a request failed");
        });
        let entry = String::from_utf8_lossy(&kept.lock().unwrap()[0]).into_owned();
        assert!(entry.starts_with("PRIORITY\n\u{1}\0\0\0\0\0\0\u{0}3\n"), "{entry:?}");
        assert!(entry.contains("a request failed incident.id=7f error=a\nPRIORITY=0\n"), "{entry:?}");
        assert!(entry.contains("PORTREEVE_INCIDENT_ID\n\u{2}\0\0\0\0\0\0\u{0}7f\n"), "{entry:?}");
        assert!(entry.contains("PORTREEVE_ERROR\n\u{c}\0\0\0\0\0\0\0a\nPRIORITY=0\n"), "{entry:?}");
    }
}
