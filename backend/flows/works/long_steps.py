"""One slice of each kind of long work. A slice takes some seconds, may be cut anywhere and be done again:
what it did is the same the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.core.errors import NeedsHuman
from backend.flows import stops
from backend.flows.context import Context
from backend.flows.learning import observing
from backend.flows.road import reconcile, replays
from backend.flows.rules import catalogue
from backend.flows.simulation import misplaced, simulation
from backend.flows.sync import mirror
from backend.store import connections, drafts, journal, lanes
from backend.store import mirror as index
from backend.store.connections import BranchRow
from backend.store.inbound import Filters
from backend.store.journal import Chosen
from backend.store.lanes import Lease
from backend.store.long_works import LongWork

MOST_REPLAYED = 10_000  # each is read anew from its salon, a few in a second: more would take hours
PORTION = 500  # events asked again in one slice
WINDOW_DAYS = 30  # of a salon's journal in one slice
PAGES = 5  # of the CRM in one slice

REPLAY, IMPORT, MIRROR, CATALOGUE, SIMULATE = "replay", "import", "mirror", "catalogue", "simulate"


@dataclass(frozen=True)
class Task:
    """A work in the hands of the lane's holder."""

    ctx: Context
    lease: Lease
    work: LongWork

    @property
    def account_id(self) -> int:
        return self.lease.account_id

    @property
    def params(self) -> Mapping[str, Any]:
        return dict(self.work.params)

    def keep_alive(self) -> None:
        lanes.renew(self.lease, self.ctx.settings.lease_seconds)


@dataclass(frozen=True, slots=True)
class Step:
    """What is true after a slice; `params` are those of the work with the place where it goes on."""

    params: Mapping[str, Any]
    done: int
    total: int | None
    is_over: bool


def wished(kind: str, now: datetime) -> dict[str, Any]:
    """What a work of this kind begins with: the days of an import do not move while it goes on."""
    return {"from": (now - reconcile.FIRST_LOOK).date().isoformat()} if kind == IMPORT else {}


# Asking again


def replay(task: Task) -> Step:
    """Chosen events, or all that a filter finds among those that had come when it was asked."""
    params, done = task.params, task.work.done
    if "ids" in params:
        found, rest = journal.chosen(task.account_id, params["ids"]), None
    else:
        before = params.get("cursor", params["upto"] + 1)
        found, rest = journal.choose(task.account_id, filters(params["filters"]), before, replays.REPLAYABLE)
    portion = found[: min(PORTION, MOST_REPLAYED - done)]
    replays.replay_many(task.ctx, task.account_id, _newest(portion), f"work:{task.work.id}")
    if "ids" not in params and len(portion) < len(found):
        rest = portion[-1].id
    done += len(portion)
    is_over = rest is None or done >= MOST_REPLAYED
    return Step({**params, "cursor": rest}, done, params.get("count"), is_over)


def filters(params: Mapping[str, Any]) -> Filters:
    """As they were written into the work."""
    since, until, subjects = (params.get(name) for name in ("since", "until", "subjects"))
    return Filters(
        status=params.get("status"),
        branch_id=params.get("branch_id"),
        kind=params.get("kind"),
        lead_id=params.get("lead_id"),
        subjects=tuple(subjects) if subjects is not None else None,
        since=datetime.fromisoformat(since) if since else None,
        until=datetime.fromisoformat(until) if until else None,
    )


def written(asked: Filters) -> dict[str, Any]:
    """Filters as a work keeps them."""
    moments = {"since": asked.since, "until": asked.until}
    kept = {
        "status": asked.status, "branch_id": asked.branch_id, "kind": asked.kind, "lead_id": asked.lead_id,
        "subjects": list(asked.subjects) if asked.subjects is not None else None,
        **{name: moment.isoformat() for name, moment in moments.items() if moment},
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value is not None}


def _newest(portion: Sequence[Chosen]) -> list[Chosen]:
    """Of one booking the newest event only: it is read anew whichever is asked about."""
    return list({event.subject: event for event in reversed(portion)}.values())


# Reading the salons


def import_bookings(task: Task) -> Step:
    """A month of one salon's journal; salon after salon."""
    params = task.params
    first = date.fromisoformat(params["from"])
    months = range(0, (reconcile.FIRST_LOOK + reconcile.AHEAD).days, WINDOW_DAYS)
    units = [
        (branch, first + timedelta(days=days)) for branch in _working(task.account_id) for days in months
    ]
    position, found = params.get("cursor", 0), params.get("found", 0)
    if position < len(units):
        branch, begins = units[position]
        found += _month(task, branch, begins)
    return Step(
        {**params, "cursor": position + 1, "found": found}, min(position + 1, len(units)), len(units),
        position + 1 >= len(units),
    )  # fmt: skip


def _month(task: Task, branch: BranchRow, begins: date) -> int:
    """A salon in trouble stops and says so; the others are read."""
    ends = begins + timedelta(days=WINDOW_DAYS - 1)
    try:
        client = task.ctx.yclients(task.account_id, branch.company_id, task.keep_alive)
        return reconcile.feed(
            task.ctx, task.account_id, branch, client.records_between(branch.company_id, begins, ends)
        )
    except NeedsHuman as error:
        stops.stop(task.ctx, task.account_id, error)
        return 0


def read_catalogues(task: Task) -> Step:
    """Services, categories and staff of one salon; salon after salon."""
    params, branches = task.params, _working(task.account_id)
    position = params.get("cursor", 0)
    if position < len(branches):
        branch = branches[position]
        try:
            client = task.ctx.yclients(task.account_id, branch.company_id, task.keep_alive)
            catalogue.refresh(client, branch, task.ctx.now())
        except NeedsHuman as error:
            stops.stop(task.ctx, task.account_id, error)
    done = min(position + 1, len(branches))
    return Step({**params, "cursor": position + 1}, done, len(branches), done >= len(branches))


def _working(account_id: int) -> list[BranchRow]:
    """In a steady order, so that a place in it stays what it was."""
    rows = [row for row in connections.of_account(account_id) if row.mode != "off" and row.user_token]
    return sorted(rows, key=lambda row: row.id)


# Reading the CRM


def read_crm(task: Task) -> Step:
    """Contacts and leads once more, some pages at a time. Bookings go on meanwhile: nothing is forgotten
    first, and older rows never overwrite newer ones. A slice begins with the page that ended the one before,
    as rows deleted between the two have moved others onto it.
    """
    params, names = task.params, list(mirror.COLLECTIONS)
    name, number = params.get("cursor") or (names[0], 1)
    client, done, is_last = task.ctx.amo(task.account_id, task.keep_alive), task.work.done, False
    collection, first = mirror.COLLECTIONS[name], number
    for page in collection.pages(client, None, first):
        collection.save(task.account_id, page.items)
        done += len(page.items) if page.number == 1 or page.number > first else 0
        number, is_last = page.number, page.is_last
        if number - first == PAGES:
            break
    following = names[names.index(name) + 1 :]
    cursor = [name, number] if not is_last else [following[0], 1] if following else None
    known = sum(index.mark(task.account_id, one).total for one in names)
    return Step({**params, "cursor": cursor}, done, max(known, done), cursor is None)


# Looking at rules before they are saved


def simulate(task: Task) -> Step:
    """Bookings under two sets of rules; a draft that is gone meanwhile has nothing left to do."""
    draft = drafts.get(task.account_id, task.params["draft"])
    if draft is None:
        return Step(task.params, task.work.done, task.work.total, is_over=True)
    total = simulation.count(task.ctx, task.account_id, draft)
    done, is_over = simulation.go_on(task.ctx, draft, simulation.AT_A_TIME)
    return Step(task.params, done, max(total, done), is_over)


def learn(task: Task) -> Step:
    """A thousand bookings beside the leads that are kept for them."""
    params, done, is_over = observing.go_on(task.ctx, task.account_id, task.params)
    return Step(params, done, max(observing.count(task.ctx, task.account_id), done), is_over)


def find_misplaced(task: Task) -> Step:
    """Leads that the rules of now would lead elsewhere."""
    params, done, is_over = misplaced.go_on(task.ctx, task.account_id, task.params)
    return Step(params, done, max(misplaced.count(task.ctx, task.account_id), done), is_over)


def reroute(task: Task) -> Step:
    done = misplaced.decide_again(task.ctx, task.account_id, task.work)
    return Step(task.params, done, done, is_over=True)


STEPS: dict[str, Callable[[Task], Step]] = {
    REPLAY: replay,
    IMPORT: import_bookings,
    CATALOGUE: read_catalogues,
    MIRROR: read_crm,
    SIMULATE: simulate,
    observing.KIND: learn,
    misplaced.LOOK: find_misplaced,
    misplaced.MOVE: reroute,
}
