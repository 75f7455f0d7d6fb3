"""When a booking has to be looked at although nobody tells of it: an unmarked visit, a client gone."""

from __future__ import annotations

SCRIPT = """
ALTER TABLE bookings ADD COLUMN look_at BIGINT;
CREATE INDEX bookings_look ON bookings (look_at) WHERE look_at IS NOT NULL;
"""


def statements(key: str) -> list[str]:  # noqa: ARG001 - no table here has a number of its own
    return [statement.strip() for statement in SCRIPT.split(";") if statement.strip()]
