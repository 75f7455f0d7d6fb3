"""Telephone exchanges of the accounts, and what is known of the connection to each."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE pbxes (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    tls BOOLEAN NOT NULL,
    login TEXT NOT NULL,
    secret TEXT,
    options TEXT,
    token TEXT NOT NULL,
    is_on BOOLEAN NOT NULL,
    is_removed BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX pbxes_code ON pbxes (account_id, code) WHERE NOT is_removed;
CREATE UNIQUE INDEX pbxes_token ON pbxes (token);

CREATE TABLE pbx_states (
    pbx_id BIGINT PRIMARY KEY REFERENCES pbxes (id),
    seen_at BIGINT,
    connected_since BIGINT,
    last_event_at BIGINT,
    last_pong_at BIGINT,
    events_per_minute BIGINT NOT NULL,
    open_calls BIGINT NOT NULL,
    lag_ms BIGINT NOT NULL,
    version TEXT NOT NULL,
    trouble TEXT NOT NULL,
    details TEXT NOT NULL,
    findings TEXT NOT NULL
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
