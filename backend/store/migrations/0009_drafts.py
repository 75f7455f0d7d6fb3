"""Rules that somebody looks at before saving them, with what a simulation found."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE rule_drafts (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    action TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    base BIGINT NOT NULL,
    compared BIGINT NOT NULL,
    sections TEXT NOT NULL,
    document TEXT NOT NULL,
    is_whole BOOLEAN NOT NULL,
    is_offered BOOLEAN NOT NULL,
    place TEXT NOT NULL,
    typed TEXT NOT NULL,
    days BIGINT NOT NULL,
    result TEXT,
    is_done BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX rule_drafts_account ON rule_drafts (account_id, id)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
