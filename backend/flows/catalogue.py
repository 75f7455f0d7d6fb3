"""A salon renamed, moved or removed a service: its catalogue is read anew, the last known categories are
kept.
"""

from __future__ import annotations

from datetime import datetime

from backend.core.errors import AppError
from backend.core.reasons import Reason
from backend.flows.work import Work
from backend.integrations.yclients.client import YclientsClient
from backend.store import catalogue, connections
from backend.store.events import Closing


def changed(work: Work) -> None:
    """The flow of `yclients.catalogue` events: however many came, one reading per salon."""
    branches = {branch.id: branch for branch in connections.of_account(work.account_id)}
    for branch_id in {event.branch_id for event in work.open.values() if event.branch_id in branches}:
        branch = branches[branch_id]
        batch = [event for event in work.open.values() if event.branch_id == branch_id]
        try:
            refresh(work.yclients(branch.company_id), branch_id, branch.company_id, work.ctx.now())
        except AppError as error:  # this salon's trouble, not its neighbours'
            work.dispose(error, [event.id for event in batch])
            continue
        work.close([Closing(event.id, "done", Reason.CATALOGUE_READ) for event in batch])


def refresh(client: YclientsClient, branch_id: int, company_id: int, now: datetime) -> None:
    catalogue.save_catalogue(branch_id, client.catalogue(company_id), now)
