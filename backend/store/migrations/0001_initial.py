"""The first schema. Times are microseconds since 1970; open events and planned commands have partial indices
of their own, so that the road does not slow down as history grows."""

from __future__ import annotations

ACCOUNTS = """
CREATE TABLE accounts (
    id {key},
    domain TEXT NOT NULL UNIQUE,
    crm_id BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    state TEXT NOT NULL,
    pause_code TEXT NOT NULL,
    pause_details TEXT NOT NULL,
    hook_secret TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    schema TEXT,
    installed_at BIGINT NOT NULL,
    removed_at BIGINT,
    tokens TEXT,
    token_expires_at BIGINT,
    token_generation BIGINT NOT NULL,
    refresh_started_at BIGINT
);
CREATE TABLE config_versions (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, number)
);
CREATE TABLE lead_fields (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    field_id BIGINT NOT NULL,
    is_broken BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, name)
);
"""

BRANCHES = """
CREATE TABLE branches (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    mode TEXT NOT NULL,
    timezone TEXT,
    responsible_id BIGINT,
    user_token TEXT,
    hook_secret TEXT NOT NULL UNIQUE,
    paused_code TEXT NOT NULL,
    paused_details TEXT NOT NULL,
    reconciled_to BIGINT,
    last_hook_at BIGINT,
    UNIQUE (account_id, company_id)
);
CREATE TABLE branch_categories (
    branch_id BIGINT NOT NULL REFERENCES branches (id),
    category_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    is_gone BOOLEAN NOT NULL,
    PRIMARY KEY (branch_id, category_id)
);
CREATE TABLE branch_services (
    branch_id BIGINT NOT NULL REFERENCES branches (id),
    service_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    category_id BIGINT,
    is_gone BOOLEAN NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (branch_id, service_id)
);
CREATE TABLE branch_staff (
    branch_id BIGINT NOT NULL REFERENCES branches (id),
    staff_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    is_gone BOOLEAN NOT NULL,
    PRIMARY KEY (branch_id, staff_id)
);
"""

EVENTS = """
CREATE TABLE lanes (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    owner TEXT,
    expires DOUBLE PRECISION,
    fencing BIGINT NOT NULL,
    batch_limit BIGINT NOT NULL,
    UNIQUE (account_id, name)
);
CREATE TABLE inbound_events (
    id {key},
    account_id BIGINT NOT NULL,
    branch_id BIGINT,
    lane_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    begun_alone BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    decision TEXT,
    error TEXT,
    scope_kind TEXT,
    scope_key TEXT,
    closed_at BIGINT,
    UNIQUE (account_id, source, dedup_key)
);
CREATE INDEX inbound_events_due ON inbound_events (lane_id, due_at, id)
    WHERE status IN ('received', 'waiting');
CREATE INDEX inbound_events_open_subject ON inbound_events (lane_id, subject, due_at)
    WHERE status IN ('received', 'waiting');
CREATE INDEX inbound_events_trouble ON inbound_events (account_id, id)
    WHERE status IN ('blocked', 'rejected', 'failed');
CREATE INDEX inbound_events_subject ON inbound_events (account_id, subject, id);
CREATE INDEX inbound_events_account ON inbound_events (account_id, id);
CREATE INDEX inbound_events_received ON inbound_events (received_at);
CREATE TABLE outbox_commands (
    id {key},
    event_id BIGINT NOT NULL REFERENCES inbound_events (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    position BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT,
    error TEXT,
    planned_at BIGINT NOT NULL,
    settled_at BIGINT,
    UNIQUE (event_id, attempt, position)
);
CREATE INDEX outbox_commands_unfinished ON outbox_commands (account_id, subject) WHERE status = 'planned';
"""

LINKS = """
CREATE TABLE links (
    id {key},
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    direction TEXT NOT NULL,
    contact_id BIGINT,
    version BIGINT,
    applied TEXT NOT NULL,
    stage_id BIGINT,
    stage_at BIGINT,
    opened_by_us BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX links_main ON links (account_id, key) WHERE role = 'main';
CREATE INDEX links_key ON links (account_id, key);
CREATE INDEX links_lead ON links (account_id, lead_id);
CREATE TABLE bookings (
    id {key},
    account_id BIGINT NOT NULL,
    branch_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    record_id BIGINT NOT NULL,
    phase TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    content_hash TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    reason TEXT,
    lead_id BIGINT,
    updated_at BIGINT NOT NULL,
    UNIQUE (account_id, key)
);
CREATE INDEX bookings_record ON bookings (account_id, record_id);
CREATE INDEX bookings_newest ON bookings (account_id, updated_at, id);
CREATE INDEX bookings_of_branch ON bookings (branch_id, updated_at, id);
"""

MIRROR = """
CREATE TABLE crm_contacts (
    account_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    phones TEXT NOT NULL,
    created_at BIGINT,
    updated_at BIGINT NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, contact_id)
);
CREATE TABLE crm_leads (
    account_id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    pipeline_id BIGINT NOT NULL,
    stage_id BIGINT NOT NULL,
    responsible_id BIGINT NOT NULL,
    price BIGINT NOT NULL,
    tags TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at BIGINT,
    updated_at BIGINT NOT NULL,
    is_deleted BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, lead_id)
);
CREATE TABLE lead_contacts (
    account_id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (account_id, lead_id, contact_id)
);
CREATE INDEX lead_contacts_contact ON lead_contacts (account_id, contact_id);
CREATE TABLE person_keys (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    contact_id BIGINT NOT NULL,
    is_card BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, key, contact_id)
);
CREATE INDEX person_keys_contact ON person_keys (account_id, contact_id);
CREATE TABLE sync_marks (
    account_id BIGINT NOT NULL,
    collection TEXT NOT NULL,
    high BIGINT,
    page BIGINT NOT NULL,
    is_complete BOOLEAN NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (account_id, collection)
);
"""

PEOPLE = """
CREATE TABLE alarms (
    id {key},
    account_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    scope_kind TEXT NOT NULL,
    scope_key TEXT NOT NULL,
    details TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    is_open BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX alarms_open ON alarms (account_id, code, scope_kind, scope_key) WHERE is_open;
CREATE TABLE operators (
    id {key},
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT
);
CREATE TABLE sign_in_failures (
    subject TEXT PRIMARY KEY,
    failed_count BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    locked_until BIGINT
);
CREATE TABLE audit_entries (
    id {key},
    account_id BIGINT,
    operator TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_entries_account ON audit_entries (account_id, id);
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    script = "".join((ACCOUNTS, BRANCHES, EVENTS, LINKS, MIRROR, PEOPLE)).replace("{key}", key)
    return [statement.strip() for statement in script.split(";") if statement.strip()]
