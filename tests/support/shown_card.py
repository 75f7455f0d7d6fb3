"""What a card in amoCRM shows of a lead and of a contact."""

import pytest

from backend.flows.widget import card
from backend.store import accounts, mirror


@pytest.fixture
def shown(stand):
    """The card of a lead."""

    def of_lead(lead_id, lang="ru"):
        return card.of_lead(stand.ctx, accounts.by_id(stand.account.id), lead_id, lang)

    return of_lead


@pytest.fixture
def person(stand):
    """The card of a contact."""
    return lambda contact_id, lang="ru": card.of_contact(
        stand.ctx, accounts.by_id(stand.account.id), contact_id, lang
    )


def contact_of(stand, record):
    lead = stand.lead_of(record)
    return mirror.leads_by_ids(stand.account.id, [lead["id"]])[lead["id"]].contact_ids[0]
