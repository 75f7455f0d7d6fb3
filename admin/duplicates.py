"""Doubles: the facts side by side, what we propose and why; what we may do ourselves is one press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.crm import Contact, Lead
from backend.core.watch.doubles import OURS, Double, Kind
from backend.flows.duplicates import deeds
from backend.flows.works import long_work, night_steps
from backend.store import doubles, long_works, mirror
from backend.store.accounts import Account
from backend.store.doubles import DoubleRow

AT_ONCE = 20
KINDS = tuple(kind.value for kind in Kind)


@dataclass(frozen=True)
class Side:
    """One of those that look alike, as our index of the CRM has it; None when it was not read yet."""

    id: int
    role: str
    lead: Lead | None = None
    contact: Contact | None = None
    open_leads: int = 0


@dataclass(frozen=True)
class Shown:
    """One finding. `about` is the booking's key, when there is one."""

    row: DoubleRow
    double: Double
    sides: tuple[Side, ...]
    is_ours: bool

    @property
    def about(self) -> str:
        return self.double.subject.rsplit("/", 1)[0] if self.double.kind is Kind.ONE_KEY else ""


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/duplicates"
    bp.get(home, endpoint="duplicates")(show)
    bp.post(f"{home}/search", endpoint="search_doubles")(search)
    bp.post(f"{home}/<int:double_id>", endpoint="double_deed")(act)


def show(domain: str) -> Response:
    """One kind at a time: the chosen one, else the first of which there is any."""
    account, asked = guard.account(domain), Form(request.args)
    counts = doubles.counts(account.id)
    chosen = asked.choice("kind", KINDS) or next((kind for kind in KINDS if counts[Kind(kind)]), KINDS[0])
    after = asked.number("after") or 0
    rows = doubles.page(account.id, Kind(chosen), after, AT_ONCE + 1)
    newest = long_works.newest(account.id, night_steps.DOUBLES)
    return page(
        "admin/duplicates.html", "doubles",
        account=account, kinds=KINDS, chosen=chosen, counts={kind.value: n for kind, n in counts.items()},
        shown=_shown(account, rows[:AT_ONCE]), after=after, names=Names(account.id),
        onward=rows[AT_ONCE - 1].id if len(rows) > AT_ONCE else None, newest=newest,
        contact_address=_contact_address,
    )  # fmt: skip


def search(domain: str) -> AnyResponse:
    account, ctx = guard.account(domain), guard.context()
    wish = night_steps.wished(ctx.now())
    work_id = long_work.start(ctx, account.id, night_steps.DOUBLES, wish, guard.person().login)
    guard.audit("work.started", night_steps.DOUBLES, account, after={"work": work_id})
    pages.say("doubles.looking")
    return redirect(url_for("admin.duplicates", domain=domain), 303)


def act(domain: str, double_id: int) -> AnyResponse:
    """The deed that the finding proposes, if it is still proposed."""
    account, row = guard.account(domain), doubles.get(double_id)
    if row is None or row.account_id != account.id:
        abort(404)
    double = row.double
    back = redirect(url_for("admin.duplicates", domain=domain, kind=double.kind), 303)
    if not row.is_open:
        pages.say("doubles.gone", "warn")
        return back
    if double.action not in OURS:
        pages.say("doubles.not_ours", "warn")
        return back
    if deeds.order(guard.context(), account.id, double, guard.person().login):
        before, after = {"lead": double.target}, {"deed": str(double.action), "owner": double.lead_ids[0]}
        guard.audit(f"double.{double.action}", double.subject, account, before=before, after=after)
        pages.say("doubles.ordered")
    else:
        pages.say("doubles.asked_already", "warn")
    doubles.close(row.id)
    return back


def _contact_address(account: Account, contact_id: int) -> str:
    """The contact's card in amoCRM."""
    url = guard.context().settings.amocrm_api_url.format(domain=account.domain)
    return f"{url}/contacts/detail/{contact_id}"


def _shown(account: Account, rows: Sequence[DoubleRow]) -> list[Shown]:
    found = [(row, row.double) for row in rows]
    leads = mirror.leads_by_ids(account.id, [i for _, double in found for i in double.lead_ids])
    people = [i for _, double in found for i in double.contact_ids]
    contacts, counts = mirror.contacts_by_ids(account.id, people), doubles.open_counts(account.id, people)
    return [
        Shown(row, double, _sides(double, leads, contacts, counts), double.action in OURS)
        for row, double in found
    ]


def _sides(
    double: Double, leads: dict[int, Lead], contacts: dict[int, Contact], counts: dict[int, int]
) -> tuple[Side, ...]:
    if double.kind is Kind.ONE_PHONE:
        return tuple(
            Side(i, "merged" if place else "kept", contact=contacts.get(i), open_leads=counts.get(i, 0))
            for place, i in enumerate(double.contact_ids)
        )
    first, other = ("keeps", "copy") if double.kind is Kind.ONE_KEY else ("newest", "older")
    return tuple(
        Side(i, other if place else first, lead=leads.get(i)) for place, i in enumerate(double.lead_ids)
    )
