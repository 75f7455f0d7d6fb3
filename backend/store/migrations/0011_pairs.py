"""Which bookings and leads of another integration belong together, and what people decided about them."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE takeover_pairs (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    reasons TEXT NOT NULL,
    state TEXT NOT NULL,
    is_best BOOLEAN NOT NULL,
    is_tie BOOLEAN NOT NULL,
    is_for_a_look BOOLEAN NOT NULL,
    is_decided BOOLEAN NOT NULL,
    starts_at BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    UNIQUE (account_id, key, lead_id)
);
CREATE UNIQUE INDEX takeover_pairs_booking ON takeover_pairs (account_id, key)
    WHERE state IN ('accepted', 'adopted');
CREATE UNIQUE INDEX takeover_pairs_lead ON takeover_pairs (account_id, lead_id)
    WHERE state IN ('accepted', 'adopted');
CREATE INDEX takeover_pairs_list ON takeover_pairs (account_id, state, starts_at, id);
CREATE INDEX takeover_pairs_deal ON takeover_pairs (account_id, lead_id);
CREATE TABLE takeover_decisions (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    batch TEXT NOT NULL,
    pair_id BIGINT NOT NULL REFERENCES takeover_pairs (id) ON DELETE CASCADE,
    before TEXT NOT NULL,
    was_decided BOOLEAN NOT NULL,
    after TEXT NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    is_undone BOOLEAN NOT NULL
);
CREATE INDEX takeover_decisions_newest ON takeover_decisions (account_id, id);
CREATE INDEX takeover_decisions_pair ON takeover_decisions (pair_id)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
