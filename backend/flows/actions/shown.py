"""What a card shows of a person's bookings, and what may be done with each of them from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.core.crm import LOST
from backend.core.rules.configuration import Configuration, Mode
from backend.core.salon import Phase, branch_of
from backend.core.sync.links import Link, Role
from backend.flows.actions import people, rights
from backend.flows.actions.people import Holder
from backend.flows.actions.rights import Act
from backend.flows.rules import configuration
from backend.flows.widget import card, spoken
from backend.flows.widget.reader import Reader
from backend.flows.widget.widget import Caller
from backend.store import bookings, links
from backend.store.bookings import BookingRow

Json = dict[str, object]

MOST = 100  # bookings of one person
AHEAD = (Phase.WAITING, Phase.CONFIRMED)
SUITS: Mapping[Act, tuple[Phase, ...]] = {
    Act.MOVE: (Phase.WAITING, Phase.CONFIRMED, Phase.NO_SHOW),
    Act.CANCEL: (Phase.WAITING, Phase.CONFIRMED, Phase.NO_SHOW),
    Act.CONFIRM: (Phase.WAITING,),
    Act.ARRIVE: (Phase.WAITING, Phase.CONFIRMED, Phase.NO_SHOW),
}


def person(reader: Reader, asking: Caller, holder: Holder) -> Json:
    """Everything that the card's panel begins with, in one answer and from our own memory alone."""
    rules = configuration.current(reader.account.id)
    rows = sorted(people.rows(reader.account, holder).values(), key=lambda row: row.starts_at, reverse=True)
    linked = links.by_keys(reader.account.id, [row.key for row in rows[:MOST]])
    told = denied(reader, asking, rules, holder)
    coming = [
        row for row in reversed(rows) if row.starts_at >= reader.ctx.now() and Phase(row.phase) in AHEAD
    ]
    nearest = next(iter([*coming, *rows]), None)
    link = linked.get(nearest.key) if nearest else None
    return {
        "person": _person(holder, rows),
        "bookings": [booking(reader, asking, rules, row, linked.get(row.key)) for row in rows[:MOST]],
        "linked_lead": link.lead_id if link else None,
        "journal_url": card.journal_url(reader, nearest.key, nearest, reader.branch(nearest.key))
        if nearest
        else "",
        "can_create": not told,
        "denied": told,
        "question": _ask_cancel(reader, asking, rules, holder, coming),
    }


def allowed(reader: Reader, asking: Caller, holder: Holder, answer: Json) -> Json:
    """The first look at a card, together with what this person may do from it."""
    rules = configuration.current(reader.account.id)
    keys = [str(each["key"]) for each in _shown(answer)]
    rows = bookings.by_keys(reader.account.id, keys)
    can = {key: _can(reader, asking, rules, row) for key, row in rows.items()}
    for each in _shown(answer):
        each["can"] = can.get(str(each["key"]), [])
    coming = [row for row in rows.values() if row.starts_at >= reader.ctx.now() and Phase(row.phase) in AHEAD]
    # Our copy may not know the contact of a fresh lead yet: booking asks the CRM itself.
    told = denied(reader, asking, rules, holder) if holder.contact else closed(reader, asking, rules)
    return {
        **answer,
        "can_create": holder.lead is not None and not told,
        "denied": told if holder.lead else "",
        "question": _ask_cancel(reader, asking, rules, holder, coming),
    }


def _shown(answer: Json) -> list[dict[str, object]]:
    first, others = answer["booking"], answer["others"]
    assert isinstance(others, list)
    return [*([first] if isinstance(first, dict) else []), *others]


def booking(reader: Reader, asking: Caller, rules: Configuration, row: BookingRow, link: Link | None) -> Json:
    """A booking as the card shows it, with what this person may do with it now."""
    known = card.booking_shown(reader, row.key, row, link)
    return {**known, "key": row.key, "phase": row.phase, "can": _can(reader, asking, rules, row)}


def row_of(account_id: int, snapshot: Mapping[str, Any]) -> BookingRow:
    """A booking that no drain has seen yet, in the shape of one that was."""
    key = str(snapshot["key"])
    return BookingRow(
        account_id=account_id, branch_id=0, key=key, record_id=int(key.rpartition(":")[2]),
        phase=snapshot["phase"], starts_at=datetime.fromisoformat(snapshot["starts_at"]),
        changed_at=datetime.fromisoformat(snapshot["changed_at"]), content_hash="",
        snapshot=json.dumps(snapshot, ensure_ascii=False),
    )  # fmt: skip


def denied(reader: Reader, asking: Caller, rules: Configuration, holder: Holder) -> str:
    """Why nothing can be booked from this card; empty when it can."""
    return closed(reader, asking, rules) or unreachable(reader, holder)


def closed(reader: Reader, asking: Caller, rules: Configuration) -> str:
    """Why this person may book nobody."""
    if code := rights.standing(reader.account):
        return reader.text(code)
    if not any(branch.mode is Mode.ACTIVE for branch in rules.branches):
        return reader.text("card.no_active_salon")
    code = rights.denial(asking, rules, Act.CREATE)
    return reader.text(code) if code else ""


def unreachable(reader: Reader, holder: Holder) -> str:
    """Why the person of this card cannot be booked."""
    if holder.contact is None:
        return reader.text("card.no_person")
    if holder.phone is None:
        return reader.text("card.bad_phone" if holder.has_phone else "card.no_phone")
    return ""


def _can(reader: Reader, asking: Caller, rules: Configuration, row: BookingRow) -> list[str]:
    branch = rules.branch(branch_of(row.key))
    if reader.account.state != "active" or branch is None or branch.mode is not Mode.ACTIVE:
        return []
    return [
        str(act)
        for act, phases in SUITS.items()
        if Phase(row.phase) in phases
        and not rights.denial(asking, rules, act)
        and (act is not Act.ARRIVE or has_come(reader, row.starts_at, row.key))
    ]


def has_come(reader: Reader, starts_at: datetime, key: str) -> bool:
    """Nobody arrives before the day of the visit."""
    branch = reader.branch(key)
    place = spoken.zone((branch.timezone if branch else None) or reader.account.timezone)
    return starts_at.astimezone(place).date() <= reader.ctx.now().astimezone(place).date()


def _person(holder: Holder, rows: list[BookingRow]) -> Json:
    phases = [Phase(row.phase) for row in rows]
    return {
        "contact": holder.contact.id if holder.contact else None,
        "name": holder.name,
        "phone": holder.phone or "",
        "visits": phases.count(Phase.ARRIVED),
        "no_shows": phases.count(Phase.NO_SHOW),
    }


def _ask_cancel(
    reader: Reader, asking: Caller, rules: Configuration, holder: Holder, coming: list[BookingRow]
) -> Json | None:
    """A lead that was lost while its booking is still ahead: asked, never done by itself (row L5)."""
    if holder.lead is None or holder.lead.stage_id != LOST or rights.denial(asking, rules, Act.CANCEL):
        return None
    own = {link.key for link in links.of_lead(reader.account.id, holder.lead.id) if link.role is Role.MAIN}
    row = next((row for row in coming if row.key in own), None)
    if row is None or str(Act.CANCEL) not in _can(reader, asking, rules, row):
        return None
    when = reader.when(row.starts_at, reader.branch(row.key))
    return {"key": row.key, "sentence": reader.text("card.ask_cancel", when=when)}
