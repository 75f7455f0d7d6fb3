"""Who set the value that a lead has now, by the account's own feed of events. Asked for few leads only, where
the one who changed the lead last may not be the one who changed what matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import JsonObject, Params

AT_ONCE = 10  # leads in one request
PAGE, PAGES = 100, 3  # of the newest events; older ones are nobody's last word

FIELD_BEGINS, FIELD_ENDS = "custom_field_", "_value_changed"
KINDS = {
    "lead_status_changed": ("stage_id", "pipeline_id"),
    "sale_field_changed": ("price",),
    "entity_responsible_changed": ("responsible_id",),
}


def of_leads(client: AmoClient, lead_ids: Sequence[int], since: datetime) -> dict[int, dict[str, int]]:
    """Lead → what of it was changed since then → by whom last (0 is a robot). A filter that is switched off
    shows strangers' events: they are passed over.
    """
    found: dict[int, dict[str, int]] = {lead_id: {} for lead_id in lead_ids}
    for start in range(0, len(lead_ids), AT_ONCE):
        _read(client, list(lead_ids[start : start + AT_ONCE]), since, found)
    return found


def _read(client: AmoClient, ids: list[int], since: datetime, found: dict[int, dict[str, int]]) -> None:
    newest: dict[tuple[int, str], int] = {}
    for page in range(1, PAGES + 1):
        params: Params = {
            "filter[entity][]": "lead", "filter[entity_id][]": ids, "limit": PAGE, "page": page,
            "filter[created_at][from]": int(since.timestamp()),
        }  # fmt: skip
        rows, is_last = client.page("events", "events", params)
        for row in rows:
            lead_id, at = int(row.get("entity_id") or 0), int(row.get("created_at") or 0)
            if row.get("entity_type") != "lead" or lead_id not in ids or at < int(since.timestamp()):
                continue
            for what in _whats(row):
                if at > newest.get((lead_id, what), 0):  # the newest of a second stands first
                    newest[lead_id, what] = at
                    found[lead_id][what] = int(row.get("created_by") or 0)
        if is_last:
            return


def _whats(row: JsonObject) -> tuple[str, ...]:
    kind = str(row.get("type") or "")
    number = kind.removeprefix(FIELD_BEGINS).removesuffix(FIELD_ENDS)
    if kind.startswith(FIELD_BEGINS) and number.isdecimal():
        return (f"field:{number}",)
    return KINDS.get(kind, ())
