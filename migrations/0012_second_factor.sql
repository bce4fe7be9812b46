-- What users prove themselves with besides the password, and when each session was last proved.

create table second_factor (
    user_id integer primary key references user (id) on delete cascade,
    secret blob not null check (length(secret) = 20),
    since integer not null,
    -- The newest step of thirty seconds of which a code was used: neither it nor an older one is taken again.
    last_step integer not null
) strict;

create table recovery_code (
    user_id integer not null references user (id) on delete cascade,
    code_hash blob not null check (length(code_hash) = 32),
    primary key (user_id, code_hash)
) strict, without rowid;

-- The roles that may do nothing before they have a second factor.
create table second_factor_role (
    role text primary key check (role in ('viewer', 'operator', 'administrator'))
) strict, without rowid;

alter table session add column proved_at integer not null default 0;
alter table session add column by_code integer not null default 0 check (by_code in (0, 1));
