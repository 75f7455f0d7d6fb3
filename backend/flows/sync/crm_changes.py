"""The CRM told us what people and robots did there: the mirror learns it. Only a lead for the next visit
makes us decide its booking again.
"""

from __future__ import annotations

from backend.core.errors import InvalidInput
from backend.core.reasons import Reason
from backend.flows.sync import attendance, mirror, next_leads, strangers
from backend.flows.work import Work
from backend.integrations.amocrm import hooks
from backend.store import mirror as index
from backend.store.events import Closing, InboundEvent


def changed(work: Work) -> None:
    """The flow of `amocrm.changes` events. Hooks come late and in any order: older news never replaces
    newer.
    """
    account_id = work.account_id
    news = [found for event in list(work.open.values()) if (found := _read(work, event))]
    attendance.noticed(work, [move for n in news for move in n.moves])
    strangers.noticed(account_id, [lead for n in news for lead in n.leads])
    index.save_leads(account_id, [lead for n in news for lead in n.leads], with_contacts=False)
    index.save_contacts(account_id, [contact for n in news for contact in n.contacts], mirror.person_keys)
    for lead_id in {lead_id for n in news for lead_id in n.deleted_lead_ids}:
        index.mark_lead_deleted(account_id, lead_id)
    for contact_id in {contact_id for n in news for contact_id in n.deleted_contact_ids}:
        index.mark_contact_deleted(account_id, contact_id)
    next_leads.came(work, [lead for n in news for lead in n.leads])
    work.close([Closing(event.id, "done", Reason.MIRRORED) for event in work.open.values()])


def _read(work: Work, event: InboundEvent) -> hooks.AmoHook | None:
    """None for a body that cannot be read: it is rejected alone."""
    try:
        return hooks.read(event.body.encode())
    except InvalidInput as error:
        work.dispose(error, [event.id])
        return None
