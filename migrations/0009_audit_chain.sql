-- How sure it was who acted, and what a value was before and after.
alter table audit add column strength text not null default '';
alter table audit add column before_value text;
alter table audit add column after_value text;

-- The chain: SHA-256 over the hash before it and everything in the record of the same number. Records from before this
-- migration are taken in when the next one is written.
create table audit_link (
    id integer primary key references audit (id),
    hash blob not null check (length(hash) = 32)
) strict;

create trigger audit_links_are_not_updated before update on audit_link begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger audit_links_are_not_deleted before delete on audit_link begin
    select raise(abort, 'the audit log is append-only');
end;

-- "insert or replace" deletes without firing the trigger above.
create trigger audit_links_are_not_replaced before insert on audit_link
when exists (select 1 from audit_link where id = new.id) begin
    select raise(abort, 'the audit log is append-only');
end;
