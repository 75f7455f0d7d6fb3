"""Calls that amoCRM knew nobody for are found without a walk through all calls."""

from __future__ import annotations

SCRIPT = """
CREATE INDEX calls_refused ON calls (began_at) WHERE state = 'refused'
"""


def statements(key: str) -> list[str]:
    """One statement each; `key` is the engine's way to number rows."""
    return [statement.strip() for statement in SCRIPT.format(key=key).split(";") if statement.strip()]
