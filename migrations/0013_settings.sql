-- What an administrator chose for the panel as a whole. What has no row is at its default.
create table setting (
    name text primary key check (length(name) between 1 and 60),
    value text not null check (length(value) <= 4000)
) strict, without rowid;
