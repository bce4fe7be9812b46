-- What another program changed in our table and somebody left as it is; at most one row. `hash` is over all that
-- differed, so that anything more asks again. The name is copied, so that the row outlives the account.
create table accepted_drift (
    id integer primary key check (id = 1),
    hash text not null check (length(hash) = 64),
    at integer not null,
    by text not null
) strict;
