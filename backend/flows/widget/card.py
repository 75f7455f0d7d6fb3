"""What a card in amoCRM shows of its bookings: everything in one answer, every text ready to be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from backend.core import money
from backend.core.money import Kopecks
from backend.core.salon import Phase, branch_of
from backend.core.sync.links import Link, Role
from backend.flows.context import Context
from backend.flows.sync import mirror
from backend.flows.widget import spoken, why
from backend.flows.widget.reader import Reader
from backend.store import bookings, events, links, visits
from backend.store import mirror as index
from backend.store.accounts import Account
from backend.store.bookings import BookingRow
from backend.store.connections import BranchRow
from backend.store.events import InboundEvent

Json = dict[str, object]

MOST_OTHERS = 20
LATEST = 10  # newest events of a booking that may tell why
TONES = {
    Phase.WAITING: "",
    Phase.CONFIRMED: "good",
    Phase.ARRIVED: "good",
    Phase.NO_SHOW: "bad",
    Phase.CANCELLED: "warn",
}


def of_lead(ctx: Context, account: Account, lead_id: int, lang: str) -> Json:
    """The booking that drives the lead, or the last that did; the person's other bookings beside it."""
    reader = Reader(ctx, account, lang)
    own = links.of_lead(account.id, lead_id)
    lead = index.leads_by_ids(account.id, [lead_id]).get(lead_id)
    chief = next((link for link in own if link.role is Role.MAIN), own[0] if own else None)
    person = (chief.contact_id if chief else None) or next(iter(lead.contact_ids if lead else ()), None)
    rows = {row.key: row for row in (visits.of_person(account.id, person) if person else ())}
    rows |= bookings.by_keys(account.id, {link.key for link in own} - set(rows))
    first = chief.key if chief else ""
    others = _in_order([row for row in rows.values() if row.key != first], ctx.now())
    linked = links.by_keys(account.id, [first, *(row.key for row in others[:MOST_OTHERS])])
    if chief is None:
        is_deleted = lead.is_deleted if lead else None
        sentence = _general(reader) or reader.text(_missing("unlinked", is_deleted))
        return _answer(reader, _state(account), sentence, others=others, linked=linked, question=str(lead_id))
    row, latest = rows.get(first), events.of_subject(account.id, first, LATEST)
    sentence = _general(reader) or _trouble(reader, first, latest) or _of_link(reader, chief, linked, row)
    return _answer(
        reader, "linked", sentence, first=first, row=row, others=others, linked=linked, latest=latest,
        question=str(lead_id),
    )  # fmt: skip


def of_contact(ctx: Context, account: Account, contact_id: int, lang: str) -> Json:
    """A person's bookings: the nearest to come, else the last one, and the others beside it."""
    reader = Reader(ctx, account, lang)
    rows = _in_order(visits.of_person(account.id, contact_id), ctx.now())
    if not rows:
        contact = index.contacts_by_ids(account.id, [contact_id]).get(contact_id)
        code = "card.contact_none" if contact else "card.contact_unseen"
        return _answer(reader, _state(account), _general(reader) or reader.text(code))
    first, *others = rows
    latest = events.of_subject(account.id, first.key, LATEST)
    code = "card.contact_one" if first.starts_at >= ctx.now() else "card.contact_past"
    usual = reader.text(code, when=reader.when(first.starts_at, reader.branch(first.key)))
    sentence = _general(reader) or _trouble(reader, first.key, latest) or usual
    linked = links.by_keys(account.id, [row.key for row in rows[: MOST_OTHERS + 1]])
    return _answer(
        reader, "linked", sentence, first=first.key, row=first, others=others, linked=linked, latest=latest,
        question=str(first.record_id),
    )  # fmt: skip


# The sentence to read first


def _general(reader: Reader) -> str:
    """What is wrong with everything comes before what is known of one booking."""
    if reader.account.state == "paused":
        return reader.text("card.paused")
    return "" if mirror.is_complete(reader.account.id) else reader.text("card.reading")


def _trouble(reader: Reader, key: str, latest: Sequence[InboundEvent]) -> str:
    branch = reader.branch(key)
    if branch and branch.paused_code:
        return reader.text("card.salon_paused", salon=branch.title)
    newest = latest[0] if latest else None
    if newest and newest.status in ("blocked", "rejected", "failed"):
        return reader.text("card.stuck", trouble=spoken.trouble(reader.lang, newest.error or ""))
    return reader.text("card.pending") if newest and newest.is_open else ""


def _of_link(reader: Reader, chief: Link, linked: Mapping[str, Link], row: BookingRow | None) -> str:
    if row is None:
        return reader.text("card.linked_unread", number=_number(chief.key))
    when = reader.when(row.starts_at, reader.branch(row.key))
    if chief.role is Role.MAIN:
        return reader.text("card.linked", when=when)
    now = linked.get(chief.key)
    moved_on = now is not None and now.role is Role.MAIN and now.lead_id != chief.lead_id
    return reader.text("card.history" if moved_on else "card.history_same", when=when)


def _missing(usual: str, is_deleted: bool | None) -> str:
    return f"card.{'unseen' if is_deleted is None else 'deleted' if is_deleted else usual}"


def _state(account: Account) -> str:
    """Whether nothing is linked, or we do not know yet."""
    return "unlinked" if mirror.is_complete(account.id) else "unknown"


# The answer


def _answer(  # noqa: PLR0913 - what the card has room for
    reader: Reader,
    state: str,
    sentence: str,
    *,
    first: str = "",
    row: BookingRow | None = None,
    others: Sequence[BookingRow] = (),
    linked: Mapping[str, Link] | None = None,
    latest: Sequence[InboundEvent] = (),
    question: str = "",
) -> Json:
    leads = linked or {}
    page = f"{reader.ctx.settings.public_url}/admin/accounts/{reader.account.domain}/why"
    return {
        "state": state,
        "sentence": sentence,
        "booking": booking_shown(reader, first, row, leads.get(first)) if first else None,
        "others": [
            booking_shown(reader, other.key, other, leads.get(other.key)) for other in others[:MOST_OTHERS]
        ],
        "more": max(0, len(others) - MOST_OTHERS),
        "why": why.told(reader, first, row, leads.get(first), latest) if first else None,
        "panel_url": f"{page}?q={question}" if question else page,
    }


def booking_shown(reader: Reader, key: str, row: BookingRow | None, link: Link | None) -> Json:
    """A booking that we know by its link alone has a number and a salon."""
    branch = reader.branch(key)
    known: dict[str, Any] = json.loads(row.snapshot) if row else {}
    phase = Phase(row.phase) if row else None
    total = money.shown(Kopecks(known["price"])) if "price" in known else ""
    services = known.get("services", ())
    return {
        "key": key,
        "number": _number(key),
        "salon": branch.title if branch else "",
        "salon_id": branch_of(key),
        "when": reader.when(row.starts_at, branch) if row else "",
        "master": known.get("staff", ""),
        "master_id": known.get("staff_id"),
        "is_past": row is not None and (row.starts_at < reader.ctx.now() or phase is Phase.CANCELLED),
        "status": str(phase or ""),
        "status_text": reader.text(f"phase.{phase}") if phase else "",
        "tone": TONES[phase] if phase else "",
        "services": [_service(reader, line) for line in services],
        "service_ids": [line["id"] for line in services if "id" in line],
        "total": total,
        "paid": total if known.get("is_paid") else "",
        "comment": link.applied.get("noted_comment", "") if link else "",
        "journal_url": journal_url(reader, key, row, branch),
        "lead_id": link.lead_id if link else None,
    }


def _service(reader: Reader, line: Mapping[str, Any]) -> Json:
    many = line["amount"] > 1
    title = reader.text("card.services_more", title=line["title"], amount=line["amount"]) if many else None
    return {"title": title or line["title"], "sum": money.shown(Kopecks(line["price"]))}


def journal_url(reader: Reader, key: str, row: BookingRow | None, branch: BranchRow | None) -> str:
    """The salon's journal with this booking open. The address is the one that staff's browsers show; see
    docs/vendor-notes.md.
    """
    api = urlsplit(reader.ctx.settings.yclients_api_url)
    day = ""
    if row:
        place = spoken.zone((branch.timezone if branch else None) or reader.account.timezone)
        day = f"main_date={row.starts_at.astimezone(place):%Y-%m-%d}&"
    where = f"{api.scheme}://{api.netloc.removeprefix('api.')}/timetable/{key.split(':')[1]}"
    return f"{where}#{day}open_modal_by_record_id={_number(key)}"


def _in_order(rows: Sequence[BookingRow], now: datetime) -> list[BookingRow]:
    """Those to come, the nearest first; then those that were, the latest first."""
    coming = sorted((row for row in rows if row.starts_at >= now), key=lambda row: row.starts_at)
    past = sorted((row for row in rows if row.starts_at < now), key=lambda row: row.starts_at, reverse=True)
    return [*coming, *past]


def _number(key: str) -> str:
    """The salon's own number of a booking: the last part of its key."""
    return key.rpartition(":")[2]
