"""What the panel keeps: second factors, long work with its progress, and figures per hour."""

from __future__ import annotations

SCRIPT = """
ALTER TABLE operators ADD COLUMN totp_secret TEXT;
ALTER TABLE operators ADD COLUMN totp_step BIGINT;
ALTER TABLE operators ADD COLUMN recovery_hashes TEXT;
ALTER TABLE operators ADD COLUMN session_generation BIGINT NOT NULL DEFAULT 0;
CREATE TABLE long_works (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL DEFAULT 0,
    total BIGINT,
    note TEXT NOT NULL DEFAULT '',
    started_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX long_works_account ON long_works (account_id, id);
CREATE INDEX long_works_open ON long_works (account_id) WHERE state IN ('waiting', 'running');
CREATE TABLE hour_figures (
    account_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    received BIGINT NOT NULL,
    troubled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    attached BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    lag_ms BIGINT NOT NULL,
    amo_requests BIGINT NOT NULL,
    yc_requests BIGINT NOT NULL,
    PRIMARY KEY (account_id, hour)
);
CREATE INDEX hour_figures_hour ON hour_figures (hour);
CREATE INDEX inbound_events_blocked ON inbound_events (account_id) WHERE status = 'blocked';
DROP INDEX lead_contacts_contact;
CREATE INDEX lead_contacts_contact ON lead_contacts (account_id, contact_id, lead_id);
CREATE INDEX audit_entries_action ON audit_entries (account_id, action, id);
CREATE INDEX audit_entries_person ON audit_entries (account_id, operator, id);
CREATE INDEX audit_entries_operator ON audit_entries (operator, id);
CREATE INDEX bookings_starts ON bookings (account_id, starts_at, id);
CREATE INDEX crm_contacts_name ON crm_contacts (account_id, name{bytewise}, contact_id)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows.

    Leads of a contact are found in one index alone: SQLite, knowing no statistics, would else read the
    whole table's.
    Beginnings of names are looked up as ranges, so the index orders them byte by byte: SQLite always does.
    """
    bytewise = "" if "AUTOINCREMENT" in key else ' COLLATE "C"'
    script = SCRIPT.replace("{key}", key).replace("{bytewise}", bytewise)
    return [statement.strip() for statement in script.split(";") if statement.strip()]
