"""The row of tabs on every screen of telephony: a screen that has a route of its own has a tab."""

from __future__ import annotations

from flask import current_app

TABS = (
    "telephony",
    "telephony_connections",
    "telephony_people",
    "telephony_rules",
    "telephony_formats",
    "telephony_hooks",
    "telephony_recordings",
    "telephony_test",
    "telephony_calls",
    "telephony_statistics",
)


def common() -> dict[str, object]:
    return {"telephony_tabs": shown}


def shown() -> tuple[str, ...]:
    """Endpoints, in the order a person needs them."""
    return tuple(name for name in TABS if f"admin.{name}" in current_app.view_functions)
