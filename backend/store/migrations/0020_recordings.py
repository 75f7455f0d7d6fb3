"""Recordings of calls: what is kept of each, who listened, and the keys that their links are signed with."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE recordings (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    pbx_id BIGINT NOT NULL,
    uniq TEXT NOT NULL,
    part BIGINT NOT NULL,
    public TEXT NOT NULL UNIQUE,
    key_id BIGINT NOT NULL,
    names TEXT NOT NULL,
    state TEXT NOT NULL,
    trouble TEXT NOT NULL,
    details TEXT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT,
    called_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    kept_at BIGINT,
    path TEXT NOT NULL,
    mime TEXT NOT NULL,
    size BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    digest TEXT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (account_id, uniq, part)
);
CREATE INDEX recordings_due ON recordings (due_at) WHERE state = 'waiting';
CREATE INDEX recordings_called ON recordings (account_id, called_at);
CREATE TABLE recording_accesses (
    id {key},
    account_id BIGINT NOT NULL,
    recording_id BIGINT NOT NULL REFERENCES recordings (id),
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    status BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX recording_accesses_one ON recording_accesses (recording_id, id);
CREATE INDEX recording_accesses_old ON recording_accesses (account_id, last_at);
CREATE TABLE recording_keys (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    secret TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE INDEX recording_keys_account ON recording_keys (account_id, id)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
