"""What the watch keeps: doubles with a proposed action, what each look into the journals found to differ, how
busy a salon usually is, who let held creations go, and what was told to people.
"""

from __future__ import annotations

SCRIPT = """
ALTER TABLE alarms ADD COLUMN told_at BIGINT;
CREATE TABLE doubles (
    id {key},
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    lead_ids TEXT NOT NULL,
    contact_ids TEXT NOT NULL,
    action TEXT NOT NULL,
    target_id BIGINT,
    why TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    is_open BOOLEAN NOT NULL,
    UNIQUE (account_id, kind, subject)
);
CREATE INDEX doubles_open ON doubles (account_id, id) WHERE is_open;
CREATE INDEX doubles_open_kind ON doubles (account_id, kind, id) WHERE is_open;
CREATE TABLE journal_looks (
    id {key},
    account_id BIGINT NOT NULL,
    branch_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    night TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    looked BIGINT NOT NULL,
    repaired BIGINT NOT NULL,
    left_over BIGINT NOT NULL,
    UNIQUE (account_id, branch_id, kind, night)
);
CREATE INDEX journal_looks_account ON journal_looks (account_id, id);
CREATE TABLE drifts (
    id {key},
    look_id BIGINT NOT NULL REFERENCES journal_looks (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    lead_id BIGINT,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    outcome TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    UNIQUE (look_id, key, kind)
);
CREATE INDEX drifts_account ON drifts (account_id, id);
CREATE TABLE usual_creations (
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    per_hour BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, company_id)
);
CREATE TABLE creations (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    company_id BIGINT NOT NULL,
    person TEXT NOT NULL,
    series TEXT NOT NULL,
    visit_id BIGINT NOT NULL,
    passed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX creations_recent ON creations (account_id, passed_at);
CREATE INDEX creations_person ON creations (account_id, person, passed_at);
CREATE TABLE brake_releases (
    account_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    released_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, scope)
);
CREATE INDEX crm_leads_changed ON crm_leads (account_id, updated_at);
CREATE INDEX crm_leads_open ON crm_leads (account_id, lead_id)
    WHERE NOT is_deleted AND stage_id NOT IN (142, 143)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.replace("{key}", key).split(";") if statement.strip()]
