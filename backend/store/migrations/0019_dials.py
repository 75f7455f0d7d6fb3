"""Clicks on a number: a row is there before the PBX is asked, and only a row in time is ever dialled."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE dials (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    pbx_id BIGINT,
    user_id BIGINT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BIGINT,
    address TEXT NOT NULL,
    call_order TEXT,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    call_uniq TEXT,
    made_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    claimed_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX dials_user ON dials (account_id, user_id, made_at);
CREATE INDEX dials_waiting ON dials (pbx_id, id) WHERE status = 'waiting';
CREATE UNIQUE INDEX dials_pending ON dials (account_id, user_id)
    WHERE status IN ('waiting', 'claimed', 'ringing_operator', 'ringing_client')
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.replace("{key}", key).split(";") if statement.strip()]
