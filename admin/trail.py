"""What the screens leave in the audit trail when they save a configuration."""

from __future__ import annotations

from admin import guard
from backend.flows.rules.configuration_write import ImportResult
from backend.store.accounts import Account


def saved(account: Account, result: ImportResult, action: str = "configuration.saved") -> None:
    """A line with every changed value, when something was saved and something was changed by it."""
    if result.number is None or not result.differences:
        return
    guard.audit(
        action, f"№ {result.number}", account,
        before={change.path: change.old for change in result.differences},
        after={change.path: change.new for change in result.differences},
    )  # fmt: skip
