"""By how much the clock of an exchange is wrong: its times are put right by that."""

from __future__ import annotations

SCRIPT = """
ALTER TABLE pbx_states ADD COLUMN clock_ahead_ms BIGINT NOT NULL DEFAULT 0
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
