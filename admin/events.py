"""The journal of an account, and the story of one event: what came, was known, decided and done."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, searching, story
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.errors import NeedsHuman
from backend.flows.road import replays
from backend.store import connections, events, journal, outbox, stats
from backend.store.accounts import Account
from backend.store.inbound import InboundEvent

PAGE = 50


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/events", endpoint="events")(show)
    bp.get("/accounts/<domain>/events/<int:event_id>", endpoint="event")(one)
    bp.post("/accounts/<domain>/events/<int:event_id>/replay", endpoint="replay")(replay)


def show(domain: str) -> Response:
    """Newest first. The first page refreshes itself; an earlier one stands still under the reader's eyes."""
    account = guard.account(domain)
    branches = {row.id: row for row in connections.of_account(account.id)}
    asked, before = searching.read(account, request.args, branches), Form(request.args).number("before")
    found = journal.search(account.id, asked.filters, before, PAGE)
    return page(
        "admin/events.html", "journal",
        account=account, asked=asked, chosen=asked.chosen, before=before, branches=branches,
        found=found, observed=outbox.observed_among(event.id for event in found.rows),
        statuses=searching.STATUSES, tones=story.TONES, number=story.number, replayable=replays.REPLAYABLE,
        troubled=stats.troubled(guard.context().now(), account.id),
    )  # fmt: skip


def one(domain: str, event_id: int) -> Response:
    account = guard.account(domain)
    return _story(account, guard.event_of(account, event_id))


def replay(domain: str, event_id: int) -> AnyResponse:
    """Asks again from fresh facts; the answer is a new event, shown while it is worked on."""
    account = guard.account(domain)
    event = guard.event_of(account, event_id)
    if account.state == "removed":
        raise NeedsHuman("amocrm.not_connected")
    new_id = replays.replay(guard.context(), event.id)
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
        is_replayable=event.kind in replays.REPLAYABLE,
        names=Names(account.id), lines=story.lines, number=story.number,
    )  # fmt: skip
