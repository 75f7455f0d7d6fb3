"""A decision about one booking may change what another one gets: that one is decided again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.core.reasons import Reason
from backend.core.salon import Phase
from backend.core.sync.matching import person_mark
from backend.flows.context import Context
from backend.flows.sync.cases import Case
from backend.flows.work import Work
from backend.store import bookings, connections, db, events, lanes
from backend.store.events import InboundEvent, NewEvent

SOURCE = "decision"  # of the events that a decision causes
LOOKED_AT = 8  # of a booking's last events: hooks overtake one another
UNREAD = "{}"  # a body that makes the flow read the booking from its source
OVER = (Phase.ARRIVED, Phase.NO_SHOW, Phase.CANCELLED)


def wake(work: Work, cases: Sequence[Case]) -> None:
    """What the decisions name, and the next booking of a schedule whose nearest one is over or was dragged
    behind the others (row A18).

    Asked for before anything is carried out, under a name of its own each time: a death in between costs a
    needless look, never a forgotten booking. The lane comes to it when this batch is done.
    """
    moment = db.micros(work.ctx.now())
    wanted = [(key, moment) for case in cases for key in case.decision.wakes]
    persons = {mark for case in cases if _makes_room(case) and (mark := person_mark(case.facts.booking))}
    seen: set[str | None] = set()
    for row in bookings.waiting_of(work.account_id, persons) if persons else ():
        if row.person not in seen:
            wanted.append((row.key, moment))
        seen.add(row.person)
    ask(work, wanted)


def _makes_room(case: Case) -> bool:
    link, booking = case.facts.link, case.facts.booking
    if link is None:
        return False
    return booking.phase in OVER or link.applied.get("noted_start") != booking.starts_at.isoformat()


def ask(work: Work, wanted: Iterable[tuple[str, int]]) -> None:
    """(booking key, id of the event that is the cause)."""
    ask_for(work.ctx, work.account_id, wanted)


def ask_for(ctx: Context, account_id: int, wanted: Iterable[tuple[str, int | str]]) -> None:
    """(booking key, what the cause is called): each pair is asked for once."""
    pairs = list(dict.fromkeys(wanted))
    if not pairs:
        return
    branches = {str(row.company_id): row for row in connections.of_account(account_id)}
    told = events.of_subjects(account_id, [key for key, _ in pairs], LOOKED_AT)
    new = [
        NewEvent(
            account_id, branches[company].id, lanes.BOOKINGS, key, SOURCE, "yclients.record",
            f"{cause}:{key}", _newest(told.get(key, ())),
        )
        for key, cause in pairs
        if (company := key.split(":")[1]) in branches
    ]  # fmt: skip
    events.record_many(ctx.now(), new)
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))


def _newest(told: Sequence[InboundEvent]) -> str:
    """The state that the last decision was about: what arrived last may have been overtaken on its way."""
    decided = (event.body for event in told if event.status == "done" and event.reason != Reason.STALE)
    return next(decided, UNREAD)
