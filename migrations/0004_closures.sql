-- What was done to close ports, and whether it was taken back. Times are milliseconds since the Unix epoch. The author's
-- name is copied, so that a row outlives the account.
create table closure (
    id integer primary key autoincrement,
    at integer not null,
    author_kind text not null check (author_kind in ('user', 'console', 'system')),
    author_id integer,
    author_name text,
    author_address text,
    sentence text not null,
    -- JSON: each port with its level.
    ports text not null,
    -- JSON: each unit with its level, the helper's record of it, and whether it was opened again.
    units text not null,
    -- The revision that shut the ports; none if there was nothing to shut.
    revision integer references revision (number),
    -- JSON: the rules before and after.
    touched text not null,
    -- Whether the rules were taken back.
    reverted integer not null default 0 check (reverted in (0, 1)),
    state text not null check (state in ('under_way', 'done', 'partly', 'failed', 'partly_undone', 'undone')),
    -- What of it wasn't done; empty if all was.
    trouble text not null default '',
    undone_at integer,
    undone_by text
) strict;

create index closure_by_state on closure (state) where state = 'under_way';
