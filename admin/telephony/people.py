"""Whose phone is whose: users of amoCRM and their extensions, with guesses from the calls themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, salon_view, saving
from admin.forms import TAKEN, Form
from admin.pages import page
from admin.telephony import chosen, originate, tried, view
from backend.core.crm import CrmUser
from backend.core.rules.configuration import Configuration
from backend.core.telephony.rules import Person
from backend.flows.rules import configuration
from backend.flows.telephony.desk import phones_seen
from backend.flows.telephony.desk.phones_seen import SeenPhone
from backend.store.accounts import Account
from backend.store.telephony import pbxes

SECTIONS = ("telephony.people",)
MOST = 2_000  # rows of one form
OWN = ("channel", "caller_id", "context", "timeout", "variables")  # instead of everybody's
FIRST = re.compile(r"telephony\.people\[(?P<place>\d+)\]")  # the row that said it first
SAID = ("extension", "phones", "pbx", "user", *OWN)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form. `person` without an extension: nobody has said anything yet."""

    number: int
    person: Person
    name: str
    is_gone: bool = False
    guess: SeenPhone | None = None

    def field(self, name: str) -> str:
        return f"{name}-{self.number}"

    @property
    def variables(self) -> str:
        return chosen.lines_of(self.person.variables)

    def is_open(self, form: Form) -> bool:
        """Whether there is something of its own to show, or to mend."""
        person = self.person
        has_own = any(getattr(person, name) for name in OWN)
        return has_own or any(self.field(name) in form.problems for name in OWN)


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/people"
    bp.get(home, endpoint="telephony_people")(show)
    bp.post(home, endpoint="save_telephony_people")(save)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    told = list(_read(form))
    people, fields = tuple(person for _, person in told), _fields(told)
    was = configuration.current(account.id).telephony

    def change(before: Configuration) -> Configuration:
        return replace(before, telephony=replace(before.telephony, people=people))

    if form.ok and saving.save(form, account, SECTIONS, change, fields):
        return redirect(originate.after(account, was, "admin.telephony_people"), 303)
    tried.check(form, account, replace(was, people=people), fields)
    _say_whose(form, people, salon_view.users(account))
    return _page(account, form, 422)


def _say_whose(form: Form, people: Sequence[Person], users: Sequence[CrmUser]) -> None:
    """A phone that is somebody's already: whose."""
    names = {user.id: user.name for user in users}
    for field, details in form.details.items():
        first = FIRST.match(str(details.get("first", "")))
        if form.problems[field] == TAKEN and first:
            user_id = people[int(first["place"])].user_id
            form.problems[field] = "telephony_people.taken"
            form.details[field] = {"who": names.get(user_id, f"№ {user_id}")}


def _fields(told: Sequence[tuple[int, Person]]) -> dict[str, str]:
    """A place in the rules → the field of the form it was filled in from."""
    found: dict[str, str] = {}
    for place, (number, person) in enumerate(told):
        path = f"telephony.people[{place}]"
        found |= {f"{path}.{name}": f"{name}-{number}" for name in SAID}
        found |= {f"{path}.phones[{n}]": f"phones-{number}" for n in range(len(person.phones))}
    return found


def _read(form: Form) -> Iterator[tuple[int, Person]]:
    """The rows that say something: a user and an extension."""
    for number in form.numbers("row")[:MOST]:
        extension = form.text(f"extension-{number}", is_required=False)
        phones = tuple(form.text(f"phones-{number}", is_required=False).replace(",", " ").split())
        user_id = form.number(f"user-{number}")
        if not extension:
            if phones:
                form.complain(f"extension-{number}", "telephony_people.extension_first")
            continue
        if not user_id:
            form.complain(f"user-{number}", "ui.form.required")
            continue
        yield number, _person(form, number, Person(user_id, extension, phones))


def _person(form: Form, number: int, person: Person) -> Person:
    """With what this one has of their own."""

    def own(name: str) -> str:
        return form.text(f"{name}-{number}", is_required=False)

    return replace(
        person,
        pbx=own("pbx"),
        channel=own("channel"),
        caller_id=own("caller_id"),
        context=own("context"),
        opens_cards=form.flag(f"opens-{number}"),
        timeout=chosen.seconds(form, f"timeout-{number}"),
        variables=chosen.variables(form, f"variables-{number}"),
    )


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, users = configuration.current(account.id).telephony, salon_view.users(account)
    seen = phones_seen.unnamed(account.id, rules, users)
    rows, known = list(_rows(rules.people, users, seen)), pbxes.of_account(account.id)
    shown = {row.guess.phone for row in rows if row.guess}
    return page(
        "telephony/people.html", "body", status,
        account=account, form=form, rows=rows, users=users, pbxes=[(one.code, one.title) for one in known],
        others=[one for one in seen if one.phone not in shown], titles=view.titles(account.id),
        spare=len(rows), base=form.shown("base", configuration.number(account.id)), dialling=rules.dialling,
        choices=salon_view.choices([user for user in users if user.is_active], [], ""),
    )  # fmt: skip


def _rows(people: tuple[Person, ...], users: tuple[CrmUser, ...], seen: list[SeenPhone]) -> Iterator[Row]:
    """Those who have a phone, then everybody else who works there, by name."""
    known = {user.id: user for user in users}
    guesses: Mapping[int, SeenPhone] = {one.user_id: one for one in seen if one.user_id}
    number = 0
    for number, person in enumerate(people):
        user = known.get(person.user_id)
        is_gone = bool(users) and (user is None or not user.is_active)
        yield Row(number, person, user.name if user else f"№ {person.user_id}", is_gone)
    rest = [user for user in users if user.is_active and all(one.user_id != user.id for one in people)]
    for place, user in enumerate(sorted(rest, key=lambda user: user.name.casefold()), len(people)):
        yield Row(place, Person(user.id, ""), user.name, guess=guesses.get(user.id))
