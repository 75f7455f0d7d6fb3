"""Slices of the looks that go on at night: journals, leads of links, doubles. Asked for by a person they go
on by day as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.core.errors import NeedsHuman, TryLater
from backend.core.watch.drift import Look
from backend.flows import stops
from backend.flows.context import Context
from backend.flows.duplicates import search
from backend.flows.sync import brake, mirror
from backend.flows.watch import nights
from backend.flows.watch.nights import Night
from backend.flows.widget import spoken
from backend.flows.works.long_steps import Step, Task
from backend.store import accounts, connections, drifts
from backend.store.connections import BranchRow

JOURNALS, LINKS, DOUBLES = "journals", "links", "doubles"
NIGHT_HOURS = range(1, 6)  # on the account's clock: salons sleep, and so do the people in amoCRM
PROMISED = "night"  # asked by the schedule, for this day; a person's own wish has no such parameter
LINKS_DAY = 6  # Sunday


def wished(now: datetime, night: date | None = None) -> dict[str, Any]:
    """What a look begins with; `night` when the schedule asks, so that it waits for the dark."""
    day = {"day": (night or now.date()).isoformat()}
    return {**day, PROMISED: True} if night else day


def local(ctx: Context, account_id: int) -> datetime:
    zone: ZoneInfo = spoken.zone(accounts.by_id(account_id).timezone)
    return ctx.now().astimezone(zone)


def is_dark(moment: datetime) -> bool:
    return moment.hour in NIGHT_HOURS


def journals(task: Task) -> Step:
    """Thirty days of one salon's journal; salon after salon."""
    params = task.params
    day = date.fromisoformat(params["day"])
    units = [(branch, window) for branch in _salons(task) for window in nights.windows(day)]
    position, found = params.get("cursor", 0), params.get("found", 0)
    if position < len(units):
        _wait_for_dark(task)
        branch, (first, last) = units[position]
        found += _one_window(task, branch, day, (first, last))
    done = min(position + 1, len(units))
    return Step({**params, "cursor": position + 1, "found": found}, done, len(units), done >= len(units))


def _one_window(task: Task, branch: BranchRow, day: date, window: tuple[date, date]) -> int:
    """A salon in trouble stops and says so; the others are looked at."""
    night = _night(task, branch, Look.NIGHT, day)
    try:
        found = nights.look(night, *window)
    except NeedsHuman as error:
        stops.stop(task.ctx, task.account_id, error)
        return 0
    if window == nights.windows(day)[-1]:
        drifts.end(night.look_id, task.ctx.now())
    return found


def linked_leads(task: Task) -> Step:
    """Fifty active links of one salon; salon after salon."""
    params, salons = task.params, _salons(task)
    day = date.fromisoformat(params["day"])
    position, after = params.get("cursor") or (0, 0)
    if position < len(salons):
        _wait_for_dark(task)
        night = _night(task, salons[position], Look.LINKS, day)
        onward = nights.look_at_links(night, after)
        if onward is None:
            drifts.end(night.look_id, task.ctx.now())
        position, after = (position + 1, 0) if onward is None else (position, onward)
    done = min(position, len(salons))
    return Step({**params, "cursor": [position, after]}, done, len(salons), done >= len(salons))


def doubles(task: Task) -> Step:
    """One pass over our own index, after the newest changes were read: hooks do not say whose a lead is.
    Salons' usual pace is counted on the way.
    """
    _wait_for_dark(task)
    client = task.ctx.amo(task.account_id, task.keep_alive)
    for name in mirror.COLLECTIONS:
        mirror.refresh(task.account_id, name, client)
    brake.count_usual(task.ctx, task.account_id)
    found = search.everything(task.ctx, task.account_id, task.keep_alive)
    return Step({**task.params, "found": found}, found, found, is_over=True)


def _wait_for_dark(task: Task) -> None:
    if task.params.get(PROMISED) and not is_dark(local(task.ctx, task.account_id)):
        raise TryLater("watch.by_night", after=timedelta(hours=1))


def _night(task: Task, branch: BranchRow, kind: Look, day: date) -> Night:
    look_id = drifts.begin(task.account_id, branch.id, kind, day.isoformat(), task.ctx.now())
    return Night(task.ctx, branch, look_id, task.keep_alive)


def _salons(task: Task) -> list[BranchRow]:
    """In a steady order; those that are off or stopped have nothing to be compared."""
    rows = connections.of_account(task.account_id)
    return sorted((row for row in rows if row.mode != "off" and row.user_token), key=lambda row: row.id)


STEPS: Mapping[str, Callable[[Task], Step]] = {JOURNALS: journals, LINKS: linked_leads, DOUBLES: doubles}
