"""What a page of the account shows, and the same as data for the scripts that host the widget."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.archive import Archive, NoArchive, code_of
from sandbox.amocrm.contacts import plain as plain_contact
from sandbox.amocrm.models import Account, Contact, Lead
from sandbox.amocrm.people import full_lead
from sandbox.amocrm.widgets import trigger_model
from sandbox.host.viewer import Viewer

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm

Plain = dict[str, Any]
LEADS_SHOWN = 100
"""The newest first: a list is for looking, an account may hold thousands."""


def widgets(crm: AmoCrm, account: Account, viewer: Viewer, base: str) -> list[Plain]:
    """Every integration that has an archive, whether it is in the account or not."""
    found = []
    for client_id in list(crm.apps):
        try:
            archive = crm.archive_of(client_id)
        except NoArchive:
            continue
        found.append(_widget(account, client_id, archive, viewer, base))
    return found


def missing(crm: AmoCrm) -> list[str]:
    """Why an integration has no widget, in words for the page."""
    said = []
    for client_id, app in list(crm.apps.items()):
        if not app.has_widget:
            continue
        try:
            crm.archive_of(client_id)
        except NoArchive as error:
            said.append(str(error))
    return sorted(set(said))


def _widget(account: Account, client_id: str, archive: Archive, viewer: Viewer, base: str) -> Plain:
    code = code_of(client_id)
    kept = account.widgets.get(code)
    return {
        "code": code,
        "client_uuid": client_id,
        "path": f"{base}/widgets/{code}",
        "version": archive.version,
        "locations": archive.locations,
        "init_once": bool(archive.manifest["widget"].get("init_once")),
        "status": _status(archive, kept),
        "settings": dict(kept["settings"]) if kept else {},
        "langs": archive.texts(viewer.lang),
        "name": archive.say("widget.name", viewer.lang),
        "short": archive.say("widget.short_description", viewer.lang),
        "description": archive.say("widget.description", viewer.lang),
        "support": archive.manifest["widget"].get("support") or {},
        "tour": _tour(archive, viewer.lang, f"{base}/widgets/{code}"),
        "fields": _fields(archive.settings, archive, viewer.lang),
        "dp": _dp(archive, viewer.lang),
        "advanced": archive.say(str((archive.manifest.get("advanced") or {}).get("title", "")), viewer.lang),
    }


def _status(archive: Archive, kept: Plain | None) -> str:
    """`install`: not in the account; `not_configured`: a required setting is empty."""
    if kept is None:
        return "install"
    wanted = [name for name, field in archive.settings.items() if field.get("required")]
    return "installed" if all(kept["settings"].get(name) for name in wanted) else "not_configured"


def _fields(described: Plain, archive: Archive, lang: str) -> list[Plain]:
    return [
        {
            "code": code,
            "title": archive.say(str(field.get("name", code)), lang),
            "type": field.get("type", "text"),
            "required": bool(field.get("required")),
        }
        for code, field in described.items()
    ]


def _dp(archive: Archive, lang: str) -> Plain | None:
    dp = archive.manifest.get("dp")
    if "digital_pipeline" not in archive.locations or not isinstance(dp, dict):
        return None
    title = archive.say(str(dp["title"]), lang) if dp.get("title") else archive.say("widget.name", lang)
    return {"title": title, "fields": _fields(archive.trigger_settings, archive, lang)}


def _tour(archive: Archive, lang: str, path: str) -> Plain:
    tour = archive.manifest.get("tour") or {}
    images = (tour.get("tour_images") or {}).get(lang) or []
    text = archive.say(str(tour.get("tour_description", "")), lang)
    return {"images": [f"{path}/{image.lstrip('/')}" for image in images], "text": text}


def lead_card(account: Account, lead: Lead, viewer: Viewer) -> Plain:
    pipeline = account.pipelines[lead.pipeline_id]
    stages = sorted(pipeline.statuses.values(), key=lambda status: status.sort)
    people = [account.contacts.rows[key] for key in lead.contacts if account.contacts.get(key) is not None]
    return {
        "id": lead.id,
        "name": lead.name or f"{viewer.t('lead')} {lead.id}",
        "price": lead.price,
        "responsible": user_name(account, lead.responsible_user_id, viewer),
        "pipeline": pipeline,
        "stages": [stage for stage in stages if stage.type == 0],
        "stage": pipeline.statuses.get(lead.status_id),
        "tags": [account.tags["leads"][tag].name for tag in lead.tags],
        "fields": _values(account, full_lead(account, lead)),
        "people": [person(account, contact) for contact in people],
        "notes": _notes(account, "leads", lead.id, viewer),
        "tasks": [
            (_when(account, task.complete_till), task.name)
            for task in account.tasks.rows.values()
            if (task.entity_type, task.entity_id, task.is_completed) == ("leads", lead.id, False)
        ],
    }


def contact_card(account: Account, contact: Contact, viewer: Viewer) -> Plain:
    leads = [account.leads.rows[key] for key in contact.leads if account.leads.get(key) is not None]
    shown = plain_contact(account, contact)
    return {
        **person(account, contact),
        "responsible": user_name(account, contact.responsible_user_id, viewer),
        "fields": [pair for pair in _values(account, shown) if pair[0] not in {"Телефон", "Email"}],
        "leads": [lead_row(account, lead, viewer) for lead in sorted(leads, key=lambda lead: -lead.id)],
        "notes": _notes(account, "contacts", contact.id, viewer),
    }


def lead_row(account: Account, lead: Lead, viewer: Viewer) -> Plain:
    stage = account.pipelines[lead.pipeline_id].statuses.get(lead.status_id)
    main = next((key for key, is_main in lead.contacts.items() if is_main), None)
    contact = account.contacts.get(main) if main is not None else None
    return {
        "id": lead.id,
        "name": lead.name or f"{viewer.t('lead')} {lead.id}",
        "price": lead.price,
        "pipeline": account.pipelines[lead.pipeline_id].name,
        "stage": stage,
        "person": person(account, contact) if contact is not None else None,
        "responsible": user_name(account, lead.responsible_user_id, viewer),
    }


def lead_rows(account: Account, pipeline_id: int | None, viewer: Viewer) -> tuple[list[Plain], int]:
    """The newest leads, and how many there are."""
    every = [lead for lead in account.leads.rows.values() if pipeline_id in (None, lead.pipeline_id)]
    every.sort(key=lambda lead: (-lead.updated_at, -lead.id))
    return [lead_row(account, lead, viewer) for lead in every[:LEADS_SHOWN]], len(every)


def contact_rows(account: Account) -> list[Plain]:
    """The newest contacts."""
    newest = sorted(account.contacts.rows.values(), key=lambda contact: -contact.id)
    return [person(account, contact) for contact in newest[:LEADS_SHOWN]]


def person(account: Account, contact: Contact) -> Plain:
    fields = plain_contact(account, contact)["custom_fields_values"] or ()
    by_code = {f.get("field_code"): [v["value"] for v in f["values"]] for f in fields}
    return {
        "id": contact.id,
        "name": contact.name or f"{contact.first_name} {contact.last_name}".strip(),
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "phones": by_code.get("PHONE", []),
        "emails": by_code.get("EMAIL", []),
    }


def stages_with_triggers(account: Account, pipeline_id: int) -> list[Plain]:
    stages = sorted(account.pipelines[pipeline_id].statuses.values(), key=lambda status: status.sort)
    return [
        {
            "stage": stage,
            "triggers": [
                trigger_model(one)
                for one in account.widget_triggers.values()
                if (one.pipeline_id, one.status_id) == (pipeline_id, stage.id)
            ],
        }
        for stage in stages
        if stage.type == 0
    ]


def user_name(account: Account, user_id: int, viewer: Viewer) -> str:
    user = account.users.get(user_id)
    return user.name if user is not None else viewer.t("robot")


def _values(account: Account, shown: Plain) -> list[tuple[str, str]]:
    return [(f["field_name"], _value(account, f)) for f in shown["custom_fields_values"] or ()]


def _value(account: Account, custom: Plain) -> str:
    values = [item["value"] for item in custom["values"]]
    if custom.get("field_type") in ("date", "date_time"):
        values = [_when(account, int(value)) for value in values]
    return ", ".join(str(value) for value in values)


def _notes(account: Account, entity: str, entity_id: int, viewer: Viewer) -> list[tuple[str, str, str]]:
    found = [account.notes.rows[key] for key in account.notes_of.get((entity, entity_id), ())]
    return [
        (
            _when(account, note.created_at),
            user_name(account, note.created_by, viewer),
            str(note.params.get("text") or note.params.get("service") or note.note_type),
        )
        for note in sorted(found, key=lambda note: -note.id)
    ]


def _when(account: Account, at: int) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(account.timezone)).strftime("%d.%m.%Y %H:%M")
