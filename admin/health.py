"""The overview: is everything well, and if not, what to press."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import charts, guard
from admin.pages import language, page
from backend.flows.watch import words
from backend.flows.widget import spoken
from backend.store import alarms, connections, hour_figures, mirror, offered, standing
from backend.store.accounts import Account
from backend.store.alarms import Alarm
from backend.store.standing import Standing

LATE = timedelta(minutes=2)  # settle times and retries are no lag: only what is due and still waits is
UNMAPPED = "category_unmapped"
HOURS = 24
TILES = ("received", "created", "attached", "changed", "troubled")
COLLECTIONS = ("contacts", "leads")
MOST = 20  # accounts and their troubles on the overview; the list of accounts has them all

DOTS = {
    "good": "good", "reading": "good", "new": "warn", "watching": "warn", "late": "warn", "paused": "warn",
    "stopped": "bad", "removed": "",
}  # fmt: skip
WORST_FIRST = ("stopped", "paused", "late", "new", "reading", "good", "watching", "removed")


Titles = tuple[dict[int, str], dict[tuple[int, int], str]]


@dataclass(frozen=True)
class Shown:
    """One account of the overview."""

    account: Standing
    lag: timedelta
    alarms: tuple[Alarm, ...]

    @property
    def stopped(self) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in self.alarms if not alarm.is_notice)

    @property
    def notices(self) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in self.alarms if alarm.is_notice)

    @property
    def is_reading(self) -> bool:
        return not self.account.is_read and self.account.state not in ("removed", "new")

    @property
    def mood(self) -> str:
        """The code of the sentence that says how it is."""
        if self.account.state == "removed":
            return "removed"
        if self.stopped or self.account.state == "paused":
            return "stopped" if self.stopped else "paused"
        if self.is_reading:
            return "reading"
        if self.lag > LATE:
            return "late"
        if self.account.state == "new":
            return "new"
        return "good" if self.account.working else "watching"


def add_routes(bp: Blueprint) -> None:
    bp.get("/", endpoint="health")(overview)
    bp.get("/charts", endpoint="charts")(guard.staff(drawn))


def overview() -> AnyResponse:
    """All accounts for whoever works here; an account's administrator goes to their own: to the guide while
    no salon of it works.
    """
    if not guard.person().is_staff:
        own = guard.own_account()
        is_working = any(branch.mode == "active" for branch in connections.of_account(own.id))
        return redirect(url_for("admin.account" if is_working else "admin.guide", domain=own.domain), 303)
    shown = sorted(look_at_all(), key=lambda item: (WORST_FIRST.index(item.mood), -item.account.waiting))
    return page(
        "admin/health.html", "live",
        shown=shown[:MOST], others=max(0, len(shown) - MOST), mood=shown[0].mood if shown else "empty",
        dots=DOTS, details=details, **day(None),
    )  # fmt: skip


def drawn() -> AnyResponse:
    """The charts alone, for the page that is already open."""
    return page("admin/charts.html", "drawing", **day(None))


def day(account: Account | None) -> dict[str, Any]:
    """The last 24 hours in five numbers and four charts."""
    place = spoken.zone(account.timezone if account else None)
    here = url_for("admin.account_charts", domain=account.domain) if account else url_for("admin.charts")
    hours = hour_figures.last(guard.context().now(), account.id if account else None, HOURS)
    return {
        "tiles": [(name, sum(getattr(hour, name) for hour in hours)) for name in TILES],
        "hours": hours,
        "charts": charts.of(hours),
        "address": here,
        "clock": lambda moment: f"{moment.astimezone(place):%H:%M}",
        "seconds": lambda number: spoken.duration(language(), timedelta(seconds=number)),
    }


def look_at_all() -> list[Shown]:
    by_account: dict[int, list[Alarm]] = {}
    for alarm in alarms.open_alarms():
        by_account.setdefault(alarm.account_id, []).append(alarm)
    return [_shown(found, by_account.get(found.account_id, [])) for found in standing.of_all()]


def look(account: Account) -> Shown:
    """Everything the overview says of one account."""
    return _shown(standing.of_account(account.id), alarms.open_alarms(account.id))


def _shown(found: Standing, open_alarms: list[Alarm]) -> Shown:
    oldest = found.oldest_due_at
    lag = max(guard.context().now() - oldest, timedelta()) if oldest else timedelta()
    return Shown(found, lag, tuple(open_alarms))


def progress(shown: Shown) -> list[tuple[str, int]]:
    """How much of the CRM is read so far; nothing to tell when all of it is."""
    account_id = shown.account.account_id
    return [(n, mirror.mark(account_id, n).total) for n in COLLECTIONS] if shown.is_reading else []


def details(alarm: Alarm) -> dict[str, object]:
    """What fills the gaps of an alarm's text."""
    try:
        found = json.loads(alarm.details) if isinstance(alarm.details, str) else alarm.details
    except ValueError:
        return {}
    return {**(found if isinstance(found, dict) else {}), **_category(alarm), **words.gaps(alarm, language())}


def _category(alarm: Alarm) -> dict[str, object]:
    """Names of the salon and the category that a notice of an unmapped category speaks of."""
    company, _, category = alarm.scope_key.partition(":")
    if alarm.code != UNMAPPED or not (company.isdigit() and category.isdigit()):
        return {}
    branches, categories = _titles(alarm.account_id)
    key = int(company), int(category)
    return {"branch": branches.get(key[0], company), "category": categories.get(key, f"№ {category}")}


def _titles(account_id: int) -> Titles:
    """Titles of an account's salons and of their categories, read once for all its alarms."""
    known: dict[int, Titles] = g.setdefault("titles_of_categories", {})
    if account_id not in known:
        branches = {row.company_id: row.title for row in connections.of_account(account_id)}
        found = offered.categories(account_id)
        known[account_id] = branches, {(company, number): title for company, number, title, _ in found}
    return known[account_id]
