"""What an answer of the CRM, or the end of a decision, changes in several tables at once: one transaction
each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.store import bookings, db, events, lanes, links, outbox, own_writes, takeover_changes
from backend.store.bookings import SeenBooking
from backend.store.events import Closing
from backend.store.lanes import Lease
from backend.store.links import LinkChange
from backend.store.outbox import Settled
from backend.store.own_writes import ContactPatch, LeadPatch


@dataclass(frozen=True, slots=True)
class Answered:
    """What one answer of the CRM settles: results by command, leads made by command, links, links taken over,
    and our copies of the leads and contacts.
    """

    results: dict[int, Settled] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)
    changes: list[LinkChange] = field(default_factory=list)
    demoted: list[str] = field(default_factory=list)
    patches: list[LeadPatch] = field(default_factory=list)
    met: list[ContactPatch] = field(default_factory=list)


def settle(lease: Lease, answered: Answered, now: datetime) -> None:
    """After each API request, in one transaction with the check of the lease."""
    with db.atomic():
        lanes.assert_held(lease)
        outbox.settle(lease, answered.results, now)
        takeover_changes.settle(answered.results, answered.made, now)
        links.demote_many(lease, lease.account_id, answered.demoted, now)
        links.remember(lease, lease.account_id, answered.changes, now)
        own_writes.patch(lease.account_id, answered.patches)
        own_writes.patch_contacts(lease.account_id, answered.met, now)


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
