"""«Проверка правил»: what the rules of now would do with a booking of the past. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from admin import guard, searching, story
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.flows.accounts import finding
from backend.flows.sync import preview
from backend.store import bookings, connections, links, mirror
from backend.store.accounts import Account
from backend.store.bookings import BookingRow

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """A booking to choose; `person` is the contact's name in the CRM, when it has a lead."""

    row: BookingRow
    person: str


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/preview", endpoint="preview")(show)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    question, key = asked.text("q", is_required=False), asked.text("key", is_required=False)
    branches = {row.id: row for row in connections.of_account(account.id)}
    branch = asked.number("branch")
    is_key = key.count(":") == 2
    return page(
        "admin/preview.html", "answer",
        account=account, question=question, branches=branches, day=asked.shown("day"), branch_id=branch,
        key=key if is_key else "",
        seen=preview.look(guard.context(), account.id, key) if is_key else None,
        offers=[] if is_key else _offers(account, question, asked.shown("day"), branch),
        names=Names(account.id), lines=story.lines, number=story.number,
    )  # fmt: skip


def _offers(account: Account, question: str, day: str, branch: int | None) -> list[Offer]:
    """What was asked for; the newest ones when nothing was."""
    since, until = searching.day(day, account)
    if question:
        rows = list(bookings.by_keys(account.id, finding.meant(account.id, question, SHOWN).keys).values())
        rows = [row for row in rows if _is_of(row, since, until, branch)]
    elif since and until:
        rows = bookings.between(account.id, since, until, branch_id=branch, limit=SHOWN)
    else:
        rows = bookings.page(account.id, limit=SHOWN, branch_id=branch)
    linked = links.by_keys(account.id, [row.key for row in rows])
    ids = [link.contact_id for link in linked.values() if link.contact_id]
    people = mirror.contacts_by_ids(account.id, ids)
    contact_of = {key: people.get(link.contact_id or 0) for key, link in linked.items()}
    return [Offer(row, contact.name if (contact := contact_of.get(row.key)) else "") for row in rows]


def _is_of(row: BookingRow, since: datetime | None, until: datetime | None, branch: int | None) -> bool:
    is_that_day = since is None or until is None or since <= row.starts_at < until
    return is_that_day and branch in (None, row.branch_id)
