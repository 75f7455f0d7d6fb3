"""People: who of amoCRM answers for which salon and route, and which columns of the journals are nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, salon_view, saving
from admin.forms import Form
from admin.pages import page
from admin.salon_view import Salon
from admin.salons import columns_of
from backend.core import names
from backend.core.crm import CrmUser
from backend.core.rules.configuration import Configuration, Route
from backend.core.salon import StaffMember
from backend.flows.rules import configuration
from backend.store import catalogue
from backend.store.accounts import Account

PARTS = ("branches", "routes")


@dataclass(frozen=True)
class Place:
    """A salon of the form: its routes with the titles of their directions, its columns of the journal."""

    salon: Salon
    routes: tuple[tuple[Route, str], ...]
    staff: list[tuple[int, str, bool]]


@dataclass(frozen=True)
class Seen:
    """A person of amoCRM: what they answer for, and whom of the salons' staff they resemble."""

    user: CrmUser
    salons: tuple[str, ...]
    routes: tuple[tuple[str, str], ...]
    alike: tuple[tuple[str, str], ...]

    @property
    def is_missed(self) -> bool:
        """Answers for something and is not there any more."""
        return not self.user.is_active and bool(self.salons or self.routes)


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/people", endpoint="people")(show)
    bp.post("/accounts/<domain>/people", endpoint="save_people")(save)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    """All salons and routes in one version."""
    account, form = guard.account(domain), Form(request.form)
    rules = configuration.current(account.id)
    if saving.save(form, account, PARTS, lambda before: changed(before, form), _fields(rules)):
        return redirect(url_for("admin.people", domain=domain), 303)
    return _page(account, form, 422)


def changed(before: Configuration, form: Form) -> Configuration:
    """What the form says of the salons and routes that it showed; it knows nothing of the others."""
    branches = tuple(
        replace(
            branch,
            responsible_id=form.number(of_salon(branch.company_id)) or form.number("vacant"),
            excluded_staff=frozenset(form.numbers(skipped_of(branch.company_id))),
        )
        if of_salon(branch.company_id) in form.values
        else branch
        for branch in before.branches
    )
    routes = tuple(
        replace(route, responsible_id=form.number(of_route(route)))
        if of_route(route) in form.values
        else route
        for route in before.routes
    )
    return replace(before, branches=branches, routes=routes)


def of_salon(company_id: int) -> str:
    return f"salon-{company_id}"


def skipped_of(company_id: int) -> str:
    return f"skipped-{company_id}"


def of_route(route: Route) -> str:
    return f"route-{route.branch_id}-{route.direction}"


def _fields(rules: Configuration) -> Mapping[str, str]:
    salons = {f"branches[{n}].responsible_id": of_salon(b.company_id) for n, b in enumerate(rules.branches)}
    return salons | {f"routes[{n}].responsible_id": of_route(route) for n, route in enumerate(rules.routes)}


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, users = configuration.current(account.id), salon_view.users(account)
    staff = catalogue.staff_of(account.id)
    places = [_place(salon, rules, staff.get(salon.row.id, ())) for salon in salon_view.all_of(account)]
    return page(
        "admin/people.html", "page", status,
        account=account, form=form, places=places, seen=[_seen(user, places) for user in users], users=users,
        choices=salon_view.choices, of_salon=of_salon, of_route=of_route, skipped_of=skipped_of,
        base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip


def _place(salon: Salon, rules: Configuration, staff: Iterable[StaffMember]) -> Place:
    titles = {direction.key: direction.title for direction in rules.directions}
    mine = [route for route in rules.routes if route.branch_id == salon.branch.company_id]
    routes = tuple((route, titles.get(route.direction, route.direction)) for route in mine)
    return Place(salon, routes, columns_of(salon, staff))


def _seen(user: CrmUser, places: list[Place]) -> Seen:
    salons = tuple(p.salon.branch.title for p in places if p.salon.branch.responsible_id == user.id)
    routes = tuple(
        (place.salon.branch.title, title)
        for place in places
        for route, title in place.routes
        if route.responsible_id == user.id
    )
    return Seen(user, salons, routes, tuple(_alike(user, places)))


def _alike(user: CrmUser, places: list[Place]) -> Iterator[tuple[str, str]]:
    """(name in the journal, salon): a hint for the eye, for both sides are written by hand."""
    for place in places:
        staff = {number: name for number, name, is_nobody in place.staff if not is_nobody}
        found = names.nearest(user.name, staff)
        if found is not None:
            yield staff[found], place.salon.branch.title
