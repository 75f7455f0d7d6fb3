"""The journal of an account, and the story of one event: what came, was known, decided and done."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, story
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.errors import NeedsHuman
from backend.flows import inbox
from backend.store import connections, events, outbox, stats
from backend.store.accounts import Account
from backend.store.inbound import Filters, InboundEvent

PAGE = 50
BOOKINGS = "yclients.record"
TROUBLE = ("blocked", "failed", "rejected")
STATUSES = ("received", "waiting", "done", "superseded", "rejected", "blocked", "failed")


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/events", endpoint="events")(journal)
    bp.get("/accounts/<domain>/events/<int:event_id>", endpoint="event")(one)
    bp.post("/accounts/<domain>/events/<int:event_id>/replay", endpoint="replay")(replay)


def journal(domain: str) -> Response:
    """Newest first. The first page refreshes itself; an earlier one stands still under the reader's eyes."""
    account, asked = guard.account(domain), Form(request.args)
    before = asked.number("before")
    branches = {row.id: row for row in connections.of_account(account.id)}
    what = asked.choice("what", ("all",)) or "bookings"
    filters = Filters(
        kind=BOOKINGS if what == "bookings" else None,
        status=asked.choice("status", STATUSES),
        branch_id=branch if (branch := asked.number("branch")) in branches else None,
        text=asked.text("text", is_required=False) or None,
        lead_id=asked.number("lead"),
    )
    found = events.page(account.id, filters, before, PAGE + 1)
    chosen = {name: value for name, value in request.args.items() if name != "before" and value}
    return page(
        "admin/events.html", "journal",
        account=account, rows=found[:PAGE], branches=branches, statuses=STATUSES, tones=story.TONES,
        chosen=chosen, before=before, next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        number=story.number, chosen_what=what, troubled=_troubled(account),
    )  # fmt: skip


def _troubled(account: Account) -> list[tuple[str, int]]:
    """What of the last day needs a look, messages that nobody could read among it."""
    counts = stats.by_status(guard.context().now(), account.id)
    return [(status, counts[status]) for status in TROUBLE if status in counts]


def one(domain: str, event_id: int) -> Response:
    account = guard.account(domain)
    return _story(account, guard.event_of(account, event_id))


def replay(domain: str, event_id: int) -> AnyResponse:
    """Asks again from fresh facts; the answer is a new event, shown while it is worked on."""
    account = guard.account(domain)
    event = guard.event_of(account, event_id)
    if account.state == "removed":
        raise NeedsHuman("amocrm.not_connected")
    new_id = inbox.replay(guard.context(), event.id)
    guard.audit("event.replayed", event.subject, account)
    return redirect(url_for("admin.event", domain=account.domain, event_id=new_id or event.id), 303)


def _story(account: Account, event: InboundEvent) -> Response:
    branches = {row.id: row for row in connections.of_account(account.id)}
    commands = outbox.of_event(event.id)
    return page(
        "admin/event.html", "story",
        account=account, event=event, branch=branches.get(event.branch_id or 0),
        decision=event.decision or {}, commands=commands, tones=story.TONES,
        attempts=sorted({command.attempt for command in commands}, reverse=True),
        others=[other for other in events.of_subject(account.id, event.subject, 12) if other.id != event.id],
        body=story.pretty(event.body) if guard.may_act() else None,
        is_replayable=event.kind in inbox.REPLAYABLE,
        names=Names(account.id), lines=story.lines, number=story.number,
    )  # fmt: skip
