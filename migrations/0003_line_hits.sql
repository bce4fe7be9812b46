-- What each line of the ruleset decided. Rows of lines that are gone stay: ids are never used again, and a line may come
-- back. `seen_*` is what the kernel's counter showed last.
create table line_hit (
    line text not null primary key,
    packets integer not null check (packets >= 0),
    bytes integer not null,
    seen_packets integer not null check (seen_packets >= 0),
    seen_bytes integer not null,
    last_hit_at integer,
    watched_since integer not null
) strict, without rowid;
