"""Have people worked on a lead? Asked of the CRM only where a decision depends on it: it is rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.core.rules.configuration import BookingRules
from backend.core.sync import asking
from backend.core.sync.facts import BookingFacts
from backend.integrations.amocrm.client import AmoClient
from backend.store import outbox


def noted(
    account_id: int, gathered: Sequence[BookingFacts], rules: BookingRules, client: AmoClient
) -> list[BookingFacts]:
    """The facts with the leads that have tasks or notes which we did not write: two requests for a batch."""
    wanted = sorted({lead_id for known in gathered for lead_id in asking.leads(known, rules)})
    if not wanted:
        return list(gathered)
    ours = outbox.texts_on(account_id, wanted)
    remarks = [*client.tasks_of(wanted), *client.notes_of(wanted)]
    worked = frozenset(one.lead_id for one in remarks if (one.lead_id, one.text) not in ours)
    return [replace(known, worked_on=worked) for known in gathered]
