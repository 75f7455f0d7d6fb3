"""Years that have passed: cards put into the account as they stand now, with their own authors and times.

Nobody is told and no robot acts: hooks, events and automations belong to what happens from now on.
"""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Json
from sandbox.amocrm.contacts import keep_names
from sandbox.amocrm.deals import link
from sandbox.amocrm.entities import keep, settle_new
from sandbox.amocrm.models import Account, Contact, Lead, Note
from sandbox.amocrm.people import contact_draft, extras
from sandbox.amocrm.widgets import Widgets


class Loading(Widgets):
    def load(
        self, domain: str, contacts: list[Json] | None = None, leads: Any = None, notes: Any = None
    ) -> Json:
        """Many cards at once; the answer holds their ids in the order in which they were given."""
        with self.lock:
            account = self.find(domain)
            return {
                "contacts": [_contact(account, row).id for row in contacts or ()],
                "leads": [_lead(account, row).id for row in leads or ()],
                "notes": [_note(account, row).id for row in notes or ()],
            }


def _contact(account: Account, row: Json) -> Contact:
    contact = Contact(id=account.crm.new_id("contact"), name="", **_times(row), **_authors(account, row))
    draft = contact_draft(account, row["name"], row["phones"])
    keep_names(contact, draft)
    keep(account, "contacts", contact, draft, contact.updated_by)
    settle_new(account, "contacts", contact)
    return contact


def _lead(account: Account, row: Json) -> Lead:
    pipeline = account.pipelines[row["pipeline_id"]]
    if row["status_id"] not in pipeline.statuses:
        raise ValueError(f"no stage {row['status_id']} in pipeline {pipeline.id}")
    lead = Lead(
        id=account.crm.new_id("lead"),
        name="",
        **_times(row),
        **_authors(account, row),
        price=row.get("price", 0),
        pipeline_id=pipeline.id,
        status_id=row["status_id"],
        closed_at=row.get("closed_at"),
        loss_reason_id=row.get("loss_reason_id"),
    )
    draft = {"name": row["name"], **extras(account, "leads", row.get("fields"), row.get("tags"))}
    keep(account, "leads", lead, draft, lead.updated_by)
    settle_new(account, "leads", lead)
    for place, contact_id in enumerate(row.get("contacts") or ()):
        link(account, lead, contact_id, is_main=place == 0)
    return lead


def _note(account: Account, row: Json) -> Note:
    times, authors = _times(row), _authors(account, row)
    note = Note(
        id=account.crm.new_id("note"),
        name="",
        **times,
        **authors,
        entity="leads",
        entity_id=account.leads.rows[row["lead_id"]].id,
        params={"text": row["text"]},
    )
    account.notes.add(note, ("", ""), account.crm.search_now())
    account.notes_of.setdefault(("leads", note.entity_id), []).append(note.id)
    return note


def _times(row: Json) -> Json:
    return {"created_at": row["created_at"], "updated_at": row.get("updated_at", row["created_at"])}


def _authors(account: Account, row: Json) -> Json:
    author = row["created_by"]
    responsible = row.get("responsible_user_id") or author or account.admin_id()
    authors = {"created_by": author, "updated_by": row.get("updated_by", author)}
    return {**authors, "responsible_user_id": responsible}
