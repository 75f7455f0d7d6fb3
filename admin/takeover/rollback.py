"""The way back to GET8 of one salon: what will happen, one button, how it goes, and the report of what was
taken back, what not and why.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, story
from admin.forms import Form
from admin.pages import language, page
from admin.takeover import rollback_view as view
from backend.core.errors import AppError
from backend.core.takeover.undo import Wish
from backend.flows.reports.sheets import Kind
from backend.flows.takeover.returning import born, undoing, watch
from backend.flows.takeover.returning import rollback as flow
from backend.store import connections, foreign_writes, rollbacks, writers
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.foreign_writes import CREATIONS
from backend.store.rollbacks import Rollback
from backend.store.writers import Writer

SHOWN = 50  # leads of the report on the page; a file holds all of them
EVERYTHING = Wish(values=True, stages=True)
WHERE = "/accounts/<domain>/takeover/salons/<int:company_id>/rollback"


def add_routes(bp: Blueprint) -> None:
    bp.get(WHERE, endpoint="takeover_rollback")(show)
    bp.post(WHERE, endpoint="begin_rollback")(begin)
    bp.get(f"{WHERE}/<kind>", endpoint="takeover_rollback_file")(file)
    bp.post(f"{WHERE}/copies/<int:row_id>", endpoint="settle_copy")(settle_copy)
    bp.post(f"{WHERE}/release", endpoint="release_value")(release)


def show(domain: str, company_id: int) -> Response:
    account = guard.account(domain)
    return _drawn(account, _branch(account, company_id), Form({}))


def begin(domain: str, company_id: int) -> AnyResponse:
    """The salon is not ours any more when this answers; the rest goes on by itself."""
    account, form = guard.account(domain), Form(request.form)
    branch = _branch(account, company_id)
    wish = {name: form.flag(name) for name in ("values", "stages", "created")}
    try:
        flow.start(
            guard.context(), account, company_id, guard.person().login,
            wish["values"], stages=wish["stages"], created=wish["created"],
        )  # fmt: skip
    except AppError as error:
        form.complain("begin", error.code, **error.details)
        return _drawn(account, branch, form, 422)
    guard.audit("takeover.rollback", branch.title, account, after=wish)
    pages.say("takeover_rollback.begun")
    return _back(account, company_id)


def file(domain: str, company_id: int, kind: str) -> AnyResponse:
    """Before the first return there is nothing to take: the page says so."""
    account = guard.account(domain)
    branch = _branch(account, company_id)
    if kind not in tuple(Kind):
        abort(404)
    known = rollbacks.newest(account.id, company_id)
    if known is None:
        return _back(account, company_id)
    return view.send(known, view.words(account, branch, language()), Kind(kind))


def settle_copy(domain: str, company_id: int, row_id: int) -> AnyResponse:
    """GET8's second lead is closed, or both are needed."""
    account, form = guard.account(domain), Form(request.form)
    branch = _branch(account, company_id)
    is_closed = form.text("act", is_required=False) == "close"
    try:
        if is_closed:
            born.close(guard.context(), account, row_id)
        else:
            born.keep(account, row_id)
    except AppError as error:
        form.complain("copy", error.code, **error.details)
        return _drawn(account, branch, form, 422)
    said = "copy_closed" if is_closed else "copy_kept"
    guard.audit(f"takeover.{said}", str(row_id), account)
    pages.say(f"takeover_rollback.{said}")
    return _back(account, company_id)


def release(domain: str, company_id: int) -> AnyResponse:
    """A value that was fought over is written again from now on; let go twice, nothing more happens."""
    account, form = guard.account(domain), Form(request.form)
    branch = _branch(account, company_id)
    lead_id, what = form.number("lead") or 0, form.text("what", is_required=False)
    if lead_id and watch.release(guard.context(), account.id, branch.company_id, lead_id, what):
        guard.audit("takeover.released", f"{lead_id}: {what}", account)
        pages.say("takeover_rollback.released")
    return _back(account, company_id)


def _back(account: Account, company_id: int) -> AnyResponse:
    return redirect(url_for("admin.takeover_rollback", domain=account.domain, company_id=company_id), 303)


def _drawn(account: Account, branch: BranchRow, form: Form, status: int = 200) -> Response:
    company_id = branch.company_id
    writer, known = writers.of_salon(account.id, company_id), rollbacks.newest(account.id, company_id)
    is_going = known is not None and not known.is_over
    may_return = writer is not None and writer.is_ours and not is_going
    return page(
        "takeover/rollback.html", "rollback", status,
        account=account, branch=branch, form=form, writer=writer, known=known, is_going=is_going,
        may_return=may_return, words=view.words(account, branch, language()), number=story.number,
        foreseen=_foreseen(account, writer) if may_return else None,
        stopped=_stopped(account.id, company_id), most=SHOWN, tones=view.TONES, **_report(known),
    )  # fmt: skip


def _foreseen(account: Account, writer: Writer | None) -> view.Foreseen:
    if writer is None:
        return view.Foreseen()
    since = writer.t0 or writer.since
    return view.foreseen(undoing.foreseen(account.id, writer.company_id, since, EVERYTHING))


def _report(known: Rollback | None) -> dict[str, Any]:
    if known is None:
        return {"way": [], "leads": [], "counts": {}, "total": 0, "born": []}
    leads = rollbacks.by_lead(known.id, view.TROUBLE, SHOWN + 1)
    return {
        "way": view.way(known), "leads": view.leads(leads)[:SHOWN], "counts": rollbacks.counts(known.id),
        "total": len(leads), "born": rollbacks.born(known.id),
    }  # fmt: skip


def _stopped(account_id: int, company_id: int) -> list[tuple[int, str]]:
    """(lead, what) of this salon; creations stand under lead 0."""
    found = [one for one in foreign_writes.stopped(account_id) if one[0] == company_id]
    return [(lead_id, "" if what == CREATIONS else what) for _, lead_id, what in found]


def _branch(account: Account, company_id: int) -> BranchRow:
    branch = connections.get(account.id, company_id)
    if branch is None:
        abort(404)
    return branch
