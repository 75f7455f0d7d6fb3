"""«Почему эта сделка?»: from a lead, a booking or a phone number to the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from admin import guard, story
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.links import Link
from backend.store import bookings, connections, events, links, mirror
from backend.store.accounts import Account
from backend.store.bookings import BookingRow
from backend.store.inbound import InboundEvent

SHOWN = 5  # newest events told of each booking
MOST = 20  # bookings on the page


@dataclass(frozen=True)
class Told:
    """One booking with its lead and its latest events."""

    key: str
    booking: BookingRow | None
    link: Link | None
    lead: Lead | None
    events: tuple[InboundEvent, ...]


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/why", endpoint="why")(show)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    question = asked.text("q", is_required=False)
    leads, contacts = _meant(account, question)
    told = _told(account, _keys(account, question, leads)) if question else []
    known = {item.lead.id for item in told if item.lead}
    return page(
        "admin/why.html", "answer",
        account=account, question=question, told=told, names=Names(account.id), number=story.number,
        tones=story.TONES,
        strangers=[lead for lead in leads if lead.id not in known],
        contacts=contacts,
        branches={row.id: row for row in connections.of_account(account.id)},
    )  # fmt: skip


def _meant(account: Account, question: str) -> tuple[list[Lead], list[Contact]]:
    """Leads a question may mean: that of this number, and those of the person with this phone."""
    digits = _digits(question)
    found = mirror.leads_by_ids(account.id, [int(digits)]) if 0 < len(digits) < 19 else {}
    key = phones.key(question)
    contacts = mirror.contacts_by_keys(account.id, [key]).get(key, ()) if key else ()
    lead_ids = {lead_id for contact in contacts for lead_id in contact.lead_ids}
    lead_ids |= {
        lead.id
        for those in mirror.open_leads_of(account.id, [c.id for c in contacts]).values()
        for lead in those
    }
    found |= mirror.leads_by_ids(account.id, lead_ids)
    return list(found.values()), list(contacts)


def _keys(account: Account, question: str, leads: Iterable[Lead]) -> list[str]:
    """Keys of the bookings behind a question, the booking's own number first."""
    digits = _digits(question)
    companies = [row.company_id for row in connections.of_account(account.id)]
    own = [f"yclients:{company}:{digits}" for company in companies] if digits else []
    seen = set(bookings.by_keys(account.id, own)) | set(links.by_keys(account.id, own))
    lead_ids = [lead.id for lead in leads]
    if 0 < len(digits) < 19 and int(digits) not in lead_ids:
        lead_ids.append(int(digits))
    behind = [link.key for lead_id in lead_ids for link in links.of_lead(account.id, lead_id)]
    return list(dict.fromkeys([*(key for key in own if key in seen), *behind]))[:MOST]


def _digits(question: str) -> str:
    return "".join(character for character in question if character.isascii() and character.isdigit())


def _told(account: Account, keys: list[str]) -> list[Told]:
    rows, linked = bookings.by_keys(account.id, keys), links.by_keys(account.id, keys)
    leads = mirror.leads_by_ids(account.id, [link.lead_id for link in linked.values()])
    return [
        Told(
            key, rows.get(key), link, leads.get(link.lead_id) if link else None,
            tuple(events.of_subject(account.id, key, SHOWN)),
        )
        for key in keys
        for link in [linked.get(key)]
    ]  # fmt: skip
