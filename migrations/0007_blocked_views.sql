-- A row of `blocked` with everything that it points to. The order of the joins is fixed: the row comes first.
create view blocked_detail as
select event.id, event.source, event.source_port, event.count, event.span,
       door.family, door.protocol, door.port, door.destination,
       incoming.name as incoming, outgoing.name as outgoing,
       line.line, receipt.revision, receipt.action
from blocked as event
    cross join blocked_door as door on door.id = event.door
    cross join blocked_receipt as receipt on receipt.id = door.receipt
    cross join blocked_line as line on line.id = receipt.line
    cross join blocked_interface as incoming on incoming.id = door.incoming
    cross join blocked_interface as outgoing on outgoing.id = door.outgoing;

-- Filters of the page Blocked that users gave a name. `query` is the part of the address behind the question mark.
create table saved_filter (
    user_id integer not null references user (id) on delete cascade,
    name text not null check (length(name) between 1 and 60),
    query text not null check (length(query) <= 500),
    primary key (user_id, name)
) strict, without rowid;
