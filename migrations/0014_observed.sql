-- Whether the line only would have done it: its revision observed, and the packet passed.
alter table blocked_receipt add column observed integer not null default 0 check (observed in (0, 1));

-- The word that filters ask by.
alter table blocked_receipt add column treatment text
    generated always as (case when observed then 'would' else action end) virtual;

drop view blocked_detail;

-- A row of `blocked` with everything that it points to. The order of the joins is fixed: the row comes first.
create view blocked_detail as
select event.id, event.source, event.source_port, event.count, event.span,
       door.family, door.protocol, door.port, door.destination,
       incoming.name as incoming, outgoing.name as outgoing,
       line.line, receipt.revision, receipt.action, receipt.observed, receipt.treatment
from blocked as event
    cross join blocked_door as door on door.id = event.door
    cross join blocked_receipt as receipt on receipt.id = door.receipt
    cross join blocked_line as line on line.id = receipt.line
    cross join blocked_interface as incoming on incoming.id = door.incoming
    cross join blocked_interface as outgoing on outgoing.id = door.outgoing;
