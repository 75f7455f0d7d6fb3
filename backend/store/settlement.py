"""What an answer of the CRM, or the end of a decision, changes in several tables at once: one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from backend.store import bookings, db, events, lanes, links, outbox, own_writes
from backend.store.bookings import SeenBooking
from backend.store.events import Closing
from backend.store.lanes import Lease
from backend.store.links import LinkChange
from backend.store.own_writes import LeadPatch
from backend.store.outbox import Settled


def settle(
    lease: Lease,
    results: Mapping[int, Settled],
    changes: Sequence[LinkChange],
    demoted: Sequence[str],
    patches: Sequence[LeadPatch],
    now: datetime,
) -> None:
    """After each API request: results beside their commands, links of what was made, and the mirror's own copy."""
    with db.atomic():
        lanes.assert_held(lease)
        outbox.settle(lease, results, now)
        links.demote_many(lease, lease.account_id, demoted, now)
        links.remember(lease, lease.account_id, changes, now)
        own_writes.patch(lease.account_id, patches)


def finish(
    lease: Lease,
    closings: Sequence[Closing],
    seen: Iterable[SeenBooking],
    changes: Sequence[LinkChange],
    now: datetime,
) -> None:
    """At the end of a decision: outcome of the events, state of the bookings, what their links remember."""
    with db.atomic():
        lanes.assert_held(lease)
        events.close_many(lease, closings, now)
        bookings.save_many(lease, seen, now)
        links.remember(lease, lease.account_id, changes, now)
