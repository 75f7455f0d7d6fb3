"""Shadow beside another integration: which salons are compared, how far, what differed, what people said."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE takeover_shadows (
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    begun_by TEXT NOT NULL,
    settle_seconds BIGINT NOT NULL,
    way TEXT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (account_id, company_id)
);
CREATE TABLE takeover_shadow_marks (
    account_id BIGINT NOT NULL,
    feed TEXT NOT NULL,
    reached_at BIGINT NOT NULL,
    reached_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, feed)
);
CREATE TABLE takeover_diffs (
    id {key},
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    compared_at BIGINT NOT NULL,
    looked_at BIGINT NOT NULL,
    next_look_at BIGINT,
    version BIGINT NOT NULL,
    action TEXT NOT NULL,
    trait TEXT NOT NULL,
    diff TEXT NOT NULL,
    reason TEXT NOT NULL,
    lead_id BIGINT,
    theirs TEXT,
    intent TEXT NOT NULL,
    lag_seconds BIGINT,
    acted BOOLEAN NOT NULL,
    UNIQUE (account_id, key, decided_at)
);
CREATE INDEX takeover_diffs_salon ON takeover_diffs (account_id, company_id, compared_at, id);
CREATE INDEX takeover_diffs_newest ON takeover_diffs (account_id, compared_at, id);
CREATE INDEX takeover_diffs_next ON takeover_diffs (account_id, next_look_at) WHERE next_look_at IS NOT NULL;
CREATE TABLE takeover_diff_parts (
    id {key},
    diff_id BIGINT NOT NULL REFERENCES takeover_diffs (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    diff TEXT NOT NULL,
    rule TEXT NOT NULL,
    what TEXT NOT NULL,
    ours TEXT,
    theirs TEXT,
    version BIGINT NOT NULL,
    found_at BIGINT NOT NULL
);
CREATE INDEX takeover_diff_parts_of ON takeover_diff_parts (diff_id, id);
CREATE INDEX takeover_diff_parts_salon ON takeover_diff_parts (account_id, company_id, found_at);
CREATE INDEX takeover_diff_parts_rule ON takeover_diff_parts (account_id, rule, diff, found_at);
CREATE TABLE takeover_verdicts (
    id {key},
    account_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    diff TEXT NOT NULL,
    rule TEXT NOT NULL,
    word TEXT NOT NULL,
    comment TEXT NOT NULL,
    author TEXT NOT NULL,
    version BIGINT NOT NULL,
    said_at BIGINT NOT NULL
);
CREATE INDEX takeover_verdicts_of ON takeover_verdicts (account_id, id)
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.replace("{key}", key).split(";") if statement.strip()]
