"""Triggers of the digital pipeline: a widget's action on a stage, told to the widget's server once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.amocrm.archive import NoArchive
from sandbox.amocrm.hooks import HEADERS, SERVICE, bracket_form
from sandbox.sender import Hook, Policy

if TYPE_CHECKING:
    from sandbox.amocrm.checks import Json
    from sandbox.amocrm.models import Account, Lead, Note

CALL_IN = "call_in"
KINDS = {"lead_added": 1, "lead_status_changed": 14, "lead_appeared_in_status": 15, CALL_IN: 17}
LEAD = 2
ONCE = Policy(timeout=2.0)
"""No second attempt, whatever the answer."""


@dataclass(frozen=True, slots=True)
class WidgetTrigger:
    id: int
    code: str
    client_id: str
    pipeline_id: int
    status_id: int
    kind: str
    settings: dict[str, str]


def lead_came(account: Account, lead: Lead, is_new: bool) -> None:
    """A lead was made in a stage or moved to it, by anybody."""
    happened = {"lead_appeared_in_status", "lead_added" if is_new else "lead_status_changed"}
    for trigger in account.widget_triggers.values():
        here = (trigger.pipeline_id, trigger.status_id) == (lead.pipeline_id, lead.status_id)
        if here and trigger.kind in happened and trigger.code in account.widgets:
            _send(account, trigger, lead)


def lead_called(account: Account, note: Note) -> None:
    """A call came to a lead that stands in a stage with such a trigger."""
    if note.note_type != CALL_IN or note.entity != "leads":
        return
    lead = account.leads.rows[note.entity_id]
    for trigger in account.widget_triggers.values():
        here = (trigger.pipeline_id, trigger.status_id) == (lead.pipeline_id, lead.status_id)
        if here and trigger.kind == CALL_IN and trigger.code in account.widgets:
            _send(account, trigger, lead)


def _send(account: Account, trigger: WidgetTrigger, lead: Lead) -> None:
    crm = account.crm
    try:
        url = crm.archive_of(trigger.client_id).trigger_url
    except NoArchive:
        url = ""
    if not url:
        return
    body = _body(account, trigger, lead)
    if crm.trigger_encoding == "json":
        content, headers = json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
    else:
        content, headers = urlencode(bracket_form(body)).encode(), HEADERS
    about = {"domain": account.domain, "setting": f"trigger {trigger.id}"}
    crm.world.sender.send(Hook(SERVICE, url, content, dict(headers), ONCE, about=about), crm.trouble)


def _body(account: Account, trigger: WidgetTrigger, lead: Lead) -> Json:
    data = {
        "id": lead.id,
        "element_type": LEAD,
        "status_id": lead.status_id,
        "pipeline_id": lead.pipeline_id,
        "direction_of_movement": "went_to_trigger",
    }
    return {
        "event": {"type": KINDS[trigger.kind], "type_code": trigger.kind, "data": data, "time": account.now},
        "action": {"settings": {"widget": {"settings": dict(trigger.settings)}}},
        "subdomain": account.subdomain,
        "account_id": account.id,
    }
