"""«Настройки по данным»: what bookings and leads already show, as a draft to accept in parts."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.learning import proposals
from backend.core.learning.proposals import LEAST, Kind, Proposal
from backend.core.learning.tables import Tables
from backend.core.rules.configuration import Configuration
from backend.flows.learning import observing
from backend.flows.mapping import mapping as flow
from backend.flows.rules import configuration
from backend.flows.works import long_work
from backend.store import offered
from backend.store.accounts import Account

SECTIONS = ("directions", "routes")
KINDS = tuple(Kind)


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/learned"
    bp.get(home, endpoint="learned")(show)
    bp.post(home, endpoint="accept_learned")(accept)
    bp.post(f"{home}/look", endpoint="learn")(look)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def look(domain: str) -> AnyResponse:
    """Counts anew, as long work; one look at a time."""
    account = guard.account(domain)
    work = observing.newest(account.id)
    if work is None or not work.is_open:
        context, login = guard.context(), guard.person().login
        work_id = long_work.start(context, account.id, observing.KIND, {}, login)
        guard.audit("work.started", observing.KIND, account, after={"work": work_id})
    return redirect(url_for("admin.learned", domain=domain), 303)


def accept(domain: str) -> AnyResponse:
    """The ticked proposals become one version."""
    account, form = guard.account(domain), Form(request.form)
    schema, ticked = flow.schema(account.id), set(request.form.getlist("take"))
    _, offered_ = _learned(account)
    chosen = [one for one in offered_ if one.name in ticked and one.is_enough]
    if not chosen:
        form.complain("take", "learned.nothing_ticked")

    def change(before: Configuration) -> Configuration:
        return proposals.accepted(before, chosen, schema) if schema else before

    if form.ok and saving.save(form, account, SECTIONS, change, {}):
        return redirect(url_for("admin.learned", domain=domain), 303)
    return _page(account, form, 422)


def _learned(account: Account) -> tuple[Tables, tuple[Proposal, ...]]:
    """Nothing before the first look, or before amoCRM was read."""
    work, schema = observing.newest(account.id), flow.schema(account.id)
    if work is None or work.is_open or schema is None:
        return Tables(), ()
    return observing.learned(work, configuration.current(account.id), schema)


def _page(account: Account, form: Form, status: int = 200) -> Response:
    work, (found, told) = observing.newest(account.id), _learned(account)
    rules = configuration.current(account.id)
    groups = [(kind, [one for one in told if one.kind is kind]) for kind in KINDS]
    return page(
        "admin/learned.html", "learned", status,
        account=account, form=form, work=work, found=found, least=LEAST,
        groups=[(kind, lines) for kind, lines in groups if lines],
        ticked=set(request.form.getlist("take")), is_typed=bool(form.values),
        any_offered=any(one.is_offered for one in told), names=Names(account.id),
        salons={branch.company_id: branch.title for branch in rules.branches},
        categories={(one[0], one[1]): one[2] for one in offered.categories(account.id)},
        base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip
