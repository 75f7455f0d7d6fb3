"""«Сделки не в своём направлении»: leads made before their category was mapped, offered for a move."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.flows.simulation import misplaced
from backend.flows.works import long_work
from backend.store import connections
from backend.store.accounts import Account

SHOWN = 20


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/directions/leads"
    bp.get(home, endpoint="misplaced")(show)
    bp.post(f"{home}/look", endpoint="look_for_misplaced")(look)
    bp.post(home, endpoint="reroute")(move)


def show(domain: str) -> Response:
    account = guard.account(domain)
    work, first = misplaced.newest(account.id), Form(request.args).number("from") or 0
    keys = list(work.params.get("keys", ())) if work and not work.is_open else []
    return page(
        "admin/misplaced.html", "leads",
        account=account, work=work, many=len(keys), first=first, shown=SHOWN,
        found=misplaced.look(guard.context(), account.id, keys[first : first + SHOWN]) if keys else [],
        names=Names(account.id), branches={row.company_id: row for row in connections.of_account(account.id)},
    )  # fmt: skip


def look(domain: str) -> AnyResponse:
    account = guard.account(domain)
    work = misplaced.newest(account.id)
    if work is None or not work.is_open:
        _start(account, misplaced.LOOK, {})
    return redirect(url_for("admin.misplaced", domain=domain), 303)


def move(domain: str) -> AnyResponse:
    """What the last search found and this page showed; a new search begins with what is left."""
    account = guard.account(domain)
    work = misplaced.newest(account.id)
    keys = work.params.get("keys", ()) if work and not work.is_open else ()
    if not keys:
        pages.say("misplaced.nothing_to_move", "warn")
        return redirect(url_for("admin.misplaced", domain=domain), 303)
    _start(account, misplaced.MOVE, {"keys": list(keys)})
    return redirect(url_for("admin.works", domain=domain), 303)


def _start(account: Account, kind: str, params: dict[str, object]) -> None:
    work_id = long_work.start(guard.context(), account.id, kind, params, guard.person().login)
    guard.audit("work.started", kind, account, after={"work": work_id})
