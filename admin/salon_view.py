"""A salon as the screens show it: what is configured, what we saw in YCLIENTS, what that means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from admin import guard
from backend.core.crm import CrmUser
from backend.core.errors import TryLater
from backend.core.rights import Lack
from backend.core.rules.configuration import Branch, Configuration, Mode
from backend.flows.rules import configuration, schemas
from backend.flows.salons import looks
from backend.flows.salons.looks import Look, Told
from backend.store import connections
from backend.store.accounts import Account
from backend.store.connections import BranchRow

TONES = {Mode.ACTIVE: "good", Mode.OBSERVE: "warn", Mode.OFF: ""}
WANT_ACCESS = ("yclients.unauthorized", "yclients.not_connected", "yclients.uninstalled")
FRESH = timedelta(days=7)  # a salon without any news for longer is worth a look
LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class Salon:
    """`row` is there since the salon was connected; `look` since somebody looked at it."""

    branch: Branch
    row: BranchRow
    look: Look | None
    routes: int
    is_heard: bool

    @property
    def lacks(self) -> tuple[Lack, ...]:
        return self.look.lacks if self.look else ()

    @property
    def is_serious(self) -> bool:
        return any(lack.is_serious for lack in self.lacks)

    @property
    def wants_access(self) -> bool:
        """Stopped by what only a new key mends; anything else is mended elsewhere and resumed."""
        return self.row.paused_code in WANT_ACCESS or not self.row.user_token

    @property
    def news(self) -> str:
        """How its changes reach us: the last part of a text's code."""
        told = self.look.told if self.look else Told.UNKNOWN
        if told in (Told.SETTINGS, Told.MARKETPLACE):
            return str(told)
        if self.is_heard:
            return "heard"
        return str(told) if self.look and not self.look.trouble else "unseen"


def all_of(account: Account) -> list[Salon]:
    """In the order of the configuration."""
    rules = configuration.current(account.id)
    rows = {row.company_id: row for row in connections.of_account(account.id)}
    seen = looks.of(guard.context(), account.id, rows)
    return [
        _salon(branch, rows[branch.company_id], seen.get(branch.company_id), rules)
        for branch in rules.branches
        if branch.company_id in rows
    ]


def one(account: Account, company_id: int) -> Salon | None:
    return next((salon for salon in all_of(account) if salon.branch.company_id == company_id), None)


def unseen(salons: Iterable[Salon]) -> list[Salon]:
    """Working salons that nobody has looked at lately, the ones with trouble too."""
    now = guard.context().now()
    return [
        salon
        for salon in salons
        if salon.branch.mode is not Mode.OFF
        and salon.row.user_token
        and (salon.look is None or now - salon.look.at > LOOK_AGAIN)
    ]


def users(account: Account) -> tuple[CrmUser, ...]:
    """Nobody while amoCRM is not read yet."""
    try:
        return schemas.load(account.id).users
    except TryLater:
        return ()


def choices(found: Iterable[CrmUser], chosen: Iterable[int | None], words: str) -> list[tuple[int, str]]:
    """Whom one may choose: those who work, and whoever is chosen already; `words` mark one who left."""
    kept, known = {number for number in chosen if number}, list(found)
    options = [
        (user.id, user.name if user.is_active else f"{user.name} ({words})")
        for user in sorted(known, key=lambda user: (not user.is_active, user.name.casefold()))
        if user.is_active or user.id in kept
    ]
    return options + [(number, f"№ {number} ({words})") for number in kept - {user.id for user in known}]


def _salon(branch: Branch, row: BranchRow, look: Look | None, rules: Configuration) -> Salon:
    routes = sum(route.branch_id == branch.company_id for route in rules.routes)
    heard = row.last_hook_at
    return Salon(branch, row, look, routes, bool(heard and guard.context().now() - heard < FRESH))
