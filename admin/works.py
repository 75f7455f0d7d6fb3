"""Long work: what is under way and what has been done, and the buttons that start or stop it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, searching
from admin.forms import Form
from admin.pages import page
from backend.flows.works import long_steps, long_work
from backend.flows.works.long_steps import CATALOGUE, IMPORT, MIRROR, MOST_REPLAYED, REPLAY
from backend.store import connections, journal, long_works
from backend.store.accounts import Account
from backend.store.long_works import LongWork

SHOWN = 20
OFFERED = (IMPORT, CATALOGUE, MIRROR)
TONES = {"running": "warn", "done": "good", "failed": "bad"}


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/works", endpoint="works")(show)
    bp.post("/accounts/<domain>/works", endpoint="start_work")(start)
    bp.post("/accounts/<domain>/works/<int:work_id>/cancel", endpoint="cancel_work")(cancel)
    bp.get("/accounts/<domain>/events/replay", endpoint="replay_all")(confirm)
    bp.post("/accounts/<domain>/events/replay", endpoint="replay_chosen")(replay)


def show(domain: str) -> Response:
    account = guard.account(domain)
    return page("admin/works.html", "works", account=account, offered=OFFERED, **listed(account, SHOWN))


def listed(account: Account, limit: int) -> dict[str, Any]:
    """The last works, for the macro that draws them."""
    return {"works": long_works.page(account.id, limit), "work_tones": TONES}


def under_way(account: Account) -> dict[str, Any]:
    """What is going on now, for the page of the account."""
    return {"works": long_works.open_works(account.id), "work_tones": TONES}


def start(domain: str) -> AnyResponse:
    account = guard.account(domain)
    kind = Form(request.form).choice("kind", OFFERED) or abort(400)
    return _begun(account, kind, long_steps.wished(kind, guard.context().now()))


def cancel(domain: str, work_id: int) -> AnyResponse:
    account = guard.account(domain)
    work = _work_of(account, work_id)
    if long_work.cancel(guard.context(), work.id):
        guard.audit("work.cancelled", work.kind, account)
        pages.say("ui.works.stopped", "warn")
    return redirect(url_for("admin.works", domain=domain), 303)


def confirm(domain: str) -> Response:
    """Before everything a filter finds is asked again: what it is, and that it is a lot."""
    account = guard.account(domain)
    asked = _asked(account, request.args)
    first = journal.search(account.id, asked.filters, limit=1).rows
    return page(
        "admin/replay.html", "confirm", account=account, asked=asked, newest=first[0] if first else None,
        most=f"{MOST_REPLAYED:,}".replace(",", "\u00a0"),
        branches={row.id: row for row in connections.of_account(account.id)},
    )  # fmt: skip


def replay(domain: str) -> AnyResponse:
    """Rows that were ticked, or everything the question finds."""
    account, form = guard.account(domain), Form(request.form)
    if form.flag("all"):
        asked = _asked(account, request.form)
        params = {"filters": long_steps.written(asked.filters), "upto": journal.newest_id(account.id)}
        return _begun(account, REPLAY, params)
    chosen = [event.id for event in journal.chosen(account.id, form.numbers("event")[:MOST_REPLAYED])]
    if not chosen:
        pages.say("ui.journal.nothing_chosen", "warn")
        return redirect(url_for("admin.events", domain=domain), 303)
    return _begun(account, REPLAY, {"ids": chosen, "count": len(chosen)})


def _begun(account: Account, kind: str, params: dict[str, Any]) -> AnyResponse:
    work_id = long_work.start(guard.context(), account.id, kind, params, guard.person().login)
    guard.audit("work.started", kind, account, after={"work": work_id, **params.get("filters", {})})
    return redirect(url_for("admin.works", domain=account.domain), 303)


def _asked(account: Account, values: Any) -> searching.Asked:
    return searching.read(account, values, {row.id: row for row in connections.of_account(account.id)})


def _work_of(account: Account, work_id: int) -> LongWork:
    work = long_works.get(work_id)
    if work is None or work.account_id != account.id:
        abort(404)
    return work
