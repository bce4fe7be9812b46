//! EVERY STATE CHANGE, one file per verb, whoever asks for it: a page, the command line or a timer.
//!
//! Neighbours: uses `store`, `boundary`, `firewall` and `detect`; `web`, `cli` and `daemon` call it.
//!
//! Invariant: rights are checked here, not only in pages, and each change writes its audit row in the transaction that
//! makes it. Time comes from the `Clock` handed in and randomness from `random`, from nowhere else.

mod accept_invitation;
mod apply;
mod at_once;
mod audit_log;
mod author;
mod bans;
mod change_password;
mod change_user;
mod clock;
mod close;
mod close_admission;
mod close_plan;
mod close_rules;
mod closures;
mod codes;
mod collect;
mod confirm;
mod console_acts;
mod create_first_account;
mod delays;
mod doors;
mod draft;
mod drift;
mod end_other_sessions;
mod end_session;
mod end_sessions_of;
mod exposures;
mod extend;
mod firewall;
mod forget_expired;
mod geography;
mod hashing;
mod helper_socket;
mod invite;
mod issue_setup_token;
mod lane;
mod limit_port;
mod line_hits;
mod note_address;
mod note_blocked;
mod open_port;
mod own_sessions;
mod password;
mod people;
mod put_back;
mod quick;
mod random;
mod reached_now;
mod recovery;
mod refresh_listeners;
mod refusals;
mod refused_acts;
mod require_factor;
mod reset_password;
mod review;
mod right;
mod roll_back;
mod saved_filters;
mod second_factor;
mod session;
mod set_retention;
mod set_theme;
mod sign_in;
mod sign_in_code;
mod sign_out;
mod step_up;
mod throttle;
mod token;
mod totp;
mod turn_off;
mod undo;
mod units;
mod usage;
mod wish;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

pub use accept_invitation::InvitationError;
pub use apply::{Applied, Apply, ApplyError};
pub use audit_log::AuditVerdict;
pub use bans::BansView;
pub use change_password::ChangePasswordError;
pub use change_user::UserChange;
pub use clock::Clock;
pub use close::{CloseError, ClosePort, Closed, RulesDone};
pub use close_plan::{ClosePlan, LevelPlan, UnitPlan};
pub use collect::Collecting;
pub use confirm::{ConfirmError, Proof};
pub use console_acts::Console;
pub use create_first_account::{FirstAccount, FirstAccountError};
pub use draft::{DraftError, DraftView, EditError};
pub use drift::DriftView;
pub use exposures::{Exposures, Turned};
pub use firewall::FirewallView;
pub use helper_socket::{HelperFault, HelperSocket};
pub use invite::Invitation;
pub use limit_port::LimitPort;
pub use note_address::NoteAddressError;
pub use open_port::OpenPort;
pub use password::PasswordProblem;
pub use people::PeopleError;
pub use quick::{Lift, Quick, QuickDone, QuickError};
pub use reached_now::reached_now;
pub use recovery::RecoveryCodes;
pub use refresh_listeners::ListenersView;
pub use reset_password::ResetPasswordError;
pub use review::{Review, commands};
pub use right::{ActError, Right};
pub use saved_filters::SaveFilterError;
pub use second_factor::{FactorError, FactorView};
pub use session::{NewSession, SignedIn};
pub use sign_in::{SignInAttempt, SignInError};
pub use sign_in_code::CodeError;
pub use token::Token as SessionToken;
pub use undo::{UndoError, Undone};
pub use units::Units;

pub use crate::firewall::closing::CloseLevel;

use crate::{firewall::Moment, store::Store};

/// What everyone who changes something calls. Clones share all state.
#[derive(Debug, Clone)]
pub struct Actions {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    hashing: hashing::Hashing,
    throttle: Mutex<throttle::Throttle>,
    codes: codes::Codes,
    tickets: sign_in_code::Tickets,
    refusals: Mutex<refusals::Refusals>,
    refused_acts: refused_acts::RefusedActs,
    listeners: refresh_listeners::Listeners,
    firewall: firewall::Firewall,
    /// Held while ports are closed or that is taken back.
    closing: tokio::sync::Mutex<()>,
    exposures: exposures::State,
    units: units::State,
    feed: note_blocked::Feed,
    audit: tokio::sync::watch::Sender<Option<AuditVerdict>>,
    collecting: tokio::sync::watch::Sender<Collecting>,
    usage: usage::Usage,
    geography: tokio::sync::watch::Sender<crate::firewall::whereabouts::Geography>,
}

/// From where somebody asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The other end of the connection.
    pub address: IpAddr,
    /// The browser's name for itself, cleaned and cut to a sensible length.
    pub browser: String,
}

impl Actions {
    /// Brings the parts together; opens and starts nothing.
    #[must_use]
    pub fn new(store: Store, helper: HelperSocket, clock: Clock) -> Self {
        let shared = Shared {
            store,
            clock,
            hashing: hashing::Hashing::default(),
            throttle: Mutex::default(),
            codes: codes::Codes::default(),
            tickets: sign_in_code::Tickets::default(),
            refusals: Mutex::default(),
            refused_acts: refused_acts::RefusedActs::default(),
            listeners: refresh_listeners::Listeners::new(helper.clone()),
            firewall: firewall::Firewall::new(helper),
            closing: tokio::sync::Mutex::default(),
            exposures: exposures::State::default(),
            units: units::State::default(),
            feed: note_blocked::Feed::default(),
            audit: tokio::sync::watch::Sender::default(),
            collecting: tokio::sync::watch::Sender::default(),
            usage: usage::Usage::default(),
            geography: tokio::sync::watch::Sender::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The database, for reads.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The time by the clock that was handed in.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.shared.clock.now()
    }
}
