"""Our own index of the CRM: contacts, leads, whose lead is whose, and what a person is found by.

Older data never overwrites newer, in whatever order pages, hooks and our own writes arrive. Rows are written
in the order of their ids: two lanes that write the same ones at once wait for each other, never crosswise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from backend.core.crm import CLOSED_STAGES, Contact, Lead
from backend.store import bulk, db
from backend.store.mirror_rows import (
    CrmContact,
    CrmLead,
    LeadContact,
    PersonKey,
    SyncMark,
    SyncMarkRow,
    contact_of,
    contact_row,
    lead_of,
    lead_row,
)

__all__ = ["CrmContact", "CrmLead", "LeadContact", "PersonKey", "SyncMark"]

KeysOf = Callable[[Contact], Iterable[str]]

BY_LEAD = ("account_id", "lead_id")
BY_CONTACT = ("account_id", "contact_id")


def save_contacts(account_id: int, contacts: Iterable[Contact], keys_of: KeysOf) -> int:
    """Keep contacts as the CRM has them, and what each is found by; returns how many were news."""
    newest = {contact.id: contact for contact in sorted(contacts, key=_age)}
    new = [contact_row(account_id, newest[contact_id]) for contact_id in sorted(newest)]
    with db.atomic():
        fresh = bulk.upsert(CrmContact, new, BY_CONTACT, _only_newer("crm_contacts", "contact_id"))
        news = [newest[contact_id] for (contact_id,) in fresh]
        _replace_phone_keys(account_id, news, keys_of)
        _add_pairs(account_id, [(lead_id, contact.id, 1) for contact in news for lead_id in contact.lead_ids])
    return len(news)


def save_leads(account_id: int, leads: Iterable[Lead], *, with_contacts: bool = True) -> int:
    """Keep leads as the CRM has them; returns how many were news. Hooks do not name a lead's contacts: False
    keeps ours.
    """
    newest = {lead.id: lead for lead in sorted(leads, key=_age)}
    new = [lead_row(account_id, newest[lead_id]) for lead_id in sorted(newest)]
    with db.atomic():
        fresh = bulk.upsert(CrmLead, new, BY_LEAD, _only_newer("crm_leads", "lead_id"))
        news = [newest[lead_id] for (lead_id,) in fresh]
        if with_contacts:
            _delete(LeadContact, account_id, "lead_id", [lead.id for lead in news])
            _add_pairs(account_id, [(lead.id, c, n) for lead in news for n, c in enumerate(lead.contact_ids)])
    return len(news)


def mark_lead_deleted(account_id: int, lead_id: int) -> None:
    """Gone from the CRM. The row stays, so that a page read earlier does not bring it back; only newer news
    does.
    """
    _mark_deleted(CrmLead, account_id, CrmLead.lead_id, lead_id)


def mark_contact_deleted(account_id: int, contact_id: int) -> None:
    _mark_deleted(CrmContact, account_id, CrmContact.contact_id, contact_id)


def contacts_by_keys(account_id: int, keys: Iterable[str]) -> dict[str, tuple[Contact, ...]]:
    """Key → the contacts that carry it, oldest contact first; keys nobody carries are left out. Put in order
    here: asked for it, SQLite would walk the account's contacts.
    """
    found: dict[str, tuple[Contact, ...]] = {}
    for chunk in bulk.chunks(set(keys)):
        query = (
            PersonKey.select(PersonKey.key, *CrmContact._meta.sorted_fields)
            .join(CrmContact, on=_same(PersonKey, CrmContact, "contact_id"))
            .where((PersonKey.account_id == account_id) & PersonKey.key.in_(chunk) & ~CrmContact.is_deleted)
        )
        for row in sorted(query.objects(PersonKey), key=lambda row: int(row.contact_id)):
            found[row.key] = (*found.get(row.key, ()), contact_of(row))
    return found


def contacts_by_ids(account_id: int, contact_ids: Iterable[int]) -> dict[int, Contact]:
    """Contacts as last seen, the deleted ones marked as such."""
    found: dict[int, Contact] = {}
    for chunk in bulk.chunks(set(contact_ids)):
        where = (CrmContact.account_id == account_id) & CrmContact.contact_id.in_(chunk)
        found |= {row.contact_id: contact_of(row) for row in CrmContact.select().where(where)}
    return found


def leads_by_ids(account_id: int, lead_ids: Iterable[int]) -> dict[int, Lead]:
    """Leads as last seen, the deleted ones marked as such."""
    found: dict[int, Lead] = {}
    for chunk in bulk.chunks(set(lead_ids)):
        rows = CrmLead.select().where((CrmLead.account_id == account_id) & CrmLead.lead_id.in_(chunk))
        found |= {lead.id: lead for lead in _with_contacts(account_id, list(rows))}
    return found


def robots_leads(account_id: int, since: datetime) -> list[Lead]:
    """Leads that a robot has made since then and that are still there."""
    by_robot = (CrmLead.account_id == account_id) & (CrmLead.created_by == 0) & ~CrmLead.is_deleted
    return _with_contacts(account_id, list(CrmLead.select().where(by_robot & (CrmLead.created_at >= since))))


def open_leads_of(account_id: int, contact_ids: Iterable[int]) -> dict[int, tuple[Lead, ...]]:
    """Contact id → its open leads, oldest first; contacts without any are left out."""
    found: dict[int, tuple[Lead, ...]] = {}
    wanted = set(contact_ids)
    for lead in _leads_of(account_id, wanted, CrmLead.stage_id.not_in(CLOSED_STAGES)):
        for contact_id in wanted.intersection(lead.contact_ids):
            found[contact_id] = (*found.get(contact_id, ()), lead)
    return found


def with_leads(account_id: int, contact_ids: Iterable[int]) -> set[int]:
    """Those of the contacts that have, or had, any lead."""
    found: set[int] = set()
    for chunk in bulk.chunks(set(contact_ids)):
        sql = f"""SELECT DISTINCT contact_id FROM lead_contacts
            WHERE account_id = %s AND contact_id IN ({bulk.marks(len(chunk))})"""
        found |= {contact_id for (contact_id,) in db.rows(sql, (account_id, *chunk))}
    return found


def leads_of(account_id: int, contact_ids: Iterable[int]) -> dict[int, tuple[Lead, ...]]:
    """Contact id → all its leads, open and closed, oldest first; contacts without any are left out."""
    found: dict[int, tuple[Lead, ...]] = {}
    wanted = set(contact_ids)
    for lead in _leads_of(account_id, wanted):
        for contact_id in wanted.intersection(lead.contact_ids):
            found[contact_id] = (*found.get(contact_id, ()), lead)
    return found


def keyed_leads_of(
    account_id: int, contact_ids: Iterable[int], field_id: int, keys: Iterable[str]
) -> dict[str, Lead]:
    """Key → the oldest lead of these contacts, open or closed, whose field carries it: a copy is made
    later.
    """
    found: dict[str, Lead] = {}
    wanted = set(keys)
    for lead in _leads_of(account_id, set(contact_ids)):
        for key in wanted.intersection(lead.values(field_id)):
            found.setdefault(key, lead)
    return found


def _leads_of(account_id: int, contact_ids: Iterable[int], *conditions: Any) -> list[Lead]:
    """Through a list of ids, not a join: SQLite would walk all leads of the account in the order wanted."""
    found: list[Lead] = []
    for chunk in bulk.chunks(contact_ids):
        theirs = LeadContact.select(LeadContact.lead_id).where(
            LeadContact.account_id == account_id, LeadContact.contact_id.in_(chunk)
        )
        query = (
            CrmLead.select()
            .where(CrmLead.account_id == account_id, CrmLead.lead_id.in_(theirs))
            .where(~CrmLead.is_deleted, *conditions)
            .order_by(CrmLead.lead_id)
        )
        found += _with_contacts(account_id, list(query))
    return found


def leads_portion(account_id: int, after_id: int, limit: int) -> list[Lead]:
    """All leads of the account in the order of their ids, the deleted ones left out: a pass in steps."""
    query = CrmLead.select().where(CrmLead.account_id == account_id, CrmLead.lead_id > after_id)
    rows = query.where(~CrmLead.is_deleted).order_by(CrmLead.lead_id).limit(limit)
    return _with_contacts(account_id, list(rows))


def contacts_portion(account_id: int, after_id: int, limit: int) -> list[Contact]:
    query = CrmContact.select().where(CrmContact.account_id == account_id, CrmContact.contact_id > after_id)
    rows = query.where(~CrmContact.is_deleted).order_by(CrmContact.contact_id).limit(limit)
    return [contact_of(row) for row in rows]


def lacks_fields(account_id: int) -> bool:
    """Whether there are contacts read before their fields were kept."""
    where = (CrmContact.account_id == account_id) & CrmContact.fields.is_null() & ~CrmContact.is_deleted
    return bool(CrmContact.select().where(where).exists())


def no_more_fields(account_id: int) -> None:
    """After a full pass: contacts that it did not show are gone from the CRM, nothing will be learnt of
    them.
    """
    db.run("UPDATE crm_contacts SET fields = '[]' WHERE account_id = %s AND fields IS NULL", (account_id,))


def count(account_id: int, collection: str) -> int:
    """Rows of a collection (leads, contacts) that are there."""
    model: Any = CrmLead if collection == "leads" else CrmContact
    return int(model.select().where((model.account_id == account_id) & ~model.is_deleted).count())


def remember_card(account_id: int, key: str, contact_id: int) -> None:
    """The person of this client card is this contact, also when it has no phone to be found by."""
    remember_keys(account_id, [(key, contact_id)])


def remember_keys(account_id: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Many cards at once: (key, contact id)."""
    new = [{"account_id": account_id, "key": k, "contact_id": c, "is_card": True} for k, c in set(pairs)]
    bulk.insert(
        PersonKey, new, "ON CONFLICT (account_id, key, contact_id) DO UPDATE SET is_card = excluded.is_card"
    )


def mark(account_id: int, collection: str) -> SyncMark:
    """How far `collection` (leads, contacts) has been read; an empty mark before the first time."""
    row = SyncMarkRow.get_or_none(
        (SyncMarkRow.account_id == account_id) & (SyncMarkRow.collection == collection)
    )
    return SyncMark(row.high, row.page, row.is_complete, row.total) if row else SyncMark()


def save_mark(account_id: int, collection: str, mark: SyncMark) -> None:
    row = {
        "account_id": account_id, "collection": collection, "high": mark.high, "page": mark.page,
        "is_complete": mark.is_complete, "total": mark.total,
    }  # fmt: skip
    bulk.upsert(SyncMarkRow, [row], ("account_id", "collection"))


def _only_newer(table: str, key: str) -> str:
    """News of the same second pass, because the CRM's clock has no finer steps; only a deletion outlives its
    second.
    """
    return (
        f"WHERE excluded.updated_at > {table}.updated_at OR (excluded.updated_at = {table}.updated_at "
        f"AND (excluded.is_deleted OR NOT {table}.is_deleted)) RETURNING {key}"
    )


def _replace_phone_keys(account_id: int, contacts: list[Contact], keys_of: KeysOf) -> None:
    """Cards stay: they were remembered by us, the contact itself does not carry them."""
    _delete(PersonKey, account_id, "contact_id", [contact.id for contact in contacts], "AND NOT is_card")
    new = [
        {"account_id": account_id, "key": key, "contact_id": contact.id, "is_card": False}
        for contact in contacts
        for key in dict.fromkeys(keys_of(contact))
    ]
    bulk.insert(PersonKey, new, "ON CONFLICT DO NOTHING")


def _add_pairs(account_id: int, pairs: list[tuple[int, int, int]]) -> None:
    new = {
        (lead, contact): {
            "account_id": account_id,
            "lead_id": lead,
            "contact_id": contact,
            "position": position,
        }
        for lead, contact, position in pairs
    }
    bulk.insert(LeadContact, new.values(), "ON CONFLICT DO NOTHING")


def _delete(model: bulk.Model, account_id: int, column: str, ids: list[int], extra: str = "") -> None:
    for chunk in bulk.chunks(ids):
        found = f"account_id = %s AND {column} IN ({bulk.marks(len(chunk))}) {extra}"
        db.run(f"DELETE FROM {bulk.table(model)} WHERE {found}", (account_id, *chunk))


def _with_contacts(account_id: int, rows: list[CrmLead]) -> list[Lead]:
    """Leads with the ids of their contacts, the main one first."""
    contacts: dict[int, list[int]] = {}
    for chunk in bulk.chunks(row.lead_id for row in rows):
        sql = f"""SELECT lead_id, contact_id FROM lead_contacts WHERE account_id = %s
            AND lead_id IN ({bulk.marks(len(chunk))}) ORDER BY lead_id, position, contact_id"""
        for lead_id, contact_id in db.rows(sql, (account_id, *chunk)):
            contacts.setdefault(lead_id, []).append(contact_id)
    return [lead_of(row, contacts.get(row.lead_id, [])) for row in rows]


def _mark_deleted(model: Any, account_id: int, key: Any, entity_id: int) -> None:
    """One that we never saw cannot be chosen by a decision, so nothing is kept of it."""
    model.update(is_deleted=True).where((model.account_id == account_id) & (key == entity_id)).execute()


def _same(one: Any, other: Any, column: str) -> Any:
    return (one.account_id == other.account_id) & (getattr(one, column) == getattr(other, column))


def _age(entity: Lead | Contact) -> datetime:
    return entity.updated_at or db.EPOCH
