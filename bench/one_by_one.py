"""The baseline of drain, as such integrations are usually written: RQ's default worker, a job per event, a request per command.

It reads, gathers and decides with the product's own rules but does without leases, intents and settling, so
it is quicker than the product would be event by event. Run as `python -m bench.one_by_one` it is the worker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from redis import Redis
from rq import Queue, Worker

from backend.flows import bookings, configuration, mirror, readings, schemas
from backend.flows.cases import Case
from backend.flows.context import Context
from backend.flows.readings import Reading
from backend.flows.work import Work
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.settings import Settings
from backend.store import connections, db, events
from backend.store.events import InboundEvent
from backend.store.lanes import Lease
from backend.wiring import build_context

QUEUE = "one-by-one"
JOB = "bench.one_by_one.handle"


@cache
def context() -> Context:
    return build_context(Settings.from_env())


def handle(event_id: int) -> None:
    """The job: one event from its row to the CRM."""
    ctx = context()
    with db.connection():
        event = events.get(event_id)
        assert event is not None
        _carry_out(ctx, event, _decided(ctx, event))
        db.run("UPDATE inbound_events SET status = 'done' WHERE id = %s", (event.id,))


def _decided(ctx: Context, event: InboundEvent) -> Case:
    work = Work.of(ctx, Lease(event.lane_id, event.account_id, "", ctx.owner, 0, 1), [event])
    mirror.refresh(event.account_id, mirror.CONTACTS, ctx.amo(event.account_id))
    (reading,) = readings.newest(work)
    (case,) = bookings.preview(work, [_sorted(reading, event)], configuration.load(event.account_id))
    return case


def _sorted(reading: Reading, event: InboundEvent) -> Reading:
    """With the categories of its services, which decide about the pipeline."""
    booking = reading.booking
    known = connections.categories_of(event.account_id, [booking.branch_id])
    lines = [replace(line, category_id=known[booking.branch_id, line.service_id]) for line in booking.lines]
    return replace(reading, booking=replace(booking, lines=tuple(lines)))


def _carry_out(ctx: Context, event: InboundEvent, case: Case) -> None:
    """A booking has one command of a kind, so each of these requests carries one command."""
    schema = schemas.load(event.account_id)
    planned = [Planned(number, command) for number, command in enumerate(case.decision.commands)]
    fields = {field.id: field for field in schema.lead_fields}
    amocrm.apply(ctx.amo(event.account_id), fields, planned, lambda _outcomes: None, schema.timezone)


def enqueue(memory: Redis, event_ids: Iterable[int]) -> None:
    queue = Queue(QUEUE, connection=memory)
    for event_id in event_ids:
        queue.enqueue(JOB, event_id)


def main() -> None:
    ctx = context()
    Worker([Queue(QUEUE, connection=ctx.redis)], connection=ctx.redis).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
