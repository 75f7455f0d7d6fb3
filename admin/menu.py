"""What stands in the menu: the pages of one account, grouped by what a person came for, and the pages of the
installation.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.flows.people.sessions import Person


@dataclass(frozen=True, slots=True)
class Group:
    """`entries` are endpoints of the panel; an entry's words are `ui.nav.<endpoint>`."""

    name: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    account: tuple[Group, ...]
    installation: tuple[str, ...]


ACCOUNT = (
    Group("watch", ("account", "events", "why", "reports", "telephony", "duplicates", "drift", "works")),
    Group(
        "setup",
        ("guide", "salons", "directions", "routes", "stages", "fields", "people", "learned", "takeover"),
    ),
    Group("ways", ("wording", "card_rights", "alerts", "account_settings")),
    Group("check", ("preview", "rules", "account_audit")),
)
STAFF = ("health", "accounts", "audit")
OWNER = ("operators", "settings")


def of(person: Person | None) -> Menu:
    """An account's administrator has no pages of the installation."""
    if person is None or not person.is_staff:
        return Menu(ACCOUNT, ())
    return Menu(ACCOUNT, STAFF + (OWNER if person.is_owner else ()))
