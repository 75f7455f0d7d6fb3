"""«Почему эта сделка?»: from a lead, a booking, a phone or a name to the reasons, in the order they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from admin import guard, story
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.crm import Lead
from backend.core.sync.links import Link
from backend.flows.accounts import finding
from backend.store import bookings, connections, events, links, mirror
from backend.store.accounts import Account
from backend.store.bookings import BookingRow
from backend.store.inbound import InboundEvent

MOST_EVENTS = 100  # of one booking
LATEST = 5  # decisions shown at once; the earlier ones unfold


@dataclass(frozen=True)
class Told:
    """One booking with its lead and its events, oldest first; `replaced` ones were never decided."""

    key: str
    booking: BookingRow | None
    link: Link | None
    lead: Lead | None
    earlier: tuple[InboundEvent, ...]
    latest: tuple[InboundEvent, ...]
    replaced: int


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/why", endpoint="why")(show)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    question = asked.text("q", is_required=False)
    meant = finding.meant(account.id, question)
    told = _told(account, meant.keys)
    known = {item.lead.id for item in told if item.lead}
    return page(
        "admin/why.html", "answer",
        account=account, question=question, told=told, names=Names(account.id), number=story.number,
        tones=story.TONES,
        strangers=[lead for lead in meant.leads if lead.id not in known],
        contacts=meant.contacts,
        branches={row.id: row for row in connections.of_account(account.id)},
    )  # fmt: skip


def _told(account: Account, keys: Sequence[str]) -> list[Told]:
    rows, linked = bookings.by_keys(account.id, keys), links.by_keys(account.id, keys)
    leads = mirror.leads_by_ids(account.id, [link.lead_id for link in linked.values()])
    came = events.of_subjects(account.id, keys, MOST_EVENTS)
    return [_one(key, rows.get(key), linked.get(key), leads, came.get(key, [])) for key in keys]


def _one(
    key: str, row: BookingRow | None, link: Link | None, leads: dict[int, Lead], newest: list[InboundEvent]
) -> Told:
    came = newest[::-1]
    told = [event for event in came if event.status != "superseded"]
    lead = leads.get(link.lead_id) if link else None
    return Told(
        key, row, link, lead, tuple(told[:-LATEST]), tuple(told[-LATEST:]), replaced=len(came) - len(told)
    )
