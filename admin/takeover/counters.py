"""Counters of a salon before its switch and after: what does not agree, and who accepted the move."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, story
from admin.forms import Form
from admin.pages import language, page
from admin.takeover import counted, protocol
from backend.core.takeover.counters import Code
from backend.flows.takeover.counting import acceptance
from backend.flows.takeover.counting import counters as flow
from backend.flows.takeover.counting.counters import Moment, Snapshot
from backend.store import connections, takeover_counters
from backend.store.accounts import Account
from backend.store.connections import BranchRow

SHOWN = 20  # exceptions of one counter on the page; the file holds all of them


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover/counters", endpoint="takeover_counters")(show)
    bp.post("/accounts/<domain>/takeover/counters/<int:company_id>", endpoint="count_takeover")(count)
    bp.post("/accounts/<domain>/takeover/counters/<int:company_id>/accept", endpoint="accept_takeover")(
        accept
    )
    bp.get("/accounts/<domain>/takeover/counters/<int:company_id>/print", endpoint="print_takeover")(printed)
    bp.get("/accounts/<domain>/takeover/counters/<int:company_id>/protocol", endpoint="takeover_protocol")(
        file
    )


def show(domain: str) -> Response:
    account = guard.account(domain)
    branches = connections.of_account(account.id)
    wanted = Form(request.args).number("salon")
    chosen = next((one for one in branches if one.company_id == wanted), next(iter(branches), None))
    return _page(account, branches, chosen, Form(request.form))


def count(domain: str, company_id: int) -> AnyResponse:
    account = guard.account(domain)
    branch = _branch(account, company_id)
    moment = moment_of(account.id, company_id)
    counted_now = flow.take(guard.context(), account.id, branch.company_id, moment)
    red = [str(one.code) for one in counted_now if not one.is_green]
    guard.audit("takeover.counted", branch.title, account, after={"moment": str(moment), "red": red})
    pages.say("takeover_counters.counted")
    return redirect(url_for("admin.takeover_counters", domain=domain, salon=company_id), 303)


def moment_of(account_id: int, company_id: int) -> Moment:
    """A salon that we write for has its switch behind it."""
    return Moment.AFTER if acceptance.is_ours(account_id, company_id) else Moment.BEFORE


def accept(domain: str, company_id: int) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    branch = _branch(account, company_id)
    after = _may_be_accepted(form, account, branch)
    customer, contractor = form.text("customer"), form.text("contractor")
    note = form.text("note", is_required=False)
    if after and after.red and not note:
        form.complain("note", "takeover_counters.accept.note_needed")
    if not form.ok or after is None:
        return _page(account, connections.of_account(account.id), branch, form, 422)
    takeover_counters.accept(
        {
            "account_id": account.id, "company_id": company_id, "counters_id": after.id,
            "customer": customer, "contractor": contractor, "note": note,
            "author": guard.person().login, "accepted_at": guard.context().now(),
        }
    )  # fmt: skip
    told = {"customer": customer, "contractor": contractor, "note": note, "red": after.red}
    guard.audit("takeover.accepted", branch.title, account, after=told)
    pages.say("takeover_counters.accept.done")
    return redirect(url_for("admin.takeover_counters", domain=domain, salon=company_id), 303)


def _may_be_accepted(form: Form, account: Account, branch: BranchRow) -> Snapshot | None:
    if moment_of(account.id, branch.company_id) is not Moment.AFTER:
        form.complain("accept", "takeover_counters.accept.not_ours")
        return None
    after = acceptance.counted(account.id).get(branch.company_id)
    if after is None:
        form.complain("accept", "takeover_counters.accept.no_counters")
    return after


def printed(domain: str, company_id: int) -> Response:
    account = guard.account(domain)
    branch = _branch(account, company_id)
    taken = protocol.gather(account, branch)
    return page("takeover/protocol.html", "protocol", account=account, protocol=taken, **_words(account))


def file(domain: str, company_id: int) -> Response:
    account = guard.account(domain)
    branch = _branch(account, company_id)
    guard.audit("takeover.protocol_taken", branch.title, account)
    return protocol.send(account, protocol.gather(account, branch))


def _page(
    account: Account, branches: list[BranchRow], chosen: BranchRow | None, form: Form, status: int = 200
) -> Response:
    kept = flow.kept(account.id)
    moments = kept.get(chosen.company_id, {}) if chosen else {}
    before, after = moments.get(Moment.BEFORE), moments.get(Moment.AFTER)
    return page(
        "takeover/counters.html", "counters", status,
        account=account, branches=branches, chosen=chosen, form=form, kept=kept,
        before=before, after=after, rows=counted.rows(before, after), shown=SHOWN,
        accepted=acceptance.accepted(account.id).get(chosen.company_id) if chosen else None,
        is_ours=chosen is not None and moment_of(account.id, chosen.company_id) is Moment.AFTER,
        codes=list(Code), **_words(account),
    )  # fmt: skip


def _words(account: Account) -> dict[str, Any]:
    said = counted.Words(account.id, language())
    return {"value": said.value, "why": said.why, "number": story.number}


def _branch(account: Account, company_id: int) -> BranchRow:
    found = connections.get(account.id, company_id)
    if found is None:
        abort(404)
    return found
