"""What people do with bookings from a lead's card: the intent before the call, its outcome after it."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE card_actions (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    form TEXT NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    digest TEXT NOT NULL,
    api_id TEXT NOT NULL,
    state TEXT NOT NULL,
    lead_id BIGINT,
    company_id BIGINT NOT NULL,
    booking_key TEXT,
    content_hash TEXT,
    result TEXT,
    error TEXT,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    ended_at BIGINT,
    UNIQUE (account_id, form)
);
CREATE INDEX card_actions_api_id ON card_actions (account_id, api_id);
CREATE INDEX card_actions_booking ON card_actions (account_id, booking_key) WHERE booking_key IS NOT NULL;
CREATE INDEX card_actions_lead ON card_actions (account_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX card_actions_open ON card_actions (sent_at) WHERE state IN ('sent', 'unsure');
CREATE INDEX card_actions_created ON card_actions (created_at)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [one.strip() for one in SCRIPT.replace("{key}", key).split(";") if one.strip()]
