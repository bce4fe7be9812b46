//! The audit log: what was done or refused, when, by whom. Rows are only ever added; triggers hold that.

use sqlx::SqliteConnection;

use super::{Actor, AuditHead, Error, audit_chain};
use crate::firewall::Moment;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// A one-time setup token was made.
    IssueSetupToken,
    /// The first account was made with the setup token.
    CreateFirstAccount,
    /// A session began.
    SignIn,
    /// A session was ended by its user.
    SignOut,
    /// A user ended another session of his own.
    EndSession,
    /// A user ended all other sessions of his own.
    EndOtherSessions,
    /// A user chose a new password.
    ChangePassword,
    /// A password was set at the host's command line.
    ResetPassword,
    /// A user got a second factor.
    AddSecondFactor,
    /// A second factor was taken away.
    RemoveSecondFactor,
    /// A user made new recovery codes.
    RenewRecoveryCodes,
    /// Which roles need a second factor was decided.
    RequireSecondFactor,
    /// A user proved again that it is him.
    StepUp,
    /// An account was made.
    AddUser,
    /// An account got another role.
    SetRole,
    /// An account was switched off.
    DisableUser,
    /// An account was switched on again.
    EnableUser,
    /// An account got another name.
    RenameUser,
    /// An account was removed.
    DeleteUser,
    /// An account lost its password, and its user got a link to choose a new one.
    RenewPassword,
    /// A user chose his password with the link that he got.
    AcceptInvitation,
    /// Sessions of somebody else were ended.
    EndSessionsOf,
    /// A user chose a colour scheme.
    SetTheme,
    /// A user staged a change.
    EditDraft,
    /// A user threw his staged changes away.
    DiscardDraft,
    /// A user put his staged changes on top of another revision.
    RebaseDraft,
    /// A user gave a filter of the record a name.
    SaveFilter,
    /// A user forgot a filter of the record.
    ForgetFilter,
    /// An administrator chose how long the record is kept.
    SetRetention,
    /// A revision was put in force until somebody confirms it.
    Apply,
    /// A revision was confirmed.
    Confirm,
    /// A revision got more time to be confirmed.
    Extend,
    /// A revision was rolled back before it was confirmed.
    RollBack,
    /// The way back to or from a revision was staged.
    StageWayBack,
    /// The firewall was turned off.
    TurnOff,
    /// A ban was lifted before its time.
    LiftBan,
    /// What another program changed in our table was undone.
    PutBack,
    /// What another program changed in our table was left as it is.
    AcceptDrift,
    /// Ports were closed, by rules, by stopping what listens, or both.
    ClosePorts,
    /// An act that closed ports was taken back.
    UndoClosure,
    /// What is known of an address was written down or removed.
    NoteAddress,
    /// The helper had put a revision in force, or ended one, without the panel.
    NoteRevision,
    /// Somebody took records of this log out as a file.
    ExportAudit,
    /// Records from before the chain were taken into it.
    BeginAuditChain,
}

impl Verb {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::IssueSetupToken => "issue_setup_token",
            Self::CreateFirstAccount => "create_first_account",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::EndSession => "end_session",
            Self::EndOtherSessions => "end_other_sessions",
            Self::ChangePassword => "change_password",
            Self::ResetPassword => "reset_password",
            Self::AddSecondFactor => "add_second_factor",
            Self::RemoveSecondFactor => "remove_second_factor",
            Self::RenewRecoveryCodes => "renew_recovery_codes",
            Self::RequireSecondFactor => "require_second_factor",
            Self::StepUp => "step_up",
            Self::AddUser => "add_user",
            Self::SetRole => "set_role",
            Self::DisableUser => "disable_user",
            Self::EnableUser => "enable_user",
            Self::RenameUser => "rename_user",
            Self::DeleteUser => "delete_user",
            Self::RenewPassword => "renew_password",
            Self::AcceptInvitation => "accept_invitation",
            Self::EndSessionsOf => "end_sessions_of",
            Self::SetTheme => "set_theme",
            Self::EditDraft => "edit_draft",
            Self::DiscardDraft => "discard_draft",
            Self::RebaseDraft => "rebase_draft",
            Self::SaveFilter => "save_filter",
            Self::ForgetFilter => "forget_filter",
            Self::SetRetention => "set_retention",
            Self::Apply => "apply",
            Self::Confirm => "confirm",
            Self::Extend => "extend",
            Self::RollBack => "roll_back",
            Self::StageWayBack => "stage_way_back",
            Self::TurnOff => "turn_off",
            Self::LiftBan => "lift_ban",
            Self::PutBack => "put_back",
            Self::AcceptDrift => "accept_drift",
            Self::ClosePorts => "close_ports",
            Self::UndoClosure => "undo_closure",
            Self::NoteAddress => "note_address",
            Self::NoteRevision => "note_revision",
            Self::ExportAudit => "export_audit",
            Self::BeginAuditChain => "begin_audit_chain",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The change was made.
    Done,
    /// It was refused and nothing changed.
    Refused,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// One row of the log but for the time and the actor, which the transaction knows. Never holds a secret, nor text a
/// stranger typed: people type passwords into name fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    verb: Verb,
    subject: String,
    detail: String,
    change: Option<(String, String)>,
    outcome: Outcome,
}

impl Entry {
    /// A change that is made; `subject` is what it was made to.
    #[must_use]
    pub fn done(verb: Verb, subject: impl Into<String>) -> Self {
        Self { verb, subject: subject.into(), detail: String::new(), change: None, outcome: Outcome::Done }
    }

    /// A change that was refused.
    #[must_use]
    pub fn refused(verb: Verb, subject: impl Into<String>) -> Self {
        Self { outcome: Outcome::Refused, ..Self::done(verb, subject) }
    }

    /// Adds what a reader would otherwise have to guess.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Says what a value was before and what it is now.
    #[must_use]
    pub fn with_change(self, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { change: Some((before.into(), after.into())), ..self }
    }
}

/// Writes a record and links it to those before.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    at: Moment,
    actor: &Actor,
    entry: &Entry,
) -> Result<AuditHead, Error> {
    audit_chain::begin(connection, at).await?;
    let id = insert_row(connection, at, actor, entry).await?;
    audit_chain::append(connection, id).await
}

pub(super) async fn insert_row(
    connection: &mut SqliteConnection,
    at: Moment,
    actor: &Actor,
    entry: &Entry,
) -> Result<i64, Error> {
    let (before, after) = entry.change.as_ref().map(|(before, after)| (before.as_str(), after.as_str())).unzip();
    let done = sqlx::query(
        "insert into audit (at, actor_kind, actor_id, actor_name, address, strength, verb, subject, detail, before_value,
                            after_value, outcome)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(at.as_millis())
    .bind(actor.kind())
    .bind(actor.id())
    .bind(actor.name())
    .bind(actor.address())
    .bind(actor.strength())
    .bind(entry.verb.as_str())
    .bind(&entry.subject)
    .bind(&entry.detail)
    .bind(before)
    .bind(after)
    .bind(entry.outcome.as_str())
    .execute(connection)
    .await?;
    Ok(done.last_insert_rowid())
}
