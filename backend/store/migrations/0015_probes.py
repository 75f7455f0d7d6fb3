"""Moving over, for people: what was answered about the other widget, the counters of each salon before and
after, and who accepted it; and how many requests the vendors refused.
"""

from __future__ import annotations

SCRIPT = """
ALTER TABLE hour_figures ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
CREATE TABLE takeover_probes (
    account_id BIGINT NOT NULL,
    probe TEXT NOT NULL,
    answers TEXT NOT NULL,
    lead_id BIGINT,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, probe)
);
CREATE TABLE takeover_counters (
    id {key},
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    moment TEXT NOT NULL,
    since BIGINT,
    counters TEXT NOT NULL,
    taken_at BIGINT NOT NULL
);
CREATE INDEX takeover_counters_salon ON takeover_counters (account_id, company_id, moment, id);
CREATE TABLE takeover_acceptances (
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    counters_id BIGINT NOT NULL,
    customer TEXT NOT NULL,
    contractor TEXT NOT NULL,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, company_id)
)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.replace("{key}", key).split(";") if statement.strip()]
