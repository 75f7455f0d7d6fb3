"""What was measured about another integration's marks and habits, and what a person said of it."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE takeover_profiles (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
    result TEXT NOT NULL,
    measured TEXT NOT NULL,
    corrected TEXT,
    measured_at BIGINT,
    corrected_at BIGINT,
    corrected_by TEXT NOT NULL
);
CREATE TABLE takeover_values (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    what TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account_id, value, what)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
