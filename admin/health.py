"""The overview: is everything well, and if not, what to press."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard
from admin.pages import language, page
from backend import texts
from backend.core.reasons import Reason
from backend.flows import spoken
from backend.store import accounts, alarms, catalogue, connections, events, mirror, stats
from backend.store.accounts import Account
from backend.store.alarms import Alarm

LATE = timedelta(minutes=2)  # settle times and retries are no lag: only what is due and still waits is
UNMAPPED = "category_unmapped"
HOURS = 24
FIGURES = {
    "created": (Reason.CREATED,),
    "attached": (Reason.ATTACHED, Reason.ATTACHED_AMBIGUOUS, Reason.CONTINUED),
    "changed": (Reason.UPDATED, Reason.MOVED, Reason.REOPENED),
}
TROUBLE = ("rejected", "blocked", "failed")
COLLECTIONS = ("contacts", "leads")
NOTICES = ("notice", "field")  # worth a look, but nothing has stopped


@dataclass(frozen=True)
class Shown:
    """One account of the overview."""

    account: Account
    pending: int
    lag: timedelta
    last_hook_at: datetime | None
    alarms: tuple[Alarm, ...]
    progress: tuple[tuple[str, int], ...]

    @property
    def stopped(self) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in self.alarms if alarm.scope_kind not in NOTICES)

    @property
    def mood(self) -> str:
        """The code of the sentence that says how it is."""
        if self.account.state == "removed":
            return "removed"
        if self.stopped or self.account.state == "paused":
            return "stopped"
        if self.progress:
            return "reading"
        if self.lag > LATE:
            return "late"
        return "new" if self.account.state == "new" else "good"


DOTS = {"good": "good", "reading": "good", "new": "warn", "late": "warn", "stopped": "bad", "removed": ""}


def add_routes(bp: Blueprint) -> None:
    bp.get("/", endpoint="health")(overview)


def overview() -> AnyResponse:
    """All accounts; an account's administrator is at home on the page of theirs."""
    if not guard.person().is_staff:
        return redirect(url_for("admin.account", domain=guard.own_account().domain))
    shown = [look(account) for account in accounts.all_accounts()]
    worst = max((item.mood for item in shown), key=list(DOTS).index, default="empty")
    return page(
        "admin/health.html", "overview", shown=shown, mood=worst, dots=DOTS, details=details, **day(None)
    )


def day(account: Account | None) -> dict[str, Any]:
    """The last 24 hours in five numbers and a row of bars."""
    now, account_id = guard.context().now(), account.id if account else None
    place = spoken.zone(account.timezone if account else None)
    by_status, by_reason = stats.by_status(now, account_id), stats.by_reason(now, account_id)
    figures = [("received", sum(by_status.values()))]
    figures += [(name, sum(by_reason.get(r, 0) for r in reasons)) for name, reasons in FIGURES.items()]
    figures += [("trouble", sum(by_status.get(status, 0) for status in TROUBLE))]
    return {
        "figures": figures,
        "hours": stats.hourly(now, account_id, HOURS),
        "clock": lambda moment: f"{moment.astimezone(place):%H:%M}",
    }


def look(account: Account) -> Shown:
    """Everything the overview says of one account."""
    now = guard.context().now()
    oldest = events.oldest_pending_at(account.id)
    hooks = [row.last_hook_at for row in connections.of_account(account.id) if row.last_hook_at]
    return Shown(
        account=account,
        pending=events.pending_count(account.id),
        lag=max(now - oldest, timedelta()) if oldest else timedelta(),
        last_hook_at=max(hooks, default=None),
        alarms=tuple(alarms.open_alarms(account.id)),
        progress=_progress(account),
    )


def details(alarm: Alarm) -> dict[str, object]:
    """What fills the gaps of an alarm's text."""
    try:
        found = json.loads(alarm.details) if isinstance(alarm.details, str) else alarm.details
    except ValueError:
        return {}
    return {**(found if isinstance(found, dict) else {}), **_category(alarm), **_field(alarm)}


def _field(alarm: Alarm) -> dict[str, object]:
    """A field of ours by the name that people know it by."""
    code = f"field_name.{alarm.scope_key}"
    return {"field": texts.t(code, language())} if alarm.scope_kind == "field" and texts.has(code) else {}


def _category(alarm: Alarm) -> dict[str, object]:
    """Names of the salon and the category that a notice of an unmapped category speaks of."""
    company, _, category = alarm.scope_key.partition(":")
    if alarm.code != UNMAPPED or not (company.isdigit() and category.isdigit()):
        return {}
    row = connections.get(alarm.account_id, int(company))
    titles = dict(catalogue.catalogue(row.id).categories) if row else {}
    return {"branch": row.title if row else company, "category": titles.get(int(category), f"№ {category}")}


def _progress(account: Account) -> tuple[tuple[str, int], ...]:
    """How much of the CRM is read so far; empty when all of it is."""
    if account.state in ("removed", "new"):
        return ()
    marks = [(name, mirror.mark(account.id, name)) for name in COLLECTIONS]
    return (
        tuple((name, mark.total) for name, mark in marks) if not all(m.is_complete for _, m in marks) else ()
    )
