-- A month of bookings: what was lived is multiplied, each copy with people, leads and messages of its own. Named
-- parameters are filled in by preview_month.py. Only the newest message of a booking is copied: it is the one read.
CREATE TEMPORARY TABLE copies AS
WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < :copies)
SELECT CAST(n AS BIGINT) AS n, n * 1000000 AS shift FROM counting;

CREATE TEMPORARY TABLE first_bookings AS
SELECT b.*, CAST(b.record_id AS TEXT) AS number FROM bookings b WHERE b.account_id = :account;

CREATE TEMPORARY TABLE first_links AS
SELECT l.*, b.number, b.record_id FROM links l JOIN first_bookings b ON b.key = l.key
WHERE l.account_id = :account AND l.role = 'main';

CREATE TEMPORARY TABLE first_events AS
SELECT e.*, b.number, b.record_id FROM inbound_events e JOIN first_bookings b ON b.key = e.subject
WHERE e.id IN (SELECT max(id) FROM inbound_events WHERE account_id = :account GROUP BY subject);

CREATE TEMPORARY TABLE first_leads AS SELECT * FROM crm_leads WHERE account_id = :account;
CREATE TEMPORARY TABLE first_contacts AS SELECT * FROM crm_contacts WHERE account_id = :account;
CREATE TEMPORARY TABLE first_pairs AS SELECT * FROM lead_contacts WHERE account_id = :account;
CREATE TEMPORARY TABLE first_keys AS SELECT * FROM person_keys WHERE account_id = :account AND NOT is_card;

INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at, content_hash, snapshot,
    reason, lead_id, updated_at)
SELECT b.account_id, b.branch_id, replace(b.key, b.number, CAST(b.record_id + c.shift AS TEXT)),
    b.record_id + c.shift, b.phase, b.starts_at, b.changed_at, b.content_hash || c.n,
    replace(b.snapshot, b.number, CAST(b.record_id + c.shift AS TEXT)), b.reason, b.lead_id + c.shift, b.updated_at
FROM copies c CROSS JOIN first_bookings b;

INSERT INTO links (account_id, key, lead_id, role, direction, contact_id, version, applied, stage_id, stage_at,
    opened_by_us, created_at, updated_at)
SELECT l.account_id, replace(l.key, l.number, CAST(l.record_id + c.shift AS TEXT)), l.lead_id + c.shift, l.role,
    l.direction, l.contact_id + c.shift, l.version,
    replace(l.applied, l.number, CAST(l.record_id + c.shift AS TEXT)), l.stage_id, l.stage_at, l.opened_by_us,
    l.created_at, l.updated_at
FROM copies c CROSS JOIN first_links l;

INSERT INTO inbound_events (account_id, branch_id, lane_id, subject, source, kind, dedup_key, body, received_at,
    due_at, status, reason, closed_at)
SELECT e.account_id, e.branch_id, e.lane_id, replace(e.subject, e.number, CAST(e.record_id + c.shift AS TEXT)),
    e.source, e.kind, e.dedup_key || c.n,
    replace(replace(e.body, e.number, CAST(e.record_id + c.shift AS TEXT)), '79990', '79' || (10 + c.n) || '0'),
    e.received_at, e.due_at, e.status, e.reason, e.closed_at
FROM copies c CROSS JOIN first_events e;

INSERT INTO crm_leads (account_id, lead_id, name, pipeline_id, stage_id, responsible_id, price, tags, fields,
    created_by, created_at, updated_at, is_deleted)
SELECT l.account_id, l.lead_id + c.shift, l.name, l.pipeline_id, l.stage_id, l.responsible_id, l.price, l.tags,
    l.fields, l.created_by, l.created_at, l.updated_at, l.is_deleted
FROM copies c CROSS JOIN first_leads l;

INSERT INTO crm_contacts (account_id, contact_id, name, phones, created_at, updated_at, is_deleted)
SELECT p.account_id, p.contact_id + c.shift, p.name, replace(p.phones, '79990', '79' || (10 + c.n) || '0'),
    p.created_at, p.updated_at, p.is_deleted
FROM copies c CROSS JOIN first_contacts p;

INSERT INTO lead_contacts (account_id, lead_id, contact_id, position)
SELECT p.account_id, p.lead_id + c.shift, p.contact_id + c.shift, p.position
FROM copies c CROSS JOIN first_pairs p;

INSERT INTO person_keys (account_id, key, contact_id, is_card)
SELECT p.account_id, replace(p.key, '79990', '79' || (10 + c.n) || '0'), p.contact_id + c.shift, p.is_card
FROM copies c CROSS JOIN first_keys p
