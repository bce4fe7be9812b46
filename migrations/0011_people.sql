-- Accounts that administrators switch off, and accounts that wait for their owner to choose a password.
alter table user add column disabled_at integer;
alter table user add column awaits_password integer not null default 0 check (awaits_password in (0, 1));

-- What lets somebody choose the password of an account, once. A new one replaces the one before.
create table invitation (
    user_id integer primary key references user (id) on delete cascade,
    token_hash blob not null unique check (length(token_hash) = 32),
    expires_at integer not null
) strict;
