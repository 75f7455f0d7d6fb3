"""A booking may have several leads: one for each share; and bookings know their visit and their person."""

from __future__ import annotations

SCRIPT = """
ALTER TABLE links ADD COLUMN share TEXT NOT NULL DEFAULT '';
DROP INDEX links_main;
CREATE UNIQUE INDEX links_current ON links (account_id, key, share) WHERE role NOT IN ('history', 'released');
CREATE INDEX links_staged ON links (account_id, stage_id, stage_at);
ALTER TABLE crm_leads ADD COLUMN updated_by BIGINT;
ALTER TABLE bookings ADD COLUMN visit_id BIGINT;
ALTER TABLE bookings ADD COLUMN person TEXT;
CREATE INDEX bookings_visit ON bookings (account_id, visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX bookings_waiting ON bookings (account_id, person, starts_at) WHERE reason = 'waits_its_turn'
"""


def statements(key: str) -> list[str]:
    """One statement each. `person` is common to the bookings of one person and names nobody."""
    del key
    return [statement.strip() for statement in SCRIPT.split(";") if statement.strip()]
