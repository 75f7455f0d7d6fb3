"""What an answer of the CRM about calls, or the end of a decision, changes in several tables at once: one
transaction each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.core.crm import Contact
from backend.store import db, events, lanes, outbox, own_writes
from backend.store.events import Closing
from backend.store.lanes import Lease
from backend.store.outbox import Settled
from backend.store.own_writes import ContactPatch, LeadPatch
from backend.store.telephony import call_tasks, calls
from backend.store.telephony.call_tasks import NewTask

Crm = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """Results by command; what calls (by their uniq) know of themselves in the CRM now; our copies of leads
    and contacts; tasks made, and tasks done by call.
    """

    results: dict[int, Settled] = field(default_factory=dict)
    crm: dict[str, Crm] = field(default_factory=dict)
    people: list[Contact] = field(default_factory=list)
    patches: list[LeadPatch] = field(default_factory=list)
    met: list[ContactPatch] = field(default_factory=list)
    tasks: list[NewTask] = field(default_factory=list)
    done_tasks: dict[int, str] = field(default_factory=dict)


def settle(lease: Lease, answered: Answered, now: datetime) -> None:
    """After each API request, in one transaction with the check of the lease."""
    account_id = lease.account_id
    with db.atomic():
        lanes.assert_held(lease)
        outbox.settle(lease, answered.results, now)
        own_writes.add_contacts(account_id, answered.people)
        own_writes.patch(account_id, answered.patches)
        own_writes.patch_contacts(account_id, answered.met, now)
        call_tasks.opened(account_id, answered.tasks, now)
        for task_id, by in answered.done_tasks.items():
            call_tasks.closed(account_id, [task_id], by, now)
        for uniq, crm in answered.crm.items():
            calls.note_crm(account_id, uniq, calls.ENDED, crm, now)


def finish(
    lease: Lease, closings: Sequence[Closing], became: Mapping[str, tuple[str, Crm]], now: datetime
) -> None:
    """At the end of a decision: outcomes of the events; state of the calls and what is told of them."""
    with db.atomic():
        lanes.assert_held(lease)
        events.close_many(lease, closings, now)
        for uniq, (state, crm) in became.items():
            calls.note_crm(lease.account_id, uniq, state, crm, now)
