"""What formats, templates and paths make of the newest calls: shown beside the form, nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import BookingRules
from backend.core.telephony import numbers, originating, recordings
from backend.core.telephony.after import wording
from backend.core.telephony.originating import Order
from backend.core.telephony.rules import Person, TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.after import facts, trying
from backend.store.telephony.calls import CallRow

MOST_NUMBERS, MOST_PEOPLE, MOST_NAMES = 5, 20, 4
NOBODYS = "+79990001122"  # when there has been no call yet


@dataclass(frozen=True, slots=True)
class Number:
    """A client's number, as the CRM gets it and as it is dialled; `code`: why it is not."""

    number: str
    shown: str
    dialled: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Click:
    """What a click of a person asks of the PBX for this number; `code` and `part`: what is wrong with it."""

    person: Person
    order: Order | None = None
    code: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """`filled` are the texts of `rules.fields`, in their order, of the newest call with a number; `names`:
    where the newest recording would be looked for.
    """

    numbers: tuple[Number, ...]
    clicks: tuple[Click, ...]
    filled: tuple[str, ...]
    names: tuple[str, ...]


def of(ctx: Context, account_id: int, rules: TelephonyRules) -> Samples:
    rows, in_force = trying.newest(account_id), configuration.load(account_id)
    known = dict.fromkeys(row.client_key for row in rows if row.client_key)
    found = tuple(known)[:MOST_NUMBERS] or (NOBODYS,)
    clicks = tuple(_click(person, found[0], rules) for person in rules.people[:MOST_PEOPLE])
    return Samples(
        tuple(_number(one, rules) for one in found),
        clicks,
        _filled(ctx, account_id, rows, rules, in_force),
        tuple(_names(rows, rules, in_force))[:MOST_NAMES],
    )


def _number(number: str, rules: TelephonyRules) -> Number:
    shown = numbers.formatted(number, rules.formats)
    try:
        return Number(number, shown, numbers.to_dial(number, rules))
    except InvalidInput as error:
        return Number(number, shown, code=error.code)


def _click(person: Person, number: str, rules: TelephonyRules) -> Click:
    try:
        dialled = numbers.to_dial(number, rules)
        line = originating.line_for(rules, person.user_id, person.pbx)
        return Click(person, originating.order("sample", dialled, person, line, rules.dialling))
    except InvalidInput as error:
        return Click(person, code=error.code, part=str(error.details.get("part", "")))


def _filled(
    ctx: Context, account_id: int, rows: list[CallRow], rules: TelephonyRules, in_force: BookingRules
) -> tuple[str, ...]:
    last = next((row for row in rows if row.client_key), None)
    if last is None:
        return ()
    (known,) = facts.gather(account_id, [last], ctx.now(), in_force)
    return tuple(wording.filled(rule.template, known, rules) for rule in rules.fields)


def _names(rows: list[CallRow], rules: TelephonyRules, in_force: BookingRules) -> Iterator[str]:
    zone = ZoneInfo(in_force.configuration.timezone)
    for row in rows:
        parts = recordings.parts(row.call, rules.recordings, zone)
        if parts:
            yield from parts[0]
            return
