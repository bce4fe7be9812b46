//! The subcommands that work on the database, run by root for a panel that is another user.

use std::{
    fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use portreeve::{
    actions::{Actions, Clock, FirstAccount, HelperSocket, Origin, SignInAttempt},
    store::{self, DATABASE_FILE, Store},
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// A user id nobody has.
const PANEL: u32 = 48_470;
const PASSWORD: &str = "tin otter 9 lamps";
const NEW: &str = "brass heron 4 kites";

/// A state directory that belongs to the panel's user.
struct State {
    parent: TempDir,
}

impl State {
    fn new() -> Self {
        let parent = tempfile::tempdir().expect("a folder");
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o711)).expect("our own folder");
        let state = Self { parent };
        fs::create_dir(state.path()).expect("a folder");
        chown(state.path(), Some(PANEL), Some(PANEL)).expect("we are root");
        state
    }

    fn path(&self) -> PathBuf {
        self.parent.path().join("state")
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        run(arguments, &self.path(), input, 0)
    }

    /// Runs a command that must succeed and gives what it printed.
    fn succeed(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs a command that must fail with code 1 and gives what it complained of.
    fn fail(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).expect("text")
    }

    fn assert_all_belongs_to_the_panel(&self) {
        for entry in fs::read_dir(self.path()).expect("a folder") {
            let entry = entry.expect("an entry");
            let metadata = entry.metadata().expect("metadata");
            assert_eq!((metadata.uid(), metadata.mode() & 0o777), (PANEL, 0o600), "{}", entry.path().display());
        }
    }

    /// Makes the account through a link, as the page would.
    async fn make_account(&self) {
        let link = self.succeed(&["setup-link"], "");
        let token = link.trim().split_once("/setup?token=").expect("a link").1;
        let actions = self.open().await;
        let origin = Origin { address: "192.0.2.10".parse().expect("an address"), browser: String::new() };
        let account = FirstAccount { setup_token: token, name: "anna", password: PASSWORD };
        actions.create_first_account(account, &origin).await.expect("an account");
        actions.store().close().await;
    }

    /// Who did what was done last, by the audit log.
    async fn last_actor(&self) -> (String, Option<i64>) {
        let options = SqliteConnectOptions::new().filename(self.path().join(DATABASE_FILE));
        let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
        let actor = sqlx::query_as("select actor_kind, actor_id from audit order by id desc limit 1");
        actor.fetch_one(&mut connection).await.expect("a row")
    }

    async fn open(&self) -> Actions {
        let store = Store::open(&self.path()).await.expect("a database");
        Actions::new(store, HelperSocket::new(Path::new("/nonexistent")), Clock::system())
    }
}

#[expect(clippy::disallowed_methods, reason = "the test runs the program as a person would")]
fn run(arguments: &[&str], state: &Path, input: &str, uid: u32) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portreeve"));
    command.args(arguments).arg("--state-dir").arg(state).uid(uid);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program starts");
    // A command that fails early may not read it.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

#[test]
fn a_setup_link_run_by_root_leaves_everything_to_the_panel() {
    let state = State::new();
    let first = state.succeed(&["setup-link"], "");
    assert!(first.starts_with("https://") && first.contains(":8470/setup?token="), "{first}");
    state.assert_all_belongs_to_the_panel();
    assert_eq!(fs::read_to_string(state.path().join("setup-link")).unwrap(), first);
    let second = state.succeed(&["setup-link", "--panel", "https://gate.example:9443/"], "");
    assert!(second.starts_with("https://gate.example:9443/setup?token="), "{second}");
    let third = state.succeed(&["setup-link"], "");
    assert!(third.starts_with("https://gate.example:9443/setup?token="), "{third}");
    assert_ne!(second, third);
}

#[tokio::test]
async fn the_user_of_the_panel_may_run_them_too_and_others_may_not() {
    let state = State::new();
    assert!(run(&["setup-link"], &state.path(), "", PANEL).status.success());
    state.assert_all_belongs_to_the_panel();
    assert_eq!(state.last_actor().await, ("console".to_owned(), Some(i64::from(PANEL))));
    fs::set_permissions(state.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let other = run(&["setup-link"], &state.path(), "", PANEL + 1);
    assert!(String::from_utf8(other.stderr).unwrap().contains("Permission denied"));
}

#[tokio::test]
async fn there_is_no_setup_link_once_there_is_an_account() {
    let state = State::new();
    state.make_account().await;
    assert!(state.fail(&["setup-link"], "").contains("there is an account already"));
}

#[tokio::test]
async fn a_forgotten_password_is_set_at_the_console() {
    let state = State::new();
    state.make_account().await;
    let said = state.succeed(&["password", "ANNA"], &format!("{NEW}\n"));
    assert!(said.contains("Its sessions have ended"), "{said}");
    state.assert_all_belongs_to_the_panel();
    assert_eq!(state.last_actor().await, ("console".to_owned(), Some(0)), "root did it, whoever owns the files");
    let actions = state.open().await;
    let origin = Origin { address: "192.0.2.10".parse().unwrap(), browser: String::new() };
    let sign_in = async |password| actions.sign_in(SignInAttempt { name: "anna", password }, &origin).await;
    assert!(sign_in(PASSWORD).await.is_err());
    sign_in(NEW).await.unwrap();
}

#[tokio::test]
async fn a_bad_password_or_an_unknown_name_changes_nothing() {
    let state = State::new();
    state.make_account().await;
    assert!(state.fail(&["password", "anna"], "short\n").contains("at least 12 characters"));
    assert!(state.fail(&["password", "anna"], "").contains("at least 12 characters"));
    assert!(state.fail(&["password", "ben"], &format!("{NEW}\n")).contains("no account of that name"));
}

#[tokio::test]
async fn a_backup_is_private_whole_and_never_overwrites() {
    let state = State::new();
    state.make_account().await;
    let vault = tempfile::tempdir().unwrap();
    let copy = vault.path().join(DATABASE_FILE);
    let name = copy.to_str().unwrap();
    // The panel runs meanwhile.
    let running = state.open().await;
    state.succeed(&["database", "backup", name], "");
    running.store().close().await;
    let metadata = fs::metadata(&copy).unwrap();
    assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o600));
    assert!(store::check(vault.path()).await.unwrap().is_empty());
    assert!(Store::open(vault.path()).await.unwrap().has_users().await.unwrap());
    let before = fs::read(&copy).unwrap();
    assert!(state.fail(&["database", "backup", name], "").contains("File exists"));
    assert_eq!(fs::read(&copy).unwrap(), before);
    state.assert_all_belongs_to_the_panel();
}

#[test]
fn a_backup_of_nothing_is_an_error() {
    let state = State::new();
    let vault = tempfile::tempdir().unwrap();
    let copy = vault.path().join("copy.db");
    state.fail(&["database", "backup", copy.to_str().unwrap()], "");
    state.fail(&["database", "check"], "");
    assert!(fs::read_dir(state.path()).unwrap().next().is_none(), "nothing was made");
}

#[tokio::test]
async fn check_tells_sound_from_damaged() {
    let state = State::new();
    state.make_account().await;
    assert_eq!(state.succeed(&["database", "check"], ""), "The database is sound.\n");
    let file = state.path().join(DATABASE_FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    assert!(state.fail(&["database", "check"], "").contains("the database is damaged"));
}

#[test]
fn root_follows_no_link_that_a_taken_over_panel_left() {
    let state = State::new();
    let secret = state.parent.path().join("secret");
    fs::write(&secret, "only root may touch this").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    for name in [DATABASE_FILE, "portreeve.db-wal", "portreeve.db-shm", "setup-link"] {
        state.succeed(&["setup-link"], "");
        let link = state.path().join(name);
        let _ = fs::remove_file(&link);
        symlink(&secret, &link).unwrap();
        let output = state.run(&["setup-link"], "");
        assert_eq!(output.status.success(), name == "setup-link", "a link there is replaced, elsewhere it is an error");
        let metadata = fs::metadata(&secret).unwrap();
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o600), "{name}");
        assert_eq!(fs::read_to_string(&secret).unwrap(), "only root may touch this", "{name}");
        fs::remove_file(&link).unwrap();
    }
}

#[test]
fn a_link_file_that_holds_no_address_is_not_believed() {
    let state = State::new();
    let file = state.path().join("setup-link");
    let default = state.succeed(&["setup-link"], "");
    let panel = |link: &str| link.split_once("/setup?token=").expect("a link").0.to_owned();
    for hostile in
        ["\x1b[2J", "https://\x1b]0;x\x07", "https://gate.example\u{202e}", "http://gate.example", "https://a/b"]
    {
        fs::write(&file, format!("{hostile}/setup?token=x")).unwrap();
        assert_eq!(panel(&state.succeed(&["setup-link"], "")), panel(&default), "{hostile:?}");
    }
    fs::remove_file(&file).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &file, rustix::fs::Mode::RUSR).unwrap();
    chown(&file, Some(PANEL), Some(PANEL)).unwrap();
    assert_eq!(panel(&state.succeed(&["setup-link"], "")), panel(&default), "a pipe that nobody writes to");
}

#[tokio::test]
async fn names_in_a_hostile_database_do_not_steer_the_terminal() {
    let state = State::new();
    state.make_account().await;
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let hostile = "create table \"\x1b[2Jgone\" (id integer not null); \
                   create trigger planted before update on user begin select raise(abort, '\x1b[2Jgone'); end; \
                   pragma writable_schema = on; \
                   update sqlite_schema set sql = replace(sql, 'not null', 'not null check (id > 5)') where name like '%gone'; \
                   insert into \"\x1b[2Jgone\" values (1)";
    sqlx::raw_sql(hostile).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let check = state.run(&["database", "check"], "");
    let password = state.run(&["password", "anna"], &format!("{NEW}\n"));
    for output in [check, password] {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("[2Jgone") && !said.contains('\x1b'), "{said:?}");
    }
}

#[tokio::test]
async fn the_audit_log_is_proved_offline_and_against_the_journal() {
    let state = State::new();
    state.make_account().await;
    let proof = state.succeed(&["audit", "verify"], "");
    assert!(proof.starts_with("2 records hold, from the first on.\naudit head 2 "), "{proof}");
    let journal = format!("Nov 25 gate portreeve[7]: INFO portreeve::store: {}", proof.lines().last().unwrap());
    let proof = state.succeed(&["audit", "verify", "--against", "-"], &journal);
    assert!(proof.contains("They agree with the 1 head that was logged."), "{proof}");
    let complaint = state.fail(&["audit", "verify", "--against", "-"], "nothing");
    assert!(complaint.contains("no head of the audit log is in it"), "{complaint}");
    let complaint = state.fail(&["audit", "verify", "--against", "-"], &journal.replace("head 2 ", "head 3 "));
    assert!(complaint.contains("the newest records were removed, from record 3 on"), "{complaint}");
    let options = SqliteConnectOptions::new().filename(state.path().join(DATABASE_FILE));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    for attack in ["drop trigger audit_rows_are_not_updated", "update audit set at = at - 1 where id = 1"] {
        sqlx::query(attack).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let output = state.run(&["audit", "verify", "--json"], "");
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["holds"], &report["broken"]["record"], &report["broken"]["kind"]),
        (&false.into(), &1.into(), &"changed".into())
    );
    state.assert_all_belongs_to_the_panel();
}
