"""People of one salon: whose lead a master's or an administrator's booking is, and what is special here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, salon_view, saving
from admin.forms import Form
from admin.pages import page
from backend.core.rules.configuration import Branch, Configuration, Master
from backend.core.rules.options import MultiCategory
from backend.core.salon import StaffMember
from backend.flows.mapping import masters
from backend.flows.rules import configuration
from backend.store import catalogue
from backend.store.accounts import Account

SECTIONS = ("branches", "options")


@dataclass(frozen=True, slots=True)
class Author:
    """A user of YCLIENTS who makes bookings; nobody tells us the name."""

    number: int
    bookings: int


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/people/<int:company_id>"
    bp.get(home, endpoint="masters")(show)
    bp.post(home, endpoint="save_masters")(save)


def show(domain: str, company_id: int) -> Response:
    return _page(guard.account(domain), company_id, Form({}))


def save(domain: str, company_id: int) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    rules = configuration.current(account.id)
    branch = rules.branch(company_id) or abort(404)
    fields = _fields(rules, branch, form)
    for number in form.numbers("staff"):
        chosen = form.values.get(f"direction-{number}")
        if chosen and rules.direction(chosen) is None:
            form.complain(f"direction-{number}", "mapping.board.gone_direction")
    if form.ok and saving.save(
        form, account, SECTIONS, lambda before: changed(before, company_id, form), fields
    ):
        return redirect(url_for("admin.masters", domain=domain, company_id=company_id), 303)
    return _page(account, company_id, form, 422)


def changed(before: Configuration, company_id: int, form: Form) -> Configuration:
    """What the form shows of this salon; people that it does not show keep what they have."""
    mode = form.choice("multi_category", tuple(MultiCategory))
    labels = {
        **before.options.excluded_labels,
        company_id: frozenset(form.numbers("label")),
    }
    kept = {company: numbers for company, numbers in labels.items() if numbers}
    branches = tuple(
        replace(
            one,
            multi_category=MultiCategory(mode) if mode else None,
            staff=_staff(one, form),
            authors=_authors(one, form),
        )
        if one.company_id == company_id
        else one
        for one in before.branches
    )
    return replace(before, branches=branches, options=replace(before.options, excluded_labels=kept))


def _staff(branch: Branch, form: Form) -> dict[int, Master]:
    found = dict(branch.staff)
    for number in form.numbers("staff"):
        direction = form.values.get(f"direction-{number}") or None
        found[number] = Master(form.number(f"user-{number}"), direction)
    return {number: one for number, one in found.items() if one != Master()}


def _authors(branch: Branch, form: Form) -> dict[int, int]:
    found: dict[int, int | None] = dict(branch.authors)
    found |= {number: form.number(f"author-{number}") for number in form.numbers("author")}
    return {number: user for number, user in found.items() if user}


def _fields(rules: Configuration, branch: Branch, form: Form) -> Mapping[str, str]:
    """Path of the document → field of the form."""
    place = f"branches[{rules.branches.index(branch)}]"
    staff = {
        f"{place}.staff.{number}.{part}": f"{part}-{number}"
        for number in form.numbers("staff")
        for part in ("user", "direction")
    }
    authors = {f"{place}.authors.{number}": f"author-{number}" for number in form.numbers("author")}
    return staff | authors


def _listed(staff: Iterable[StaffMember], branch: Branch) -> list[StaffMember]:
    """Who takes bookings: columns that are nobody are left out."""
    return [one for one in staff if one.id not in branch.excluded_staff]


def _page(account: Account, company_id: int, form: Form, status: int = 200) -> Response:
    salon = salon_view.one(account, company_id) or abort(404)
    rules, users = configuration.current(account.id), salon_view.users(account)
    branch, seen = salon.branch, masters.named(account.id, salon.row.id)
    numbers = {**dict.fromkeys(branch.authors, 0), **dict(seen.authors)}
    labels = dict(seen.labels)
    skipped = rules.options.excluded_labels.get(company_id, ())
    chosen = set(form.numbers("label") if form.values else skipped)
    return page(
        "admin/masters.html", "page", status,
        account=account, form=form, branch=branch, users=users, choices=salon_view.choices,
        staff=_listed(catalogue.catalogue(salon.row.id).staff, branch),
        authors=[Author(number, count) for number, count in numbers.items()],
        labels={**{one: labels.get(one, "") for one in sorted(chosen)}, **labels}, chosen=chosen,
        directions=[(one.key, one.title) for one in rules.directions],
        modes=tuple(MultiCategory), usual=rules.options.multi_category, by=rules.options.responsible_by,
        base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip
