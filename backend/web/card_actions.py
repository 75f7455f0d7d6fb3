"""JSON for the card's panel: a person's bookings, what can be booked, and the deeds; guarded as widget.py."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend import texts
from backend.core.errors import InvalidInput
from backend.flows.actions import acts, booking, change, people
from backend.flows.actions.acts import Asked
from backend.flows.actions.booking import SlotTaken
from backend.flows.actions.people import Holder
from backend.flows.actions.rights import Act
from backend.flows.context import Context
from backend.flows.vendors import patience
from backend.web import guard, widget

bp = Blueprint("card_actions", __name__, url_prefix="/widget")

CREATED, CONFLICT = 201, 409
FORM = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
KEY = re.compile(r"yclients:\d{1,18}:\d{1,18}", re.ASCII)
LONGEST = 4000  # of a text in a form
MOST_IDS = 50


def person() -> Response:
    """The person's bookings in all salons, and what may be done with them."""
    asked, lead_id = _asked(), request.args.get("lead")
    if lead_id:
        return jsonify(acts.person_of_lead(_context(), asked, widget.needed(lead_id)))
    return jsonify(acts.person_of_contact(_context(), asked, widget.needed(request.args.get("contact"))))


def salons() -> Response:
    asked = _asked()
    return jsonify(acts.salons(_context(), asked, widget.needed(request.args.get("lead"))))


def services() -> Response:
    asked = _asked()
    return jsonify(acts.services(_context(), asked, _argument("salon")))


def masters() -> Response:
    asked = _asked()
    return jsonify(acts.masters(_context(), asked, _argument("salon"), _services()))


def days() -> Response:
    asked = _asked()
    return jsonify(acts.days(_context(), asked, _argument("salon"), _argument("master"), _services()))


def times() -> Response:
    asked, day = _asked(), _day(request.args.get("day"))
    salon, master = _argument("salon"), _argument("master")
    return jsonify(acts.times(_context(), asked, salon, master, _services(), day))


def book() -> tuple[Response, int]:
    given = widget.given()
    asked = _asked()
    wish = booking.Wish(
        _form(given), widget.needed(given.get("salon")), _ids(given.get("services")),
        widget.needed(given.get("master")), _moment(given.get("at")), _text(given.get("comment")),
    )  # fmt: skip
    return jsonify(acts.create(_context(), asked, widget.needed(given.get("lead")), wish)), CREATED


def move() -> Response:
    return _act(Act.MOVE)


def cancel() -> Response:
    return _act(Act.CANCEL)


def confirm() -> Response:
    return _act(Act.CONFIRM)


def arrive() -> Response:
    return _act(Act.ARRIVE)


def _act(act: Act) -> Response:
    given = widget.given()
    asked, ctx = _asked(), _context()
    wish = change.Wish(_form(given), act, _key(given.get("key")))
    if act is Act.MOVE:
        master = given.get("master")
        wish = replace(wish, at=_moment(given.get("at")), staff_id=widget.needed(master) if master else 0)
    return jsonify(acts.act(ctx, asked, _holder(ctx, asked, given), wish))


def _holder(ctx: Context, asked: Asked, given: dict[str, Any]) -> Holder:
    """A card of a lead or of a contact."""
    account = asked.caller.account
    if given.get("lead"):
        return people.of_lead(ctx, account, widget.needed(given["lead"]))
    return people.of_contact(account, widget.needed(given.get("contact")))


def taken(error: SlotTaken) -> tuple[Response, int]:
    """Told together with the times that are still free."""
    message = texts.t(error.code, widget.language())
    return jsonify(code=error.code, message=message, nearest=error.nearest), CONFLICT


def preflight(name: str) -> Response:
    return widget.preflight(name)


for path, view, method in (
    ("/person", person, "GET"),
    ("/book/salons", salons, "GET"),
    ("/book/services", services, "GET"),
    ("/book/masters", masters, "GET"),
    ("/book/days", days, "GET"),
    ("/book/times", times, "GET"),
    ("/book", book, "POST"),
    ("/booking/move", move, "POST"),
    ("/booking/cancel", cancel, "POST"),
    ("/booking/confirm", confirm, "POST"),
    ("/booking/arrive", arrive, "POST"),
):
    bp.add_url_rule(path, view_func=view, methods=[method], provide_automatic_options=False)
for room in ("book", "booking"):  # one step deeper than the doors of widget.py
    rule = f"/{room}/<name>"
    bp.add_url_rule(
        rule, f"preflight_{room}", preflight, methods=["OPTIONS"], provide_automatic_options=False
    )
bp.after_request(widget.allow)
bp.register_error_handler(SlotTaken, taken)


def _context() -> Context:
    """What one press asks of YCLIENTS comes to an end before the browser gives up."""
    return replace(guard.context(), patience=patience.begun())


def _asked() -> Asked:
    return Asked(widget.caller(), widget.language(), request.remote_addr or "")


def _argument(name: str) -> int:
    return widget.needed(request.args.get(name))


def _services() -> tuple[int, ...]:
    return _ids([part for part in request.args.get("services", "").split(",") if part])


def _ids(value: object) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MOST_IDS:
        raise InvalidInput("widget.malformed")
    return tuple(widget.needed(one) for one in value)


def _form(given: dict[str, Any]) -> str:
    form = given.get("form")
    if not isinstance(form, str) or not FORM.fullmatch(form):
        raise InvalidInput("card.no_form")
    return form


def _key(value: object) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise InvalidInput("widget.malformed")
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise InvalidInput("widget.malformed")
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _moment(value: object) -> datetime:
    """A time of the salon's wall clock, as the times were offered: «2026-11-21 10:00»."""
    try:
        return datetime.strptime(value if isinstance(value, str) else "", "%Y-%m-%d %H:%M")  # noqa: DTZ007
    except ValueError as error:
        raise InvalidInput("card.bad_time") from error


def _day(value: str | None) -> date:
    try:
        return date.fromisoformat(value or "")
    except ValueError as error:
        raise InvalidInput("card.bad_time") from error
