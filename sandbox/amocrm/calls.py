"""Telephony: calls placed by number, the pop-up about an incoming call, and who is counted in the reports."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.companies import leads_of
from sandbox.amocrm.http import HAL, Reply, Request, hal, refusal, route
from sandbox.amocrm.index import phone_digits
from sandbox.amocrm.models import LOST, WON, Account, Contact, Lead, Note
from sandbox.amocrm.notes import add_note

KEYS = {
    "direction": "string", "duration": "int", "source": "string", "phone": "string", "uniq": "string",
    "link": "string", "call_result": "string", "call_status": "int", "responsible_user_id": "int",
    "created_by": "int", "updated_by": "int", "created_at": "time", "updated_at": "time",
    "request_id": "string",
}  # fmt: skip
REQUIRED = ("direction", "duration", "source", "phone")
KINDS = {"inbound": "call_in", "outbound": "call_out"}
STATUSES = range(1, 9)
NOTED = ("uniq", "duration", "source", "link", "phone", "call_responsible", "call_status", "call_result")
KIND_OF = {"leads": "lead", "contacts": "contact", "companies": "company"}
NUMBERS = {"leads": 2, "contacts": 1, "companies": 3}
NATIONAL = 10  # digits by which a number is looked for
NOT_FOUND = 263


class Place(NamedTuple):
    """`entity` is the collection: leads, contacts or companies."""

    entity: str
    id: int


def place_of(account: Account, phone: str) -> Place | None:
    """One active lead → the lead; several or none → the contact. What search has not seen is not there."""
    people = _people(account, phone)
    if not people:
        return _place_of_company(account, phone)
    active = {lead.id for person in people for lead in _active_leads(account, person)}
    return Place("leads", active.pop()) if len(active) == 1 else Place("contacts", people[0].id)


def _place_of_company(account: Account, phone: str) -> Place | None:
    digits = phone_digits(phone)[-NATIONAL:]
    own = [
        one
        for one in account.companies.values()
        if any(phone_digits(p).endswith(digits) for p in one["phones"])
    ]
    if not digits or not own:
        return None
    leads = [lead for lead in leads_of(account, own[0]["id"]) if lead.status_id not in {WON, LOST}]
    return Place("leads", leads[0].id) if len(leads) == 1 else Place("companies", own[0]["id"])


def _people(account: Account, phone: str) -> list[Contact]:
    digits = phone_digits(phone)[-NATIONAL:]
    if not digits:
        return []
    found = account.contacts.found(digits, account.crm.search_now(), account.crm.search_lag)
    listed = [contact for contact in found if not contact.is_unsorted]
    return [one for one in listed if any(phone.endswith(digits) for phone in one.digits.split("\n"))]


def _active_leads(account: Account, contact: Contact) -> list[Lead]:
    unsorted = {one.lead_id for one in account.incoming.values()}
    leads = [account.leads.rows[lead_id] for lead_id in contact.leads]
    return [lead for lead in leads if lead.status_id not in {WON, LOST} and lead.id not in unsorted]


@route("POST", "calls")
def logged(request: Request) -> Reply:
    """Each is placed by itself: what has no place is an error beside the others, alone it is a 400."""
    account, items = request.account, items_of(request)
    prepared(items, lambda item, check: _read(account, item, check))
    calls, errors = [], []
    for number, item in enumerate(items):
        ref, place = request_id(item, number), place_of(account, item["phone"])
        if place is None:
            detail = f"Entity not found by phone {item['phone']}"
            errors.append(
                {"title": "Entity not found", "status": NOT_FOUND, "detail": detail, "request_id": ref}
            )
        else:
            calls.append(_placed(request, place, item, ref))
    body = {"_total_items": len(calls), "errors": errors, "_embedded": {"calls": calls}}
    return hal(body, 200 if calls else 400, rows=len(calls))


def _placed(request: Request, place: Place, item: Json, ref: str) -> Json:
    account = request.account
    named = item.get("call_responsible")
    author = named if named in account.users else item.get("created_by") if named is None else None
    body: Json = {
        "note_type": KINDS[item["direction"]],
        "params": {key: item[key] for key in NOTED if key in item},
        "responsible_user_id": item.get("responsible_user_id", request.user_id),
        "created_by": request.user_id if author is None else author,
        "created_at": item.get("created_at", account.now),
    }
    note = add_note(account, place.entity, place.id, body, request.user_id)
    note.is_counted = item.get("responsible_user_id") is not None and author == note.responsible_user_id
    entity = {"id": place.id, "_links": request.links(f"{place.entity}/{place.id}")}
    return {
        "id": note.id,
        "entity_id": place.id,
        "entity_type": KIND_OF[place.entity],
        "account_id": account.id,
        "request_id": ref,
        "_embedded": {"entity": entity},
    }


def _read(account: Account, item: Json, check: Check) -> None:
    who = item.get("call_responsible")
    if who is not None and (isinstance(who, bool) or not isinstance(who, int | str)):
        check.wrong_type("call_responsible", "int")
    check.shape({key: value for key, value in item.items() if key != "call_responsible"}, KEYS)
    for key in REQUIRED:
        if key not in item:
            check.refuse("FieldMissing", key)
    check.choice("direction", item.get("direction"), KINDS)
    check.choice("call_status", item.get("call_status"), STATUSES)
    check.choice("responsible_user_id", item.get("responsible_user_id"), account.users)
    check.choice("created_by", item.get("created_by"), {*account.users, 0})


@route("POST", "v2/events")
def noticed(request: Request) -> Reply:
    """The pop-up of an incoming call, to these users or to all."""
    asked, shown = object_of(request).get("add"), []
    if not isinstance(asked, list) or not all(_is_notice(one) for one in asked):
        raise refusal(400, "Invalid request data")
    account = request.account
    for one in asked:
        place = place_of(account, one["phone_number"])
        kind = None if place is None else NUMBERS[place.entity]
        popup = {
            "element_id": place.id if place else None,
            "element_type": kind,
            "uid": str(UUID(int=account.crm.world.random.getrandbits(128), version=4)),
            "phone_number": one["phone_number"],
        }
        account.popups.append({**popup, "users": one.get("users"), "at": account.crm.clock_now()})
        shown.append(popup)
    links = {"self": {"href": "/api/v2/events", "method": "post"}}
    reply = hal({"_links": links, "_embedded": {"items": shown}})
    reply.content_type = HAL
    return reply


def _is_notice(one: Any) -> bool:
    if not isinstance(one, dict) or one.get("type") != "phone_call":
        return False
    users = one.get("users", [])
    return isinstance(one.get("phone_number"), str) and isinstance(users, list)


def statistics(account: Account) -> dict[str, Json]:
    """Analytics → Calls: a user's calls are those of which he is both author and responsible."""
    found: dict[str, Json] = {}
    for note in account.notes.rows.values():
        if note.note_type in KINDS.values() and note.is_counted:
            row = found.setdefault(str(note.created_by), {"in": 0, "out": 0, "talked": 0, "seconds": 0})
            row[note.note_type.removeprefix("call_")] += 1
            row["talked"] += _is_talk(note)
            row["seconds"] += int(note.params.get("duration") or 0)
    return found


def _is_talk(note: Note) -> int:
    return int(note.params.get("call_status") == 4)
