"""«Неразобранное»: leads that nobody has accepted yet stand in no list but their own (amocrm.md §3.14)."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import JsonObject


@dataclass(frozen=True, slots=True)
class Incoming:
    """An unsorted lead with the contacts that came with it."""

    uid: str
    lead_id: int
    contact_ids: tuple[int, ...]


def newest(client: AmoClient) -> tuple[Incoming, ...]:
    """One page, the newest first: older ones have been waiting for weeks."""
    return tuple(found for row in client.unsorted() if (found := _read(row)))


def accept(client: AmoClient, lead_id: int, stage_id: int) -> None:
    """Out of «Неразобранное» into a stage. One that somebody has accepted meanwhile is left to its change."""
    uid = next((one.uid for one in newest(client) if one.lead_id == lead_id), None)
    if uid is not None:
        client.write("POST", f"leads/unsorted/{uid}/accept", {"status_id": stage_id})


def _read(row: JsonObject) -> Incoming | None:
    try:
        embedded = row.get("_embedded") or {}
        leads = [int(lead["id"]) for lead in embedded.get("leads") or ()]
        contacts = tuple(int(contact["id"]) for contact in embedded.get("contacts") or ())
        return Incoming(str(row["uid"]), leads[0], contacts) if leads else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("amocrm.lead_malformed", error=type(error).__name__) from error
