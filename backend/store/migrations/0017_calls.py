"""Calls, each in one row whoever told of it; how far a PBX's own tables were read; how the added functions of
an installation fare.
"""

from __future__ import annotations

SCRIPT = """
CREATE TABLE calls (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    pbx_id BIGINT NOT NULL,
    uniq TEXT NOT NULL,
    state TEXT NOT NULL,
    way TEXT NOT NULL,
    stage TEXT NOT NULL,
    outcome TEXT,
    miss TEXT,
    trunk TEXT NOT NULL,
    did TEXT NOT NULL,
    line TEXT NOT NULL,
    client TEXT NOT NULL,
    client_key TEXT NOT NULL,
    user_id BIGINT,
    began_at BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at BIGINT,
    wait_ms BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    is_lost BOOLEAN NOT NULL,
    is_incomplete BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    request_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    crm TEXT,
    updated_at BIGINT NOT NULL,
    UNIQUE (account_id, uniq)
);
CREATE INDEX calls_period ON calls (account_id, began_at);
CREATE INDEX calls_client ON calls (account_id, client_key, began_at);
CREATE INDEX calls_open ON calls (pbx_id, began_at) WHERE state = 'open';
CREATE INDEX calls_request ON calls (account_id, request_id) WHERE request_id <> '';
CREATE TABLE call_readings (
    pbx_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    position BIGINT NOT NULL,
    read_until BIGINT,
    read_at BIGINT,
    trouble TEXT,
    details TEXT,
    PRIMARY KEY (pbx_id, source)
);
CREATE TABLE call_comparisons (
    id {key},
    account_id BIGINT NOT NULL,
    pbx_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    compared_at BIGINT NOT NULL,
    report TEXT NOT NULL
);
CREATE INDEX call_comparisons_pbx ON call_comparisons (pbx_id, id);
CREATE TABLE call_hook_figures (
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    day BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    last_error TEXT,
    failed_at BIGINT,
    PRIMARY KEY (account_id, name, day)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
