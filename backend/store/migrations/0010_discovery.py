"""What was found before a move from another widget: bookings, notes, what else stands in both systems. The
mirror learns what else a contact carries.
"""

from __future__ import annotations

SCRIPT = """
CREATE TABLE takeover_pulls (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    collection TEXT NOT NULL,
    position BIGINT NOT NULL,
    cursor TEXT NOT NULL,
    found BIGINT NOT NULL,
    unreadable BIGINT NOT NULL,
    total BIGINT,
    requests BIGINT NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,
    began_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, collection)
);

CREATE TABLE takeover_records (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    key TEXT NOT NULL,
    company_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    visit_id BIGINT NOT NULL,
    client_id BIGINT NOT NULL,
    phone TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    phase TEXT NOT NULL,
    price BIGINT NOT NULL,
    is_online BOOLEAN NOT NULL,
    author_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    staff_title TEXT NOT NULL,
    services TEXT NOT NULL,
    comment TEXT NOT NULL,
    client_name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX takeover_records_company ON takeover_records (account_id, company_id, key);
CREATE INDEX takeover_records_phone ON takeover_records (account_id, phone);

CREATE TABLE takeover_notes (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    note_id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (account_id, note_id)
);
CREATE INDEX takeover_notes_lead ON takeover_notes (account_id, lead_id);

CREATE TABLE takeover_clients (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    client_id BIGINT NOT NULL,
    phone TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (account_id, company_id, client_id)
);

CREATE TABLE takeover_surroundings (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
    facts TEXT NOT NULL,
    read_at BIGINT NOT NULL
);

ALTER TABLE crm_contacts ADD COLUMN fields TEXT;
ALTER TABLE crm_contacts ADD COLUMN tags TEXT;
ALTER TABLE crm_contacts ADD COLUMN created_by BIGINT
"""


def statements(key: str) -> list[str]:  # noqa: ARG001 - no table here has a number of its own
    return [statement.strip() for statement in SCRIPT.split(";") if statement.strip()]
