-- A month of a network: the rows that it has so far are multiplied, for both engines. Named parameters are filled
-- in by network.py. Copy n of the account's own rows has n ≤ :copies; the younger ones have events, the rest are
-- older than the journal. Copies above belong to the 999 other accounts, which begin at id 1000.
-- `moved` is how far in time a copy lies; `slot` keeps the order of ids that of time.
CREATE TEMPORARY TABLE numbers AS
WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 10000)
SELECT CAST(n AS BIGINT) AS n FROM counting;

CREATE TEMPORARY TABLE slots AS
SELECT n, n <= :copies AS is_own,
    CASE WHEN n <= :copies THEN (n - :copies + :own_events) * :step ELSE (n - :copies) * 4 * :step END AS moved,
    CASE WHEN n <= :copies THEN (n - :copies + :own_events) * 5 ELSE (n - :copies) * 20 + 1 END AS slot,
    (n > :copies - :own_events AND n <= :copies) OR (n > :copies AND n <= :copies + :other_events) AS has_events,
    n * 1000000 AS shift
FROM numbers WHERE n <= :all_copies ORDER BY 4;

CREATE TEMPORARY TABLE first_bookings AS
SELECT b.*, l.lead_id AS linked_id, CAST(b.record_id AS TEXT) AS number
FROM bookings b LEFT JOIN links l ON l.account_id = b.account_id AND l.key = b.key AND l.role = 'main';

CREATE TEMPORARY TABLE first_events AS
SELECT e.*, row_number() OVER (ORDER BY e.id) AS rank, (SELECT count(*) FROM inbound_events) AS many,
    coalesce(CAST(b.record_id AS TEXT), '-') AS number, coalesce(b.record_id, e.id) AS owner
FROM inbound_events e LEFT JOIN bookings b ON b.key = e.subject;

CREATE TEMPORARY TABLE first_commands AS
SELECT c.*, e.rank, e.many, e.number, e.owner FROM outbox_commands c JOIN first_events e ON e.id = c.event_id;

CREATE TEMPORARY TABLE first_links AS
SELECT l.*, b.number, b.record_id FROM links l JOIN first_bookings b ON b.key = l.key;

CREATE TEMPORARY TABLE first_figures AS
SELECT f.*, b.number, b.record_id FROM booking_figures f JOIN first_bookings b ON b.key = f.key;

CREATE TEMPORARY TABLE first_leads AS
SELECT l.*, b.number, b.record_id FROM crm_leads l JOIN first_bookings b ON b.linked_id = l.lead_id;

INSERT INTO accounts (id, domain, crm_id, name, timezone, state, pause_code, pause_details, hook_secret, user_id,
    installed_at, token_generation)
SELECT 999 + n, 'idle' || n || '.amocrm.ru', 1000 + n, 'Салон ' || n, 'Europe/Moscow',
    CASE WHEN n % 50 = 0 THEN 'paused' ELSE 'active' END, '', '', 'secret-' || n, 1, :now - 90 * :step, 0
FROM numbers WHERE n <= 999;

INSERT INTO branches (id, account_id, company_id, title, mode, hook_secret, paused_code, paused_details, last_hook_at)
SELECT 1000 + n, 999 + n, 50000 + n, 'Салон ' || n, 'active', 'branch-' || n, '', '', :now - n * 1000000
FROM numbers WHERE n <= 999;

INSERT INTO lanes (id, account_id, name, fencing, batch_limit)
SELECT 1000 + n, 999 + n, 'bookings', 5, 200 FROM numbers WHERE n <= 999;

INSERT INTO lanes (id, account_id, name, fencing, batch_limit)
SELECT 2000 + n, 999 + n, 'mirror', 5, 200 FROM numbers WHERE n <= 999;

INSERT INTO sync_marks (account_id, collection, high, page, is_complete, total)
SELECT 999 + n, m.collection, m.high, m.page, m.is_complete, m.total
FROM numbers CROSS JOIN sync_marks m WHERE n <= 999 AND m.account_id = :account;

INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at, content_hash, snapshot,
    reason, lead_id, updated_at)
SELECT CASE WHEN s.is_own THEN :account ELSE 1000 + (b.record_id + s.n) % 999 END,
    CASE WHEN s.is_own THEN b.branch_id ELSE 1001 + (b.record_id + s.n) % 999 END,
    replace(b.key, b.number, CAST(b.record_id + s.shift AS TEXT)), b.record_id + s.shift, b.phase,
    b.starts_at + s.moved, b.changed_at + s.moved, b.content_hash || s.n,
    replace(b.snapshot, b.number, CAST(b.record_id + s.shift AS TEXT)), b.reason, b.lead_id + s.shift,
    b.updated_at + s.moved
FROM slots s CROSS JOIN first_bookings b;

-- The rows above lie ten times denser than bookings do in life, to fill the tables. What reports count lies as in
-- life, some 20,000 visits a month: its past is ten times longer.
INSERT INTO booking_figures (account_id, key, branch_id, phase, day, made_day, starts_at, ended_at, changed_at,
    price, budget, shares, direction, person, staff_id, author_id)
SELECT :account, replace(f.key, f.number, CAST(f.record_id + s.shift AS TEXT)), f.branch_id, f.phase,
    f.day + s.later / 86400000000, f.made_day + s.later / 86400000000, f.starts_at + s.later,
    f.ended_at + s.later, f.changed_at + s.later, f.price, f.budget, f.shares, f.direction,
    'contact:' || (CAST(substr(f.person, 9) AS BIGINT) + s.shift), f.staff_id, f.author_id
FROM (SELECT shift, is_own, :own_events * :step - (:own_events * :step - moved) * 10 AS later FROM slots) s
CROSS JOIN first_figures f WHERE s.is_own AND f.person LIKE 'contact:%';

INSERT INTO links (account_id, key, lead_id, role, direction, contact_id, version, applied, stage_id, stage_at,
    opened_by_us, created_at, updated_at)
SELECT CASE WHEN s.is_own THEN :account ELSE 1000 + (l.record_id + s.n) % 999 END,
    replace(l.key, l.number, CAST(l.record_id + s.shift AS TEXT)), l.lead_id + s.shift, l.role, l.direction,
    l.contact_id + s.shift, l.version + s.moved,
    replace(l.applied, l.number, CAST(l.record_id + s.shift AS TEXT)), l.stage_id, l.stage_at + s.moved,
    l.opened_by_us, l.created_at + s.moved, l.updated_at + s.moved
FROM slots s CROSS JOIN first_links l;

-- The youngest bodies are whole; those further down in the journal nobody opens here, and they would fill a disk.
INSERT INTO inbound_events (id, account_id, branch_id, lane_id, subject, source, kind, dedup_key, body, received_at,
    due_at, status, attempts, tries, begun_alone, reason, decision, error, scope_kind, scope_key, closed_at)
SELECT e.many * (s.slot + 1) + e.rank, CASE WHEN s.is_own THEN :account ELSE 1000 + (e.owner + s.n) % 999 END,
    CASE WHEN s.is_own THEN e.branch_id ELSE 1001 + (e.owner + s.n) % 999 END,
    CASE WHEN s.is_own THEN e.lane_id ELSE 1001 + (e.owner + s.n) % 999 END,
    replace(e.subject, e.number, CAST(e.owner + s.shift AS TEXT)), e.source, e.kind, e.dedup_key || s.n,
    CASE WHEN s.n > :copies - 20 AND s.is_own THEN e.body ELSE substr(e.body, 1, 200) END,
    e.received_at + s.moved, e.due_at + s.moved,
    CASE WHEN (s.n + e.rank) % 500 = 0 THEN 'failed' WHEN (s.n + e.rank) % 700 = 0 THEN 'blocked'
        WHEN s.n = :copies AND e.number <> '-' THEN 'waiting' ELSE e.status END,
    e.attempts, e.tries, e.begun_alone, e.reason,
    replace(e.decision, e.number, CAST(e.owner + s.shift AS TEXT)),
    CASE WHEN (s.n + e.rank) % 500 = 0 THEN 'inbox.gave_up'
        WHEN (s.n + e.rank) % 700 = 0 THEN 'yclients.forbidden' END,
    CASE WHEN (s.n + e.rank) % 700 = 0 THEN 'branch' END,
    CASE WHEN (s.n + e.rank) % 700 = 0 THEN '41007' END, e.closed_at + s.moved
FROM slots s CROSS JOIN first_events e WHERE s.has_events;

INSERT INTO outbox_commands (event_id, attempt, position, account_id, subject, kind, payload, status, result,
    planned_at, settled_at)
SELECT c.many * (s.slot + 1) + c.rank, c.attempt, c.position,
    CASE WHEN s.is_own THEN :account ELSE 1000 + (c.owner + s.n) % 999 END,
    replace(c.subject, c.number, CAST(c.owner + s.shift AS TEXT)), c.kind,
    CASE WHEN s.n > :copies - 20 AND s.is_own THEN c.payload ELSE '{"kind":"' || c.kind || '"}' END,
    c.status, c.result, c.planned_at + s.moved, c.settled_at + s.moved
FROM slots s CROSS JOIN first_commands c WHERE s.has_events;

INSERT INTO crm_leads (account_id, lead_id, name, pipeline_id, stage_id, responsible_id, price, tags, fields,
    created_by, created_at, updated_at, is_deleted)
SELECT CASE WHEN s.is_own THEN :account ELSE 1000 + (l.record_id + s.n) % 999 END, l.lead_id + s.shift, l.name,
    l.pipeline_id, l.stage_id, l.responsible_id, l.price, l.tags,
    replace(l.fields, l.number, CAST(l.record_id + s.shift AS TEXT)), l.created_by, l.created_at + s.moved,
    l.updated_at + s.moved, l.is_deleted
FROM slots s CROSS JOIN first_leads l;

INSERT INTO lead_contacts (account_id, lead_id, contact_id, position)
SELECT :account, c.lead_id + s.shift, c.contact_id + s.shift, c.position
FROM slots s CROSS JOIN lead_contacts c WHERE s.is_own;

INSERT INTO person_keys (account_id, key, contact_id, is_card)
SELECT :account, CASE WHEN p.is_card THEN p.key || s.n
        ELSE '+79' || (100000000 + p.contact_id % 1000 * 10000 + s.n) END,
    p.contact_id + s.shift, p.is_card
FROM slots s CROSS JOIN person_keys p WHERE s.is_own;

INSERT INTO crm_contacts (account_id, contact_id, name, phones, created_at, updated_at, is_deleted)
SELECT :account, c.contact_id + s.shift, c.name || ' ' || s.n,
    '["+79' || (100000000 + c.contact_id % 1000 * 10000 + s.n) || '"]', c.created_at + s.moved,
    c.updated_at + s.moved, c.is_deleted
FROM slots s CROSS JOIN crm_contacts c WHERE s.is_own;

INSERT INTO hour_figures (account_id, hour, received, troubled, created, attached, changed, lag_ms, amo_requests,
    yc_requests)
SELECT a.id, :now / 3600000000 - n + 1, 1000 + n % 100, n % 3, 300, 90, 400, n % 4000, 900, 200
FROM accounts a CROSS JOIN numbers WHERE n <= 840 AND (a.id = :account OR (a.id + n) % 4 = 0);

INSERT INTO config_versions (account_id, number, document, author, note, created_at)
SELECT account_id, 1 + n, replace(document, 'Маникюр', 'Маникюр ' || n), author, note, created_at + n * :step
FROM config_versions CROSS JOIN numbers WHERE number = 1 AND n < :versions;

INSERT INTO audit_entries (account_id, operator, address, action, subject, before, after, created_at)
SELECT CASE WHEN n % 4 = 0 THEN 1000 + n % 999 ELSE :account END, 'operator' || n % 30, '10.0.0.' || n % 250,
    CASE n % 3 WHEN 0 THEN 'account.paused' WHEN 1 THEN 'event.replayed' ELSE 'config.saved' END, '№ ' || n,
    '{"mode": "observe", "title": "Салон"}', '{"mode": "active", "title": "Салон ' || n || '"}',
    :now - (30000 - n - 10000 * m) * 1000000
FROM numbers CROSS JOIN (SELECT 0 AS m UNION ALL SELECT 1 UNION ALL SELECT 2) AS more;

INSERT INTO long_works (account_id, kind, params, state, done, total, started_by, created_at, started_at, ended_at)
SELECT CASE WHEN n % 2 = 0 THEN 1000 + n % 999 ELSE :account END, 'catalogue', '{}', 'done', 20, 20, 'operator1',
    :now - n * 1000000, :now - n * 1000000, :now - n * 1000000
FROM numbers WHERE n <= 1000;

INSERT INTO alarms (account_id, code, scope_kind, scope_key, details, raised_at, seen_at, times, is_open)
SELECT CASE WHEN n % 2 = 0 THEN 1000 + n % 999 ELSE :account END, 'inbox.gave_up', 'event', CAST(n AS TEXT),
    '{"event_id": ' || n || '}', :now - n * 1000000, :now - n * 1000000, 3, n % 100 = 0
FROM numbers WHERE n <= 5000;

INSERT INTO operators (login, password_hash, role, is_active, created_at)
SELECT 'operator' || n, '!', 'operator', n % 5 > 0, :now FROM numbers WHERE n < 30;
