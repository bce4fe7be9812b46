-- What the firewall was told to enforce, and what waits to be. Times are milliseconds since the Unix epoch.

-- The entries of lists, each content once, however many revisions have it.
create table list_content (
    hash text primary key check (length(hash) = 64),
    entries text not null
) strict, without rowid;

-- Rulesets are JSON without the entries of their lists; `contents` names those by list. The author's name is copied, so
-- that a revision outlives the account.
create table revision (
    number integer primary key check (number > 0),
    parent integer check (parent < number),
    author_kind text not null check (author_kind in ('user', 'console', 'system')),
    author_id integer,
    author_name text,
    author_address text,
    at integer not null,
    sentence text not null,
    ruleset text not null,
    contents text not null,
    outcome text not null check (outcome in ('applied', 'confirmed', 'rolled_back', 'failed')),
    outcome_at integer,
    outcome_reason text not null
) strict;

create table draft (
    user_id integer primary key references user (id) on delete cascade,
    base integer check (base > 0),
    ruleset text not null,
    contents text not null,
    changes integer not null,
    updated_at integer not null
) strict;

-- Numbers that are never given twice.
create table sequence (
    name text primary key check (name in ('revision', 'rule')),
    last integer not null
) strict, without rowid;

insert into sequence (name, last) values ('revision', 0), ('rule', 0);
