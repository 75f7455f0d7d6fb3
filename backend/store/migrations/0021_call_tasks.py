"""Tasks for missed calls, whose person a lane is just making, and whose contact a contact is.

Contacts are read once more, because their responsible person was not kept until now.
"""

from __future__ import annotations

SCRIPT = """
CREATE TABLE call_tasks (
    id {key},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    client_key TEXT NOT NULL,
    uniq TEXT NOT NULL,
    task_id BIGINT NOT NULL,
    entity TEXT,
    entity_id BIGINT,
    responsible_id BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT,
    UNIQUE (account_id, task_id)
);
CREATE INDEX call_tasks_open ON call_tasks (account_id, client_key) WHERE closed_at IS NULL;
CREATE INDEX call_tasks_call ON call_tasks (account_id, uniq);
CREATE TABLE person_claims (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lane_id BIGINT NOT NULL,
    command_id BIGINT NOT NULL,
    expires DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX person_claims_command ON person_claims (command_id);
ALTER TABLE crm_contacts ADD COLUMN responsible_id BIGINT;
UPDATE sync_marks SET is_complete = FALSE, page = 1, high = NULL, total = 0 WHERE collection = 'contacts'
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
