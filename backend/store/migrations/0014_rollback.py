"""What we wrote into leads of salons that move from another widget, with what stood there before; what others
changed meanwhile; what is held or left alone because of them; and how a return to that widget went.
"""

from __future__ import annotations

SCRIPT = """
CREATE TABLE takeover_changes (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    command_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lead_id BIGINT,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    written_at BIGINT,
    undone_at BIGINT
);
CREATE INDEX takeover_changes_salon ON takeover_changes (account_id, company_id, id);
CREATE INDEX takeover_changes_lead ON takeover_changes (account_id, lead_id, what);
CREATE INDEX takeover_changes_command ON takeover_changes (command_id);

CREATE TABLE foreign_writes (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    author BIGINT,
    written_at BIGINT NOT NULL,
    UNIQUE (account_id, lead_id, what, written_at, after)
);
CREATE INDEX foreign_writes_salon ON foreign_writes (account_id, company_id, written_at);

CREATE TABLE takeover_stops (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    stopped_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, company_id, lead_id, what)
);

CREATE TABLE rollbacks (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    company_id BIGINT NOT NULL,
    author TEXT NOT NULL,
    wish TEXT NOT NULL,
    state TEXT NOT NULL,
    steps TEXT NOT NULL,
    trouble TEXT NOT NULL,
    since BIGINT,
    begun_at BIGINT NOT NULL,
    returned_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX rollbacks_salon ON rollbacks (account_id, company_id, id);

CREATE TABLE rollback_lines (
    id {key},
    rollback_id BIGINT NOT NULL REFERENCES rollbacks (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    now TEXT NOT NULL,
    outcome TEXT NOT NULL,
    settled_at BIGINT,
    UNIQUE (rollback_id, lead_id, what)
);

CREATE TABLE rollback_born (
    id {key},
    rollback_id BIGINT NOT NULL REFERENCES rollbacks (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    mark TEXT NOT NULL,
    copy_id BIGINT,
    copied_at BIGINT,
    state TEXT NOT NULL,
    UNIQUE (rollback_id, key)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.replace("{key}", key).split(";") if statement.strip()]
