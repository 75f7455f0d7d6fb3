"""The baseline of drain, as such integrations are usually written: a job of RQ's default worker per event,
a request per command.

It reads, gathers and decides with the product's own rules but does without leases, intents and settling, so
it is quicker than the product would be event by event. Run as `python -m bench.one_by_one` it is the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from redis import Redis
from rq import Queue, Worker

from backend.core.salon import Booking
from backend.core.sync.booking import decide
from backend.core.sync.commands import Command
from backend.core.sync.facts import BookingFacts
from backend.core.sync.matching import Candidate, person_keys, pick_contact
from backend.flows.context import Context
from backend.flows.rules import configuration, schemas
from backend.flows.sync import mirror, readings
from backend.flows.work import Work
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.settings import Settings
from backend.store import bookings, connections, db, events, links
from backend.store import mirror as index
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
        mirror.refresh(event.account_id, mirror.CONTACTS, ctx.amo(event.account_id))
        booking = _read(ctx, event)
        facts = _gather(ctx, event.account_id, booking)
        decision = decide(facts, configuration.load(event.account_id))
        _carry_out(ctx, event.account_id, decision.commands)
        db.run("UPDATE inbound_events SET status = 'done' WHERE id = %s", (event.id,))


def _read(ctx: Context, event: InboundEvent) -> Booking:
    """With the categories of its services, which decide about the pipeline."""
    work = Work.of(ctx, Lease(event.lane_id, event.account_id, "", ctx.owner, 0, 1), [event])
    (reading,) = readings.newest(work)
    booking = reading.booking
    known = connections.categories_of(event.account_id, [booking.branch_id])
    lines = [replace(line, category_id=known[booking.branch_id, line.service_id]) for line in booking.lines]
    return replace(booking, lines=tuple(lines))


def _gather(ctx: Context, account_id: int, booking: Booking) -> BookingFacts:
    """All bookings of this measurement are new: nothing is linked, and a person has no other booking."""
    by_key = index.contacts_by_keys(account_id, person_keys(booking))
    people = tuple(contact for contacts in by_key.values() for contact in contacts)
    open_leads = index.open_leads_of(account_id, [contact.id for contact in people])
    link = links.by_keys(account_id, [booking.key]).get(booking.key)
    seen = bookings.by_keys(account_id, [booking.key]).get(booking.key)
    contact = pick_contact(people, open_leads)
    candidates = tuple(Candidate(lead) for lead in open_leads.get(contact.id, ())) if contact else ()
    past = seen.changed_at if seen else None
    return BookingFacts(booking, ctx.now(), past, link, contact=contact, candidates=candidates)


def _carry_out(ctx: Context, account_id: int, commands: Sequence[Command]) -> None:
    """A booking has one command of a kind, so each of these requests carries one command."""
    schema = schemas.load(account_id)
    planned = [Planned(number, command) for number, command in enumerate(commands)]
    fields = {field.id: field for field in schema.lead_fields}
    amocrm.apply(ctx.amo(account_id), fields, planned, lambda _outcomes: None, schema.timezone)


def enqueue(memory: Redis, event_ids: Iterable[int]) -> None:
    queue = Queue(QUEUE, connection=memory)
    for event_id in event_ids:
        queue.enqueue(JOB, event_id)


def main() -> None:
    ctx = context()
    Worker([Queue(QUEUE, connection=ctx.redis)], connection=ctx.redis).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
