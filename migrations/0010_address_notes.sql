-- What somebody wrote down about an address, a prefix or a range. Written as text in its one form, because a person looks
-- up a few of them. The name is copied, so that the note outlives the account.
create table address_note (
    addresses text not null primary key,
    note text not null check (length(note) between 1 and 500),
    at integer not null,
    by text not null
) strict, without rowid;
