-- What a database of this version holds after some use.
insert into user (id, name, password_hash, role, theme, created_at, password_changed_at) values
    (1, 'anna', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g', 'administrator', 'dark', 1760000000000, 1760000000000),
    (2, 'Ben', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g', 'viewer', 'system', 1760000100000, 1760000200000);
insert into session (token_hash, user_id, created_at, last_seen_at, expires_at, address, browser) values
    (zeroblob(32), 1, 1760000300000, 1760000400000, 1760043500000, '2001:db8::7', 'Firefox');
insert into setup_token (id, token_hash, issued_at) values (1, zeroblob(32), 1760000000000);
insert into known_address (user_id, prefix, last_signed_in_at) values (1, '2001:db8::/64', 1760000300000);
insert into audit (at, actor_kind, actor_id, actor_name, address, strength, verb, subject, detail, before_value, after_value,
    outcome) values
    (1760000000000, 'system', null, null, null, '', 'issue_setup_token', '', '', null, null, 'done'),
    (1760000300000, 'user', 1, 'anna', '2001:db8::7', 'password', 'set_theme', 'anna', '', 'light', 'dark', 'done');
insert into audit_link (id, hash) values
    (1, x'29a7ce2b8f8df19da2c029133a65d0045d058fd3c2380d4133fbe913fb72e329'),
    (2, x'f64a2bfa4d8ec9b0ac8ed39bafebc90d2f2c8a69760625d9cbfd60fe92cc3a12');
insert into list_content (hash, entries) values
    ('4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', '["203.0.113.0/24 # Vienna"]');
insert into revision (number, parent, author_kind, author_id, author_name, author_address, at, sentence, ruleset, contents,
    outcome, outcome_at, outcome_reason) values
    (1, null, 'user', 1, 'Anna', '192.0.2.1', 1760000400000, 'Doors', '{"rules":[{"id":1,"action":"allow","direction":"in","to":["ssh"]}]}', '{}',
     'confirmed', 1760000414000, 'by Anna, 14 s after the change'),
    (2, 1, 'console', 0, null, null, 1760000500000, 'Applied outside the panel',
     '{"lists":[{"name":"office"}],"rules":[{"id":1,"action":"allow","direction":"in","who":["list:office"],"to":["ssh"]}]}',
     '{"office":"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"}', 'rolled_back', 1760000620000, 'nobody confirmed it');
insert into draft (user_id, base, ruleset, contents, changes, updated_at) values (1, 1, '{"rules":[]}', '{}', 1, 1760000700000);
update sequence set last = 2 where name = 'revision';
update sequence set last = 1 where name = 'rule';
insert into line_hit (line, packets, bytes, seen_packets, seen_bytes, last_hit_at, watched_since) values
    ('r12', 48213, 3101200, 48213, 3101200, 1760000400000, 1760000000000),
    ('default-in', 2918004, 175080240, 18, 1080, 1760000500000, 1760000000000),
    ('r12-limit', 0, 0, 0, 0, null, 1760000000000);
insert into accepted_drift (id, hash, at, by) values
    (1, '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', 1760000800000, 'Anna');
insert into closure (at, author_kind, author_id, author_name, author_address, sentence, ports, units, revision, touched,
    reverted, state, trouble, undone_at, undone_by) values
    (1760000800000, 'user', 1, 'anna', '2001:db8::7', 'Close 110/tcp, 995/tcp and disable dovecot.service',
     '[{"port":110,"transport":"tcp","level":"disable"},{"port":995,"transport":"tcp","level":"disable"}]',
     '[{"name":"dovecot.service","level":"disable","record":1,"reopened":true}]', 1,
     '[{"before":{"id":1,"action":"allow","direction":"in","to":["pop3","pop3s"]},"after":{"id":1,"enabled":false,"action":"allow","direction":"in","to":["pop3","pop3s"]}}]',
     1, 'undone', '', 1760000900000, 'anna from 2001:db8::7'),
    (1760000850000, 'console', 0, null, null, 'Close 21/tcp and stop vsftpd.service',
     '[{"port":21,"transport":"tcp","level":"stop"}]', '[{"name":"vsftpd.service","level":"stop","record":null,"reopened":false}]',
     null, '[]', 0, 'under_way', '', null, null);
insert into blocked_line (id, line) values (1, 'default-in'), (2, 'r12');
insert into blocked_receipt (id, line, revision, action) values (1, 1, 41, 'drop'), (2, 2, 41, 'allow');
insert into blocked_interface (id, name) values (1, 'eth0');
insert into blocked_door (id, receipt, family, protocol, port, destination, incoming, outgoing, last_day) values
    (1, 1, 4, 6, 22, x'C0000201', 1, 0, 20370), (2, 1, 6, -1, -1, x'', 0, 0, 20370);
insert into blocked (id, door, source, source_port, count, span) values
    ((1760000400 << 16) | 0, 1, x'C6336407', 50123, 1, 0), ((1760000400 << 16) | 1, 1, x'C63364', -1, 812, 17),
    ((1760000401 << 16) | 0, 2, x'', -1, 90000, 58);
insert into blocked_hour (hour, door, packets, entries) values (488889, 1, 813, 2), (488889, 2, 90000, 1);
insert into blocked_day (day, door, packets, entries) values (20370, 1, 813, 2), (20370, 2, 90000, 1);
insert into blocked_source_hour (hour, source, packets, allowed) values (488889, x'C6336407', 1, 0), (488889, x'C63364', 812, 0), (488889, x'', 90000, 0);
insert into blocked_source_day (day, source, packets, allowed) values (20370, x'C6336407', 1, 0), (20370, x'C63364', 812, 0), (20370, x'', 90000, 0);
insert into blocked_minute (minute, line, itemised, not_itemised) values (29333340, 1, 90813, 1000);
insert into blocked_account (line, seen, counted, itemised, not_itemised) values (1, 91813, 91813, 90813, 1000);
insert into saved_filter (user_id, name, query) values (1, 'Mail at night', '?port=25/tcp&span=7d');
insert into port_use (transport, port, watched_since, last_watched_at, last_used_at) values
    ('tcp', 110, 1757408000000, 1760000400000, 1757500000000),
    ('udp', 53, 1757408000000, 1760000400000, null);
insert into port_day (transport, port, day, peers, more) values ('tcp', 110, 20341, 2, 0), ('tcp', 110, 20370, 0, 0);
insert into port_peer (day, transport, port, peer) values (20341, 'tcp', 110, '198.51.100.7'), (20341, 'tcp', 110, '2001:db8::/64');
insert into seen_listener (transport, port, owner, first_seen_at, last_seen_at) values
    ('tcp', 110, 'dovecot.service', 1757408000000, 1760000400000);
insert into port_visit (user_id, last_look_at, visit_before_at) values (1, 1760000400000, 1759900000000);
insert into address_note (addresses, note, at, by) values
    ('198.51.100.7', 'The monitoring of the branch office', 1760000400000, 'anna'),
    ('2001:db8::/32', 'Documentation', 1760000500000, 'anna');
insert into invitation (user_id, token_hash, expires_at) values (2, x'1111111111111111111111111111111111111111111111111111111111111111', 1760086400000);
insert into second_factor (user_id, secret, since, last_step) values (1, zeroblob(20), 1760000300000, 58666676);
insert into recovery_code (user_id, code_hash) values (1, zeroblob(32));
insert into second_factor_role (role) values ('administrator');
insert into setting (name, value) values ('record_days', '30'), ('record_mebibytes', '512');
insert into blocked_receipt (id, line, revision, action, observed) values (3, 1, 42, 'reject', 1);
