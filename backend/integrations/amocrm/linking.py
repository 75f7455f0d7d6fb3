"""Links of a lead: its main contact, and the products it is about (amocrm.md §3.8, §3.13)."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.sync.commands import LinkProducts, ReplaceContact
from backend.integrations.amocrm.batches import MET, Outcome
from backend.integrations.amocrm.client import AmoClient, Refused
from backend.integrations.amocrm.render import Terms
from backend.integrations.http import JsonObject

ELEMENTS = "catalog_elements"
Placed = tuple[int, LinkProducts, int]


def meet(client: AmoClient, body: JsonObject, ref: str) -> int:
    """A new contact; its id."""
    answer = MET.read(client.write(MET.method, MET.path, [{**body, "request_id": ref}]))
    if ref not in answer:
        raise TryLater("amocrm.answer_incomplete", sent=1, named=0)
    return int(answer[ref]["id"])


def replace(client: AmoClient, row_id: int, command: ReplaceContact, contact_id: int) -> Outcome:
    """The new one comes before the former one goes: a lead is never without anybody."""
    came = {"to_entity_id": contact_id, "to_entity_type": "contacts", "metadata": {"is_main": True}}
    try:
        client.write("POST", f"leads/{command.lead_id}/link", [came])
        if command.former_id and command.former_id != contact_id:
            left = {"to_entity_id": command.former_id, "to_entity_type": "contacts"}
            client.write("POST", f"leads/{command.lead_id}/unlink", [left])
    except Refused as refusal:
        return Outcome(row_id, "rejected", command.lead_id, error=_gone(refusal))
    return Outcome(row_id, "done", command.lead_id, contact_id)


def products(client: AmoClient, placed: Sequence[Placed], terms: Terms) -> list[Outcome]:
    """All leads of a batch in one request; a refused batch goes lead by lead, so that one wrong lead costs
    only itself.
    """
    try:
        _write(client, placed, terms)
    except Refused as refusal:
        if len(placed) == 1:
            row_id, _, lead_id = placed[0]
            return [Outcome(row_id, "rejected", lead_id, error=_gone(refusal))]
        return [outcome for one in placed for outcome in products(client, [one], terms)]
    return [Outcome(row_id, "done", lead_id) for row_id, _, lead_id in placed]


def _write(client: AmoClient, placed: Sequence[Placed], terms: Terms) -> None:
    known, catalog = terms.products.elements, terms.products.catalog_id
    gone = [
        _link(lead_id, known[ref], {"catalog_id": catalog})
        for _, command, lead_id in placed
        for ref in command.gone
        if ref in known
    ]
    come = [
        _link(lead_id, known[line.ref], {"catalog_id": catalog, "quantity": line.quantity})
        for _, command, lead_id in placed
        for line in command.lines
        if line.ref in known
    ]
    if gone:
        client.write("POST", "leads/unlink", gone)
    if come:
        client.write("POST", "leads/link", come)


def _link(lead_id: int, element_id: int, metadata: JsonObject) -> JsonObject:
    return {
        "entity_id": lead_id,
        "to_entity_id": element_id,
        "to_entity_type": ELEMENTS,
        "metadata": metadata,
    }


def _gone(refusal: Refused) -> AppError:
    """The lead or the contact is not there any more."""
    paths = {problem.path for problem in refusal.problems}
    if "to_entity_id" in paths:
        return InvalidInput("amocrm.contact_gone")
    return InvalidInput("amocrm.lead_gone") if "entity_id" in paths else InvalidInput("amocrm.refused")
