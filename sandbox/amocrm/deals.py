"""What may happen to a lead, whoever does it: API, a person or a robot."""

from __future__ import annotations

from sandbox.amocrm import hooks, robots, triggers
from sandbox.amocrm.checks import Check, Json
from sandbox.amocrm.entities import keep, read_common, settle_changed, settle_new
from sandbox.amocrm.journal_events import Card, record_changes, record_event
from sandbox.amocrm.models import LOST, WON, Account, Lead


def read_place(account: Account, lead: Lead | None, item: Json, check: Check, prefix: str = "") -> Json:
    """Pipeline and stage of a write; a new lead gets the first stage of the main pipeline."""
    pipeline_id, status_id = item.get("pipeline_id"), item.get("status_id")
    if pipeline_id is None and (status_id is None or lead is not None):
        pipeline_id = lead.pipeline_id if lead is not None else account.main_pipeline().id
    pipeline = account.pipelines.get(pipeline_id) if pipeline_id is not None else None
    if pipeline_id is None and status_id is not None:
        pipeline = account.pipeline_of_status(status_id)
        if pipeline is None:
            check.refuse("NotSupportedChoice", f"{prefix}status_id")
            return {}
    if pipeline is None:
        check.refuse("NotSupportedChoice", f"{prefix}pipeline_id")
        return {}
    if status_id is None:
        stays = lead is not None and lead.pipeline_id == pipeline.id
        status_id = lead.status_id if lead is not None and stays else pipeline.first_status()
    if status_id not in pipeline.statuses or (lead is None and status_id == LOST):
        check.refuse("NotSupportedChoice", f"{prefix}status_id")
        return {}
    return {"pipeline_id": pipeline.id, "status_id": status_id}


def read_lead(account: Account, lead: Lead | None, item: Json, check: Check, prefix: str = "") -> Json:
    """A checked draft of a lead's own keys; `lead` is None for a new one."""
    draft = read_common(account, "leads", item, check, prefix)
    draft.update(read_place(account, lead, item, check, prefix))
    for key in ("price", "closed_at"):
        if item.get(key) is not None:
            draft[key] = item[key]
    if "loss_reason_id" in item:
        reason = item["loss_reason_id"]
        if reason is not None and (draft.get("status_id") != LOST or reason not in account.loss_reasons):
            check.refuse("NotSupportedChoice", f"{prefix}loss_reason_id")
        draft["loss_reason_id"] = reason
    return draft


def create_lead(account: Account, draft: Json, contacts: dict[int, bool], author: int) -> Lead:
    now = account.now
    lead = Lead(
        id=account.crm.new_id("lead"),
        name="",
        created_at=draft.get("created_at", now),
        updated_at=now,
        created_by=draft.get("created_by", author),
        responsible_user_id=author or account.admin_id(),
        price=draft.get("price", 0),
        pipeline_id=draft["pipeline_id"],
        status_id=draft["status_id"],
    )
    if not draft.get("name"):
        draft["name"] = f"Сделка #{lead.id}"
    keep(account, "leads", lead, draft, author)
    settle_new(account, "leads", lead)
    _close_or_open(lead, draft, now)
    for contact_id, is_main in contacts.items():
        link(account, lead, contact_id, is_main)
    record_event(account, "lead_added", ("lead", lead.id), lead.created_by)
    hooks.lead_added(account, lead)
    triggers.lead_came(account, lead, is_new=True)
    if lead.status_id == WON:
        robots.lead_won(account, lead, create_lead)
    return lead


def change_lead(account: Account, lead: Lead, draft: Json, author: int) -> None:
    before, card = (lead.pipeline_id, lead.status_id, lead.responsible_user_id), Card.of(lead)
    keep(account, "leads", lead, draft, author)
    lead.price = draft.get("price", lead.price)
    lead.pipeline_id = draft.get("pipeline_id", lead.pipeline_id)
    lead.status_id = draft.get("status_id", lead.status_id)
    _close_or_open(lead, draft, account.now)
    settle_changed(account, "leads", lead)
    moved = before[:2] != (lead.pipeline_id, lead.status_id)
    if moved:
        values = (_place(before[0], before[1]), _place(lead.pipeline_id, lead.status_id))
        record_event(account, "lead_status_changed", ("lead", lead.id), author, values)
    record_changes(account, "lead", lead, card, author)
    hooks.lead_changed(account, lead, before)
    if moved:
        triggers.lead_came(account, lead, is_new=False)
    if moved and lead.status_id == WON:
        robots.lead_won(account, lead, create_lead)


def _place(pipeline_id: int, status_id: int) -> Json:
    return {"lead_status": {"id": status_id, "pipeline_id": pipeline_id}}


def _close_or_open(lead: Lead, draft: Json, now: int) -> None:
    if lead.status_id not in {WON, LOST}:
        lead.closed_at, lead.loss_reason_id = None, None
        return
    lead.closed_at = draft.get("closed_at") or lead.closed_at or now
    lead.loss_reason_id = draft.get("loss_reason_id", lead.loss_reason_id) if lead.status_id == LOST else None


def delete_lead(account: Account, lead: Lead, author: int) -> None:
    """Leads go to the trash; only people can do that."""
    account.leads.remove(lead)
    lead.updated_by, lead.updated_at = author, account.now
    account.trash[lead.id] = lead
    for contact_id in lead.contacts:
        contact = account.contacts.get(contact_id)
        if contact is not None:
            contact.leads.pop(lead.id, None)
    record_event(account, "lead_deleted", ("lead", lead.id), author)
    hooks.lead_deleted(account, lead)


def restore_lead(account: Account, lead: Lead, author: int) -> None:
    """Out of the trash, as it was."""
    del account.trash[lead.id]
    lead.updated_by = author
    settle_new(account, "leads", lead)
    settle_changed(account, "leads", lead)
    for contact_id in list(lead.contacts):
        if account.contacts.get(contact_id) is None:
            del lead.contacts[contact_id]
        else:
            account.contacts.rows[contact_id].leads[lead.id] = None
    record_event(account, "lead_restored", ("lead", lead.id), author)
    hooks.lead_restored(account, lead)


def link(account: Account, lead: Lead, contact_id: int, is_main: bool) -> None:
    """The first contact is the main one whether asked or not."""
    is_main = is_main or not lead.contacts
    if is_main:
        for other in lead.contacts:
            lead.contacts[other] = False
    lead.contacts[contact_id] = is_main
    account.contacts.rows[contact_id].leads[lead.id] = None


def unlink(account: Account, lead: Lead, contact_id: int) -> None:
    was_main = lead.contacts.pop(contact_id, False)
    if was_main and lead.contacts:
        lead.contacts[next(iter(lead.contacts))] = True
    contact = account.contacts.get(contact_id)
    if contact is not None:
        contact.leads.pop(lead.id, None)
