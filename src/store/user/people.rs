//! The accounts as administrators see and change them.

use super::{PasswordHash, Role, User, UserId, UserName, UserRow};
use crate::{
    firewall::Moment,
    store::{Error, SessionId, Store, TokenHash, WriteTx, error::ensure_affected},
};

/// An account beside what its user does.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub user: User,
    /// Its live sessions.
    pub sessions: u32,
    /// When one of them was last used.
    pub last_seen_at: Option<Moment>,
    /// Until when its user may choose a password with the link that he got.
    pub invited_until: Option<Moment>,
    /// Whether there is a second factor.
    pub has_factor: bool,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    #[sqlx(flatten)]
    user: UserRow,
    sessions: u32,
    last_seen_at: Option<i64>,
    invited_until: Option<i64>,
    has_factor: bool,
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self, Error> {
        Ok(Self {
            user: row.user.try_into()?,
            sessions: row.sessions,
            last_seen_at: row.last_seen_at.map(Moment::from_millis),
            invited_until: row.invited_until.map(Moment::from_millis),
            has_factor: row.has_factor,
        })
    }
}

impl Store {
    /// Lists all accounts by name. Sessions count that don't expire by `now` and were used after `idle_since`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn list_people(&self, now: Moment, idle_since: Moment) -> Result<Vec<Person>, Error> {
        let rows: Vec<PersonRow> = sqlx::query_as(
            "select user.id, name, password_hash, role, theme, user.created_at, password_changed_at, disabled_at,
                    awaits_password, count(session.id) as sessions, max(last_seen_at) as last_seen_at,
                    (select expires_at from invitation where invitation.user_id = user.id) as invited_until,
                    exists (select 1 from second_factor where second_factor.user_id = user.id) as has_factor
             from user left join session
                 on session.user_id = user.id and session.expires_at > ? and session.last_seen_at > ?
             group by user.id order by name",
        )
        .bind(now.as_millis())
        .bind(idle_since.as_millis())
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// Finds for which account a link lets its holder choose a password.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_invited(&self, hash: &TokenHash, now: Moment) -> Result<Option<User>, Error> {
        let row: Option<UserRow> = sqlx::query_as(
            "select id, name, password_hash, role, theme, created_at, password_changed_at, disabled_at, awaits_password
             from user join invitation on user_id = id
             where token_hash = ? and expires_at > ? and disabled_at is null",
        )
        .bind(hash.as_bytes())
        .bind(now.as_millis())
        .fetch_optional(&self.readers)
        .await?;
        row.map(User::try_from).transpose()
    }
}

impl WriteTx {
    /// Finds an account, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn find_user_by_id(&mut self, id: UserId) -> Result<Option<User>, Error> {
        let row: Option<UserRow> = sqlx::query_as(
            "select id, name, password_hash, role, theme, created_at, password_changed_at, disabled_at, awaits_password
             from user where id = ?",
        )
        .bind(id.as_i64())
        .fetch_optional(self.connection())
        .await?;
        row.map(User::try_from).transpose()
    }

    /// The role of whoever has a session, as of this transaction; none if it has ended.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn role_of_session(&mut self, session: SessionId) -> Result<Option<Role>, Error> {
        let role: Option<String> = sqlx::query_scalar(
            "select role from session join user on user.id = session.user_id
             where session.id = ? and disabled_at is null",
        )
        .bind(session.as_i64())
        .fetch_optional(self.connection())
        .await?;
        Ok(role.as_deref().and_then(Role::from_text))
    }

    /// How many administrators can sign in, as of this transaction.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_administrators(&mut self) -> Result<u32, Error> {
        let count = sqlx::query_scalar(
            "select count(*) from user where role = 'administrator' and disabled_at is null and awaits_password = 0",
        );
        Ok(count.fetch_one(self.connection()).await?)
    }

    /// Gives an account another role.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when the account is gone.
    pub async fn set_role(&mut self, user: UserId, role: Role) -> Result<(), Error> {
        let set = sqlx::query("update user set role = ? where id = ?").bind(role.as_str()).bind(user.as_i64());
        ensure_affected(&set.execute(self.connection()).await?, 1)
    }

    /// Switches an account off or on.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when the account is gone.
    pub async fn set_enabled(&mut self, user: UserId, is_enabled: bool) -> Result<(), Error> {
        let disabled_at = (!is_enabled).then(|| self.now().as_millis());
        let set = sqlx::query("update user set disabled_at = ? where id = ?").bind(disabled_at).bind(user.as_i64());
        ensure_affected(&set.execute(self.connection()).await?, 1)
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// [`Error`] of the database, also when the name is taken.
    pub async fn rename_user(&mut self, user: UserId, name: &UserName) -> Result<(), Error> {
        let set = sqlx::query("update user set name = ? where id = ?").bind(name.as_str()).bind(user.as_i64());
        ensure_affected(&set.execute(self.connection()).await?, 1)
    }

    /// Removes an account with everything that is only its user's. Its number is never given again.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when it is gone already.
    pub async fn delete_user(&mut self, user: UserId) -> Result<(), Error> {
        let delete = sqlx::query("delete from user where id = ?").bind(user.as_i64());
        ensure_affected(&delete.execute(self.connection()).await?, 1)
    }

    /// Makes an account wait for its user to choose a password: `nothing` is a hash that no password has.
    ///
    /// # Errors
    /// [`Error::RowsAffected`] when the account is gone.
    pub async fn invite(
        &mut self,
        user: UserId,
        nothing: &PasswordHash,
        token: &TokenHash,
        expires_at: Moment,
    ) -> Result<(), Error> {
        let result = sqlx::query("update user set password_hash = ?, awaits_password = 1 where id = ?")
            .bind(nothing.expose())
            .bind(user.as_i64())
            .execute(self.connection())
            .await?;
        ensure_affected(&result, 1)?;
        sqlx::query("insert or replace into invitation (user_id, token_hash, expires_at) values (?, ?, ?)")
            .bind(user.as_i64())
            .bind(token.as_bytes())
            .bind(expires_at.as_millis())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Uses a link up; none when it isn't in force (any more).
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn take_invitation(&mut self, token: &TokenHash) -> Result<Option<User>, Error> {
        let now = self.now().as_millis();
        let user: Option<i64> =
            sqlx::query_scalar("delete from invitation where token_hash = ? and expires_at > ? returning user_id")
                .bind(token.as_bytes())
                .bind(now)
                .fetch_optional(self.connection())
                .await?;
        let Some(user) = user else { return Ok(None) };
        Ok(self.find_user_by_id(UserId::new(user)).await?.filter(|user| user.is_enabled))
    }

    /// Voids the link by which a user could choose a password.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn delete_invitation(&mut self, user: UserId) -> Result<(), Error> {
        let delete = sqlx::query("delete from invitation where user_id = ?").bind(user.as_i64());
        delete.execute(self.connection()).await?;
        Ok(())
    }
}
