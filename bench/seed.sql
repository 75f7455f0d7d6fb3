-- History for scale_flatness. The named parameters are the measured account's; 999 idle accounts begin at id 1000.
-- Half of every table belongs to the measured account, the rest to the others. Times are microseconds, long ago.
INSERT INTO accounts (id, domain, crm_id, name, timezone, state, pause_code, pause_details, hook_secret, user_id,
    installed_at, token_generation)
SELECT 1000 + n, 'idle' || n || '.amocrm.ru', 1000 + n, 'idle', 'Europe/Moscow', 'active', '', '', 'secret-' || n, 1,
    1700000000000000, 0
FROM generate_series(0, 998) n;

INSERT INTO branches (account_id, company_id, title, mode, hook_secret, paused_code, paused_details)
SELECT 1000 + n, 50000 + n, 'salon', 'active', 'branch-' || n, '', '' FROM generate_series(0, 998) n;

INSERT INTO lanes (id, account_id, name, fencing, batch_limit)
SELECT 1000 + n, 1000 + n, 'bookings', 5, 200 FROM generate_series(0, 998) n;

INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at, content_hash, snapshot,
    reason, lead_id, updated_at)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, 1, 'yclients:41001:' || n, n, 'waiting',
    1700000000000000 + n, 1700000000000000 + n, md5(n::text), repeat('{"поле": "значение"} ', 20),
    'booking.lead_created', n, 1700000000000000 + n
FROM generate_series(1, 1000000) n;

INSERT INTO links (account_id, key, lead_id, role, direction, contact_id, version, applied, opened_by_us,
    created_at, updated_at)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, 'yclients:41001:' || n, n, 'main', 'epilation',
    n % 600000, 1700000000000000, '{"name":"Запись"}', true, 1700000000000000 + n, 1700000000000000 + n
FROM generate_series(1, 1000000) n;

INSERT INTO inbound_events (account_id, branch_id, lane_id, subject, source, kind, dedup_key, body, received_at,
    due_at, status, reason, closed_at)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, 1,
    CASE WHEN n % 2 = 0 THEN :lane ELSE 1000 + n % 999 END, 'yclients:41001:' || n, 'yclients', 'yclients.record',
    md5(n::text), repeat('{"поле": "значение"} ', 20), 1700000000000000 + n, 1700000000000000 + n, 'done',
    'booking.lead_created', 1700000000000000 + n
FROM generate_series(1, 200000) n;

INSERT INTO crm_leads (account_id, lead_id, name, pipeline_id, stage_id, responsible_id, price, tags, fields,
    created_by, created_at, updated_at, is_deleted)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, n, 'Запись', 8001,
    CASE WHEN n % 5 = 0 THEN 8101 ELSE 142 END, 7000001, 250000, '[]', '[[9001,"' || n || '"]]', 0,
    1700000000000000, 1700000000000000 + n, false
FROM generate_series(1, 1000000) n;

INSERT INTO crm_contacts (account_id, contact_id, name, phones, created_at, updated_at, is_deleted)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, n, 'Клиент',
    '["+7911' || lpad(n::text, 7, '0') || '"]', 1700000000000000, 1700000000000000 + n, false
FROM generate_series(1, 600000) n;

INSERT INTO lead_contacts (account_id, lead_id, contact_id, position)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, n, 1 + n % 600000, 0
FROM generate_series(1, 1000000) n;

INSERT INTO person_keys (account_id, key, contact_id, is_card)
SELECT CASE WHEN n % 2 = 0 THEN :account ELSE 1000 + n % 999 END, '+7911' || lpad(n::text, 7, '0'), n, false
FROM generate_series(1, 600000) n;

-- What autovacuum does in time.
VACUUM ANALYZE bookings;
VACUUM ANALYZE links;
VACUUM ANALYZE inbound_events;
VACUUM ANALYZE crm_leads;
VACUUM ANALYZE crm_contacts;
VACUUM ANALYZE lead_contacts;
VACUUM ANALYZE person_keys;
ANALYZE;
CHECKPOINT;
