"""A salon renamed, moved or removed a service: its catalogue is read anew, the last known categories are
kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend.core.errors import AppError
from backend.core.reasons import Reason
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.work import Work
from backend.integrations.yclients.client import YclientsClient
from backend.store import catalogue, connections, events, in_force, lanes
from backend.store.connections import BranchRow
from backend.store.events import Closing, NewEvent

KIND = "yclients.catalogue"


def changed(work: Work) -> None:
    """The flow of `yclients.catalogue` events: however many came, one reading per salon."""
    branches = {branch.id: branch for branch in connections.of_account(work.account_id)}
    for branch_id in {event.branch_id for event in work.open.values() if event.branch_id in branches}:
        branch = branches[branch_id]
        batch = [event for event in work.open.values() if event.branch_id == branch_id]
        try:
            refresh(work.yclients(branch.company_id), branch, work.ctx.now())
        except AppError as error:  # this salon's trouble, not its neighbours'
            work.dispose(error, [event.id for event in batch])
            continue
        work.close([Closing(event.id, "done", Reason.CATALOGUE_READ) for event in batch])


def order(ctx: Context, branches: Iterable[BranchRow], source: str) -> None:
    """A worker reads these salons in their turn. Asked for twice within a minute, it is done once."""
    now = ctx.now()
    new = [_order(branch, source, f"{now:%Y%m%d%H%M}") for branch in branches]
    events.record_many(now, new)
    for account_id in {event.account_id for event in new}:
        ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))


def _order(branch: BranchRow, source: str, minute: str) -> NewEvent:
    subject = f"yclients:{branch.company_id}:catalogue"
    dedup_key = f"{subject}:{minute}"
    return NewEvent(branch.account_id, branch.id, lanes.BOOKINGS, subject, source, KIND, dedup_key, "{}")


def refresh(client: YclientsClient, branch: BranchRow, now: datetime) -> None:
    """What a salon offers; and where it is, unless somebody chose a time zone for it."""
    configured = configuration.current(branch.account_id).branch(branch.company_id)
    if configured is not None and configured.timezone is None:
        in_force.save_timezone(branch.id, client.company(branch.company_id).timezone)
    catalogue.save_catalogue(branch.id, client.catalogue(branch.company_id), now)
