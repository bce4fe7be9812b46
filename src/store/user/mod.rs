//! The accounts.

mod name;
mod people;
mod values;

pub use name::{NameProblem, UserName};
pub use people::Person;
pub use values::{PasswordHash, Role, Theme, UserId};

use super::{AddressPrefix, Error, Store, WriteTx, error::ensure_affected};
use crate::firewall::Moment;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Never changes and is never given again.
    pub id: UserId,
    /// What the user signs in with.
    pub name: UserName,
    /// What the user may do.
    pub role: Role,
    /// The colours the user sees.
    pub theme: Theme,
    /// When the account was made.
    pub created_at: Moment,
    /// When the password was last set.
    pub password_changed_at: Moment,
    /// Whether its user may sign in.
    pub is_enabled: bool,
    /// Whether nobody can sign in to it before its user has chosen a password.
    pub awaits_password: bool,
}

/// An account with what it takes to sign in to it.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Its password.
    pub password_hash: PasswordHash,
    /// When its user last signed in from the address asked about.
    pub last_signed_in_from_there_at: Option<Moment>,
}

/// An account that is made now.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// What the user signs in with.
    pub name: &'a UserName,
    /// The password.
    pub password_hash: &'a PasswordHash,
    /// What the user may do.
    pub role: Role,
}

#[derive(sqlx::FromRow)]
pub(super) struct UserRow {
    id: i64,
    name: String,
    password_hash: String,
    role: String,
    theme: String,
    created_at: i64,
    password_changed_at: i64,
    disabled_at: Option<i64>,
    awaits_password: bool,
}

#[derive(sqlx::FromRow)]
struct CredentialsRow {
    #[sqlx(flatten)]
    user: UserRow,
    last_signed_in_at: Option<i64>,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self, Error> {
        let inconsistent = |column| Error::Inconsistent { table: "user", column };
        Ok(Self {
            id: UserId::new(row.id),
            name: UserName::parse(&row.name).map_err(|_| inconsistent("name"))?,
            role: Role::from_text(&row.role).ok_or(inconsistent("role"))?,
            theme: Theme::parse(&row.theme).ok_or(inconsistent("theme"))?,
            created_at: Moment::from_millis(row.created_at),
            password_changed_at: Moment::from_millis(row.password_changed_at),
            is_enabled: row.disabled_at.is_none(),
            awaits_password: row.awaits_password,
        })
    }
}

impl TryFrom<CredentialsRow> for Credentials {
    type Error = Error;

    fn try_from(row: CredentialsRow) -> Result<Self, Error> {
        Ok(Self {
            password_hash: PasswordHash::new(row.user.password_hash.clone()),
            user: row.user.try_into()?,
            last_signed_in_from_there_at: row.last_signed_in_at.map(Moment::from_millis),
        })
    }
}

impl Store {
    /// Whether anybody can sign in at all.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_users(&self) -> Result<bool, Error> {
        Ok(sqlx::query_scalar("select exists (select 1 from user)").fetch_one(&self.readers).await?)
    }

    /// Finds an account by name, upper and lower case being the same, together with what is known of `from`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_credentials(&self, name: &UserName, from: AddressPrefix) -> Result<Option<Credentials>, Error> {
        let row: Option<CredentialsRow> = sqlx::query_as(
            "select id, name, password_hash, role, theme, created_at, password_changed_at, disabled_at, awaits_password,
                    last_signed_in_at
             from user left join known_address on user_id = id and prefix = ?
             where name = ?",
        )
        .bind(from.to_string())
        .bind(name.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.map(Credentials::try_from).transpose()
    }
}

impl WriteTx {
    /// Whether anybody can sign in at all, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_users(&mut self) -> Result<bool, Error> {
        Ok(sqlx::query_scalar("select exists (select 1 from user)").fetch_one(self.connection()).await?)
    }

    /// Whether this is still the password of a user who may sign in, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<bool, Error> {
        let found = sqlx::query_scalar(
            "select exists (select 1 from user where id = ? and password_hash = ? and disabled_at is null)",
        )
        .bind(user.as_i64())
        .bind(hash.expose())
        .fetch_one(self.connection())
        .await?;
        Ok(found)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`Error`] of the database, also when the name is taken.
    pub async fn insert_user(&mut self, user: &NewUser<'_>) -> Result<User, Error> {
        let now = self.now();
        let theme = Theme::default();
        let id = sqlx::query_scalar(
            "insert into user (name, password_hash, role, theme, created_at, password_changed_at)
             values (?, ?, ?, ?, ?, ?) returning id",
        )
        .bind(user.name.as_str())
        .bind(user.password_hash.expose())
        .bind(user.role.as_str())
        .bind(theme.as_str())
        .bind(now.as_millis())
        .bind(now.as_millis())
        .fetch_one(self.connection())
        .await?;
        let (id, name) = (UserId::new(id), user.name.clone());
        Ok(User {
            id,
            name,
            role: user.role,
            theme,
            created_at: now,
            password_changed_at: now,
            is_enabled: true,
            awaits_password: false,
        })
    }

    /// Finds an account by name, upper and lower case being the same.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_user(&mut self, name: &UserName) -> Result<Option<User>, Error> {
        let row: Option<UserRow> = sqlx::query_as(
            "select id, name, password_hash, role, theme, created_at, password_changed_at, disabled_at, awaits_password
             from user where name = ?",
        )
        .bind(name.as_str())
        .fetch_optional(self.connection())
        .await?;
        row.map(User::try_from).transpose()
    }

    /// Sets a password. What would have let somebody choose one is void.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when the account is gone.
    pub async fn set_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<(), Error> {
        sqlx::query("delete from invitation where user_id = ?").bind(user.as_i64()).execute(self.connection()).await?;
        let result =
            sqlx::query("update user set password_hash = ?, password_changed_at = ?, awaits_password = 0 where id = ?")
                .bind(hash.expose())
                .bind(self.now().as_millis())
                .bind(user.as_i64())
                .execute(self.connection())
                .await?;
        ensure_affected(&result, 1)
    }

    /// Sets a user's colour scheme.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when the account is gone.
    pub async fn set_theme(&mut self, user: UserId, theme: Theme) -> Result<(), Error> {
        let result = sqlx::query("update user set theme = ? where id = ?")
            .bind(theme.as_str())
            .bind(user.as_i64())
            .execute(self.connection())
            .await?;
        ensure_affected(&result, 1)
    }
}
