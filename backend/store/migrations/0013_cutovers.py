"""Who writes for a salon while it moves from another widget, and how its switch went, step by step."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE branch_writers (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    writer TEXT NOT NULL,
    fence BIGINT NOT NULL,
    since BIGINT NOT NULL,
    t0 BIGINT,
    PRIMARY KEY (account_id, company_id)
);

CREATE TABLE cutovers (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL,
    wish TEXT NOT NULL,
    trouble TEXT NOT NULL,
    kept TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    t0 BIGINT,
    leased_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX cutovers_salon ON cutovers (account_id, company_id, id);

CREATE TABLE cutover_steps (
    id {key},
    cutover_id BIGINT NOT NULL REFERENCES cutovers (id),
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    own_ms BIGINT NOT NULL,
    details TEXT NOT NULL,
    UNIQUE (cutover_id, step)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
