//! A panel without a web: actions over a real database in a folder of its own.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use portreeve::{
    actions::{Actions, Clock, FirstAccount, HelperSocket, NewSession, Origin, SignInAttempt, SignInError},
    store::{Actor, DATABASE_FILE, Store},
};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// The name and password of the account that [`Panel::with_account`] makes.
pub const NAME: &str = "anna";
pub const PASSWORD: &str = "tin otter 9 lamps";

/// Where the account's user sits.
pub const HOME: &str = "192.0.2.10";

pub struct Panel {
    pub actions: Actions,
    pub state: TempDir,
    millis: Arc<AtomicI64>,
}

impl Panel {
    pub async fn new() -> Self {
        let state = tempfile::tempdir().expect("a folder");
        let millis = Arc::new(AtomicI64::new(1_800_000_000_000));
        let store = Store::open(state.path()).await.expect("a database");
        let helper = HelperSocket::new(&state.path().join("helper.sock"));
        let actions = Actions::new(store, helper, Clock::fixed(Arc::clone(&millis)));
        Self { actions, state, millis }
    }

    pub async fn with_account() -> (Self, NewSession) {
        let panel = Self::new().await;
        let token = panel.setup_token().await;
        let account = FirstAccount { setup_token: &token, name: NAME, password: PASSWORD };
        let session = panel.actions.create_first_account(account, &origin(HOME)).await.expect("the first account");
        (panel, session)
    }

    /// A panel over what is there already, with the account of [`NAME`].
    pub async fn over(actions: Actions) -> Self {
        let (state, millis) = (tempfile::tempdir().expect("a folder"), Arc::default());
        let panel = Self { actions, state, millis };
        let token = panel.setup_token().await;
        let account = FirstAccount { setup_token: &token, name: NAME, password: PASSWORD };
        panel.actions.create_first_account(account, &origin(HOME)).await.expect("the first account");
        panel
    }

    pub async fn setup_token(&self) -> String {
        self.actions.issue_setup_token(Actor::System).await.expect("a database").expect("there is no account yet")
    }

    pub fn pass(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub async fn sign_in(&self, name: &str, password: &str, address: &str) -> Result<NewSession, SignInError> {
        self.actions.sign_in(SignInAttempt { name, password }, &origin(address)).await
    }

    /// Fails once from `address` and says how.
    pub async fn fail(&self, name: &str, address: &str) -> SignInError {
        self.sign_in(name, "not the password", address).await.expect_err("that is not the password")
    }

    pub async fn connection(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.state.path().join(DATABASE_FILE));
        SqliteConnection::connect_with(&options).await.expect("a database")
    }

    /// Every audit row as `actor verb subject outcome detail`, oldest first. Their chain must hold.
    pub async fn audit(&self) -> Vec<String> {
        let report = self.actions.store().verify_audit().await.expect("a report");
        assert_eq!(report.broken, None);
        let rows = sqlx::query(
            "select actor_kind || ' ' || coalesce(actor_name, address, actor_id, '-') || ' ' || verb || ' ' || subject
                 || ' ' || outcome || ' ' || detail
             from audit order by id",
        );
        let rows = rows.fetch_all(&mut self.connection().await).await.expect("rows");
        rows.iter().map(|row| row.get::<String, _>(0).trim_end().to_owned()).collect()
    }
}

pub fn origin(address: &str) -> Origin {
    let address: IpAddr = address.parse().expect("an address");
    Origin { address, browser: "Firefox".to_owned() }
}
