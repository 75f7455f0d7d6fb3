"""What people do in the amoCRM interface; the API rules that bind programs do not bind them."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Check, Json
from sandbox.amocrm.contacts import create_contact, delete_contact
from sandbox.amocrm.contacts import plain as plain_contact
from sandbox.amocrm.deals import change_lead, create_lead, delete_lead
from sandbox.amocrm.leads import plain as plain_lead
from sandbox.amocrm.models import Account, Contact, Lead
from sandbox.amocrm.state import State
from sandbox.amocrm.values import Values, read_fields


class People(State):
    """Verbs `ui/*`. `fields` is `{field_id: value}` or a list in the API's shape; `tags` a list of names."""

    def ui_lead(  # noqa: PLR0913  # the keys of the verb
        self,
        domain: str,
        user_id: int,
        name: str,
        pipeline_id: int | None = None,
        stage_id: int | None = None,
        price: int = 0,
        contact: Json | None = None,
        contact_id: int | None = None,
        fields: Any = None,
        tags: list[str] | None = None,
        responsible_user_id: int | None = None,
    ) -> Json:
        with self.lock:
            account = self.find(domain)
            pipeline = account.pipelines[pipeline_id] if pipeline_id else account.main_pipeline()
            place = {"pipeline_id": pipeline.id, "status_id": stage_id or pipeline.first_status()}
            if place["status_id"] not in pipeline.statuses:
                raise ValueError(f"no stage {stage_id} in pipeline {pipeline.id}")
            draft: Json = {"name": name, "price": price, **place, **extras(account, "leads", fields, tags)}
            draft["responsible_user_id"] = responsible_user_id or user_id
            if contact is not None:
                contact_id = new_contact(account, user_id, contact["name"], [contact["phone"]]).id
            lead = create_lead(account, draft, {contact_id: True} if contact_id else {}, user_id)
            return full_lead(account, lead)

    def ui_move(
        self,
        domain: str,
        user_id: int,
        lead_id: int,
        stage_id: int,
        pipeline_id: int | None = None,
        **more: Any,
    ) -> Json:
        """Move a lead to a stage; `loss_reason_id` may come along."""
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            target = account.pipelines[pipeline_id or lead.pipeline_id]
            if stage_id not in target.statuses:
                raise ValueError(f"no stage {stage_id} in pipeline {target.id}")
            change_lead(account, lead, {"pipeline_id": target.id, "status_id": stage_id, **more}, user_id)
            return full_lead(account, lead)

    def ui_edit(
        self, domain: str, user_id: int, lead_id: int, fields: Any = None, tags: Any = None, **changes: Any
    ) -> Json:
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            unknown = changes.keys() - {"name", "price", "responsible_user_id"}
            if unknown:
                raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
            change_lead(
                account, lead, {**changes, **extras(account, "leads", fields, tags, replace=True)}, user_id
            )
            return full_lead(account, lead)

    def ui_delete(self, domain: str, user_id: int, lead_id: int) -> Json:
        with self.lock:
            account, lead = self._lead(domain, lead_id)
            delete_lead(account, lead, user_id)
            return {"id": lead_id}

    def ui_contact(self, domain: str, user_id: int, name: str, phones: list[str]) -> Json:
        with self.lock:
            account = self.find(domain)
            return plain_contact(account, new_contact(account, user_id, name, phones))

    def ui_delete_contact(self, domain: str, user_id: int, contact_id: int) -> Json:
        with self.lock:
            account = self.find(domain)
            delete_contact(account, account.contacts.rows[contact_id], user_id)
            return {"id": contact_id}

    def ui_delete_field(self, domain: str, field_id: int) -> Json:
        with self.lock:
            account = self.find(domain)
            for fields in account.fields.values():
                fields.pop(field_id, None)
            return {"id": field_id}

    def ui_delete_stage(self, domain: str, pipeline_id: int, stage_id: int) -> Json:
        """The leads of a deleted stage move to the first stage of the pipeline."""
        with self.lock:
            account = self.find(domain)
            remove_stage(account, pipeline_id, stage_id, account.admin_id())
            return {"id": stage_id}

    def ui_delete_pipeline(self, domain: str, user_id: int, pipeline_id: int) -> Json:
        """The leads of a deleted pipeline go to the trash with it."""
        with self.lock:
            account = self.find(domain)
            for lead in [row for row in account.leads.rows.values() if row.pipeline_id == pipeline_id]:
                delete_lead(account, lead, user_id)
            del account.pipelines[pipeline_id]
            return {"id": pipeline_id}

    def _lead(self, domain: str, lead_id: int) -> tuple[Account, Lead]:
        account = self.find(domain)
        lead = account.leads.get(lead_id)
        if lead is None:
            raise ValueError(f"no lead {lead_id} in {domain}")
        return account, lead


def remove_stage(account: Account, pipeline_id: int, stage_id: int, author: int) -> None:
    pipeline = account.pipelines[pipeline_id]
    if stage_id in {142, 143}:
        raise ValueError("system stages stay")
    del pipeline.statuses[stage_id]
    for lead in list(account.leads.rows.values()):
        if (lead.pipeline_id, lead.status_id) == (pipeline_id, stage_id):
            change_lead(account, lead, {"status_id": pipeline.first_status()}, author)


def full_lead(account: Account, lead: Lead, is_deleted: bool = False) -> Json:
    """A lead for `state`: the API's model with contacts, companies and tags, without links."""
    contacts = [{"id": contact, "is_main": is_main} for contact, is_main in lead.contacts.items()]
    tags = [{"id": tag, "name": account.tags["leads"][tag].name} for tag in lead.tags]
    companies = [{"id": company} for company in lead.companies]
    embedded = {"tags": tags, "contacts": contacts, "companies": companies}
    return {**plain_lead(account, lead, is_deleted), "_embedded": embedded}


def new_contact(account: Account, user_id: int, name: str, phones: list[str]) -> Contact:
    return create_contact(account, contact_draft(account, name, phones), user_id)


def contact_draft(account: Account, name: str, phones: list[str]) -> Json:
    values = [{"value": phone, "enum_code": "WORK"} for phone in phones]
    fields = [{"field_code": "PHONE", "values": values}]
    return {"name": name, "fields": _checked(account, "contacts", fields)}


def extras(
    account: Account, entity: str, fields: Any, tags: list[str] | None = None, replace: bool = False
) -> Json:
    found: Json = {}
    if fields is not None:
        if isinstance(fields, dict):
            fields = [{"field_id": int(key), "values": _as_values(value)} for key, value in fields.items()]
        found["fields"] = _checked(account, entity, fields)
    if tags is not None:
        found["tags_replace" if replace else "tags_to_add"] = [{"name": tag} for tag in tags]
    return found


def _as_values(value: Any) -> list[Json] | None:
    if value is None:
        return None
    return [{"value": item} for item in (value if isinstance(value, list) else [value])]


def _checked(account: Account, entity: str, fields: list[Json]) -> Values:
    check = Check()
    values = read_fields(account, entity, fields, check)
    if check.errors:
        raise ValueError(f"fields refused: {check.errors}")
    return values
