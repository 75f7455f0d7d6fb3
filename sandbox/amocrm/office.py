"""What people do in the amoCRM interface less often: copies, merged contacts, incoming leads, renames."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm import hooks
from sandbox.amocrm import incoming as unsorted
from sandbox.amocrm.checks import Json
from sandbox.amocrm.contacts import change_contact, delete_contact
from sandbox.amocrm.contacts import plain as plain_contact
from sandbox.amocrm.deals import change_lead, create_lead, link, restore_lead, unlink
from sandbox.amocrm.journal_events import record_event
from sandbox.amocrm.models import ROBOT, Account, Contact, Task
from sandbox.amocrm.notes import add_note
from sandbox.amocrm.people import People, contact_draft, extras, full_lead, new_contact
from sandbox.amocrm.values import Values

DAY = 86_400


class Office(People):
    """More verbs `ui/*`."""

    def find_by(self, domain: str, entity: str, code: str, value: str) -> list[Json]:
        """Leads or contacts whose field with this code has exactly this value, the oldest first."""
        with self.lock:
            account = self.find(domain)
            field = account.field_by_code(entity, code)
            if field is None:
                return []
            if entity == "leads":
                found = sorted(account.leads.with_value(field.id, value), key=lambda lead: lead.id)
                return [full_lead(account, lead) for lead in found]
            people = sorted(account.contacts.with_value(field.id, value), key=lambda contact: contact.id)
            return [{**plain_contact(account, one), "leads": list(one.leads)} for one in people]

    def ui_restore(self, domain: str, user_id: int, lead_id: int) -> Json:
        """Out of the trash."""
        with self.lock:
            account = self.find(domain)
            lead = account.trash[lead_id]
            restore_lead(account, lead, user_id)
            return full_lead(account, lead)

    def ui_note(self, domain: str, user_id: int, lead_id: int, text: str) -> Json:
        """A person writes in the feed of a card."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            body: Json = {"note_type": "common", "params": {"text": text}}
            return {"id": add_note(account, "leads", lead.id, body, user_id).id}

    def ui_company(self, domain: str, user_id: int, name: str, phones: list[str]) -> Json:
        """A person fills in a company's card."""
        with self.lock:
            account = self.find(domain)
            found: Json = {
                "id": self.new_id("company"), "name": name, "phones": list(phones),
                "responsible_user_id": user_id,
            }  # fmt: skip
            account.companies[found["id"]] = found
            return dict(found)

    def ui_task(self, domain: str, user_id: int, lead_id: int, text: str) -> Json:
        """A person sets a task for tomorrow."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            task = Task(
                id=self.new_id("task"), name=text, created_at=account.now, updated_at=account.now,
                created_by=user_id, responsible_user_id=user_id, entity_id=lead.id, entity_type="leads",
                complete_till=int(account.now) + DAY,
            )  # fmt: skip
            account.tasks.add(task, ("", ""), self.search_now())
            return {"id": task.id}

    def ui_complete_task(self, domain: str, user_id: int, task_id: int, result: str = "") -> Json:
        """A person has done it."""
        with self.lock:
            account = self.find(domain)
            task = account.tasks.rows[task_id]
            task.is_completed, task.result, task.updated_by = True, result or None, user_id
            account.tasks.touch(task, account.now, ("", ""), self.search_now())
            return {"id": task.id}

    def ui_copy(self, domain: str, user_id: int, lead_id: int) -> Json:
        """The copy has everything that the card has: values of fields that only programs may change too."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            draft: Json = {
                "name": lead.name,
                "price": lead.price,
                "pipeline_id": lead.pipeline_id,
                "status_id": lead.status_id,
                "responsible_user_id": lead.responsible_user_id,
                "fields": _copied(lead.fields),
                "tags_to_add": [{"id": tag} for tag in lead.tags],
            }
            return full_lead(account, create_lead(account, draft, dict(lead.contacts), user_id))

    def ui_link_contact(
        self, domain: str, user_id: int, lead_id: int, contact_id: int, instead: bool = True
    ) -> Json:
        """Another person becomes the lead's main contact; the earlier ones leave the card when `instead`."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            if instead:
                for other in [known for known in lead.contacts if known != contact_id]:
                    unlink(account, lead, other)
            link(account, lead, account.contacts.rows[contact_id].id, is_main=True)
            change_lead(account, lead, {}, user_id)
            return full_lead(account, lead)

    def ui_merge_contacts(self, domain: str, user_id: int, from_id: int, into_id: int) -> Json:
        """One card survives with the phones and the leads of both; the other one is deleted.

        Leads keep their numbers and hear nothing of it: only the two contacts are told to the hooks.
        """
        with self.lock:
            account = self.find(domain)
            gone, kept = account.contacts.rows[from_id], account.contacts.rows[into_id]
            for lead_id in list(gone.leads):
                lead = account.leads.rows[lead_id]
                was_main = lead.contacts.pop(gone.id)
                gone.leads.pop(lead_id)
                link(account, lead, kept.id, is_main=was_main or lead.contacts.get(kept.id, False))
            delete_contact(account, gone, user_id)
            change_contact(account, kept, {"fields": _joined(account, kept, gone)}, user_id)
            record_event(account, "entity_merged", ("contact", kept.id), user_id)
            return {**plain_contact(account, kept), "leads": list(kept.leads)}

    def ui_contact_edit(  # noqa: PLR0913 - what a card has
        self,
        domain: str,
        user_id: int,
        contact_id: int,
        name: str | None = None,
        phones: Any = None,
        fields: Any = None,
    ) -> Json:
        with self.lock:
            account = self.find(domain)
            contact = account.contacts.rows[contact_id]
            draft: Json = {} if phones is None else contact_draft(account, contact.name, phones)
            if fields is not None:
                draft["fields"] = {**draft.get("fields", {}), **extras(account, "contacts", fields)["fields"]}
            change_contact(account, contact, {**draft, "name": name or contact.name}, user_id)
            return plain_contact(account, contact)

    def ui_incoming(
        self,
        domain: str,
        name: str,
        contact: Json | None = None,
        pipeline_id: int | None = None,
        source: str = "Сайт",
    ) -> Json:
        """A form of the site brings a lead into «Неразобранное»; a known phone joins its contact."""
        with self.lock:
            account = self.find(domain)
            pipeline = account.pipelines[pipeline_id] if pipeline_id else account.main_pipeline()
            person = None if contact is None else self._person(account, contact)
            place = {"pipeline_id": pipeline.id, "status_id": unsorted.unsorted_stage(account, pipeline)}
            with hooks.silence(account):
                contacts = {person.id: True} if person else {}
                lead = create_lead(account, {"name": name, **place}, contacts, ROBOT)
            uid = unsorted.arrived(account, lead, source).uid
            return {**full_lead(account, lead), "uid": uid}

    def _person(self, account: Account, given: Json) -> Contact:
        if "id" in given:
            return account.contacts.rows[given["id"]]
        with hooks.silence(account):
            made = new_contact(account, ROBOT, given["name"], [given["phone"]])
        made.is_unsorted = True
        return made

    def ui_accept(self, domain: str, user_id: int, uid: str, stage_id: int) -> Json:
        with self.lock:
            account = self.find(domain)
            return full_lead(account, unsorted.accept(account, account.incoming[uid], stage_id, user_id))

    def ui_decline(self, domain: str, user_id: int, uid: str) -> Json:
        with self.lock:
            account = self.find(domain)
            unsorted.decline(account, account.incoming[uid], user_id)
            return {"uid": uid}

    def ui_rename_stage(self, domain: str, pipeline_id: int, stage_id: int, name: str) -> Json:
        with self.lock:
            self.find(domain).pipelines[pipeline_id].statuses[stage_id].name = name
            return {"id": stage_id}

    def ui_rename_pipeline(self, domain: str, pipeline_id: int, name: str) -> Json:
        with self.lock:
            self.find(domain).pipelines[pipeline_id].name = name
            return {"id": pipeline_id}

    def ui_dismiss(self, domain: str, user_id: int, heir_id: int, is_removed: bool = False) -> Json:
        """A user who left: switched off, or out of the list for good; open leads go to the heir."""
        with self.lock:
            account = self.find(domain)
            account.users[user_id].is_active = False
            for lead in list(account.leads.rows.values()):
                if lead.responsible_user_id == user_id and lead.closed_at is None:
                    change_lead(account, lead, {"responsible_user_id": heir_id}, heir_id)
            if is_removed:
                del account.users[user_id]
            return {"id": user_id}

    def ui_salesbot(self, domain: str, lead_id: int, stage_id: int, delay: float = 0.0) -> Json:
        """A bot of the account moves the lead after a while; the author is the robot."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            if stage_id not in account.pipelines[lead.pipeline_id].statuses:
                raise ValueError(f"no stage {stage_id} in pipeline {lead.pipeline_id}")

        def act() -> None:
            with self.lock:
                if account.leads.get(lead_id) is not None:
                    change_lead(account, lead, {"status_id": stage_id}, ROBOT)

        self.world.later(delay, act)
        return {"id": lead_id}


def _copied(fields: Values) -> Values:
    return {field_id: [dict(value) for value in values] for field_id, values in fields.items()}


def _joined(account: Account, kept: Contact, gone: Contact) -> Values:
    """Values of both cards, the survivor's first; where only one value fits, the survivor's stays."""
    joined: Values = {}
    for field_id, values in gone.fields.items():
        own = kept.fields.get(field_id, [])
        field = account.fields["contacts"].get(field_id)
        if own and (field is None or field.type not in {"multitext", "multiselect"}):
            continue
        known = {str(value.get("value")) for value in own}
        joined[field_id] = [*own, *(dict(one) for one in values if str(one.get("value")) not in known)]
    return joined
