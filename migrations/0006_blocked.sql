-- Who was turned away, when, at which door. All tables are written once a second in one transaction and pruned by age and
-- size. Made for ten million rows: integers and bytes, no text per row, and the key tells the time.

-- The lines that gave receipts. Rows outlive the rules: ids of rules are never used again.
create table blocked_line (
    id integer primary key,
    line text not null unique
) strict;

-- What a receipt says.
create table blocked_receipt (
    id integer primary key,
    line integer not null references blocked_line (id),
    revision integer not null,
    action text not null check (action in ('allow', 'drop', 'reject')),
    unique (line, revision, action)
) strict;

-- Number 0 is none.
create table blocked_interface (
    id integer primary key,
    name text not null unique check (length(name) <= 15)
) strict;

insert into blocked_interface (id, name) values (0, '');

-- Where somebody knocked and what answered. `protocol` is -1 where several were put together; `port` is the port of
-- destination, for ICMP type * 256 + code, and -1 where there is none (a later fragment, other protocols, several).
-- `destination` has 4 or 16 bytes, none where several were put together. `last_day` counts days since 1970.
create table blocked_door (
    id integer primary key,
    receipt integer not null references blocked_receipt (id),
    family integer not null check (family in (4, 6)),
    protocol integer not null check (protocol between -1 and 255),
    port integer not null check (port between -1 and 65535),
    destination blob not null check (length(destination) in (0, 4, 16)),
    incoming integer not null references blocked_interface (id),
    outgoing integer not null references blocked_interface (id),
    last_day integer not null,
    unique (receipt, protocol, port, destination, incoming, outgoing, family)
) strict;

create index blocked_door_by_port on blocked_door (port, protocol);

-- One row per source, source port or several, and door in a minute of the clock. The key is the second since 1970 of the
-- first packet times 65536 plus a number: it orders by time. `span` is how many seconds later the last packet came, never
-- beyond the minute. `source` has 4 or 16 bytes for an address, 3 for a /24, 8 for a /64, none for many of that family.
-- `source_port` is -1 where there is none or were several. A door isn't referenced, but kept as long as rows name it:
-- for each door that is forgotten SQLite would look through all rows.
create table blocked (
    id integer primary key,
    door integer not null,
    source blob not null check (length(source) in (0, 3, 4, 8, 16)),
    source_port integer not null,
    count integer not null check (count > 0),
    span integer not null check (span between 0 and 59)
) strict;

create index blocked_by_source on blocked (source);

-- Roll-ups. `packets` sums `count`, `entries` counts rows. Minutes, hours and days are numbers since 1970.

create table blocked_hour (
    hour integer not null,
    door integer not null,
    packets integer not null,
    entries integer not null,
    primary key (hour, door)
) strict, without rowid;

create table blocked_day (
    day integer not null,
    door integer not null,
    packets integer not null,
    entries integer not null,
    primary key (day, door)
) strict, without rowid;

-- By source, for the last days only. `packets` were turned away, `allowed` were let in by rules that log.
create table blocked_source_hour (
    hour integer not null,
    source blob not null,
    packets integer not null,
    allowed integer not null,
    primary key (hour, source)
) strict, without rowid;

create table blocked_source_day (
    day integer not null,
    source blob not null,
    packets integer not null,
    allowed integer not null,
    primary key (day, source)
) strict, without rowid;

create index blocked_source_day_by_packets on blocked_source_day (day, packets);

-- The books: what rows tell of each minute, and what the kernel counted beyond them.
create table blocked_minute (
    minute integer not null,
    line integer not null references blocked_line (id),
    itemised integer not null default 0,
    not_itemised integer not null default 0,
    primary key (minute, line)
) strict, without rowid;

-- What the kernel's counters showed last (-1: not read yet), and all that was counted, itemised and not since the line is
-- watched.
create table blocked_account (
    line integer primary key references blocked_line (id),
    seen integer not null check (seen >= -1),
    counted integer not null,
    itemised integer not null,
    not_itemised integer not null
) strict;
