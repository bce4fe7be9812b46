//! THE ONLY SQL: one file per group of tables.
//!
//! Neighbours: uses `firewall` and `detect` for its values; `actions` writes through it, `web` and `cli` read.
//!
//! Invariant: a write transaction opens only with an actor, and its commit writes the audit row. What isn't an act
//! (noting that a session was used, forgetting what has expired) goes through `Upkeep`, which can do nothing else.
//! Statements are literals, so `tests/store/statements.rs` can prepare each of them on a migrated database.

mod accepted_drift;
mod actor;
mod address_note;
mod audit;
mod audit_chain;
mod audit_query;
mod blocked;
mod blocked_books;
mod blocked_prune;
mod blocked_query;
mod blocked_sums;
mod closure;
mod draft;
mod error;
mod files;
mod known_address;
mod line_hit;
mod live_session;
mod maintenance;
mod open;
mod own_sessions;
mod port_use;
mod retention;
mod revision;
mod ruleset_text;
mod saved_filter;
mod second_factor;
mod seen_listener;
mod session;
mod setting;
mod setup_token;
mod transaction;
mod upkeep;
mod user;

pub use crate::firewall::AddressPrefix;
pub use accepted_drift::{AcceptedDrift, hash_of};
pub use actor::{Actor, Strength};
pub use address_note::AddressNote;
pub use audit::{Entry, Outcome, Verb};
pub use audit_chain::{AuditHead, AuditReport, Broken, verify_audit};
pub use audit_query::{AuditFilter, AuditRecord};
pub use blocked_books::Account;
pub use blocked_query::{
    Bar, BlockedFilter, BlockedPage, DoorSums, NetworkSum, PortBar, PortSum, ScanCell, SourceSum, SourceSums, Treatment,
};
pub use closure::{ClosedPort, ClosedUnit, Closure, ClosureId, ClosureState, NewClosure};
pub use draft::Draft;
pub use error::Error;
pub use files::{DATABASE_FILE, Owner, owner_of};
pub use line_hit::LineHit;
pub use live_session::LiveSession;
pub use maintenance::{back_up, check};
pub use open::Store;
pub use own_sessions::OwnSession;
pub use retention::{Retention, RetentionProblem, Stored};
pub use revision::{Ending, NewRevision, Revision};
pub use saved_filter::SavedFilter;
pub use second_factor::{FactorSecret, SecondFactor};
pub use session::{Session, SessionId, SessionStart, TokenHash};
pub use transaction::WriteTx;
pub use upkeep::Upkeep;
pub use user::{Credentials, NameProblem, NewUser, PasswordHash, Person, Role, Theme, User, UserId, UserName};
