-- Who may sign in, who is signed in, and what was done. Times are milliseconds since the Unix epoch.

create table user (
    id integer primary key autoincrement,
    name text not null collate nocase unique check (length(name) between 1 and 32),
    password_hash text not null check (password_hash like '$argon2id$%'),
    role text not null check (role in ('viewer', 'operator', 'administrator')),
    theme text not null check (theme in ('system', 'light', 'dark')),
    created_at integer not null,
    password_changed_at integer not null
) strict;

create table session (
    id integer primary key autoincrement,
    token_hash blob not null unique check (length(token_hash) = 32),
    user_id integer not null references user (id) on delete cascade,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null,
    address text not null,
    browser text not null
) strict;

create index session_by_user on session (user_id, id);

-- At most one row: a new token replaces the one before.
create table setup_token (
    id integer primary key check (id = 1),
    token_hash blob not null check (length(token_hash) = 32),
    issued_at integer not null
) strict;

create table known_address (
    user_id integer not null references user (id) on delete cascade,
    prefix text not null,
    last_signed_in_at integer not null,
    primary key (user_id, prefix)
) strict, without rowid;

-- Names are copied, not referenced, so that a row outlives the account it tells of.
create table audit (
    id integer primary key autoincrement,
    at integer not null,
    actor_kind text not null check (actor_kind in ('user', 'stranger', 'console', 'system')),
    actor_id integer,
    actor_name text,
    address text,
    verb text not null,
    subject text not null,
    detail text not null,
    outcome text not null check (outcome in ('done', 'refused'))
) strict;

create trigger audit_rows_are_not_updated before update on audit begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger audit_rows_are_not_deleted before delete on audit begin
    select raise(abort, 'the audit log is append-only');
end;

-- "insert or replace" deletes without firing the trigger above.
create trigger audit_rows_are_not_replaced before insert on audit
when exists (select 1 from audit where id = new.id) begin
    select raise(abort, 'the audit log is append-only');
end;
