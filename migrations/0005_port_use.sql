-- Who uses the ports that listen. Everything is bounded: `src/firewall/usage` says by how much.
create table port_use (
    transport text not null check (transport in ('tcp', 'udp')),
    port integer not null check (port between 1 and 65535),
    watched_since integer not null,
    last_watched_at integer not null,
    last_used_at integer,
    primary key (transport, port)
) strict, without rowid;

-- A row for each day on which the port was watched, in UTC, as the number of the day since 1970. `peers` is how many rows
-- of `port_peer` there are; `more` is how many came at least besides.
create table port_day (
    transport text not null,
    port integer not null,
    day integer not null,
    peers integer not null default 0 check (peers >= 0),
    more integer not null default 0 check (more >= 0),
    primary key (transport, port, day),
    foreign key (transport, port) references port_use (transport, port) on delete cascade
) strict, without rowid;

create index port_day_by_day on port_day (day);

-- An IPv4 address, or the first 64 bits of an IPv6 one.
create table port_peer (
    day integer not null,
    transport text not null,
    port integer not null,
    peer text not null,
    primary key (day, transport, port, peer),
    foreign key (transport, port, day) references port_day (transport, port, day) on delete cascade
) strict, without rowid;

-- Who listened where, under a name that outlives a restart.
create table seen_listener (
    transport text not null check (transport in ('tcp', 'udp')),
    port integer not null check (port between 0 and 65535),
    owner text not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (transport, port, owner)
) strict, without rowid;

-- When a user last looked at the ports. A visit is many looks; `visit_before_at` is the last look of the one before.
create table port_visit (
    user_id integer primary key references user (id) on delete cascade,
    last_look_at integer not null,
    visit_before_at integer
) strict;
