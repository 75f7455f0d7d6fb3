"""Filters: how a value is shown, `{дата|день}`. Each fits some kinds of values and makes a text of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from backend.core import money
from backend.core.money import Kopecks
from backend.core.templates.fields import Kind, plain

Value = str | int | datetime | tuple[str, ...] | None

LONGEST_CUT = 500

MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
    "ноября", "декабря",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Filter:
    """`show` gets the value and the argument. `argument` is none, a whole number or words."""

    code: str
    ru: str
    kinds: frozenset[Kind]
    show: Callable[[Value, str], str]
    argument: str = ""

    @property
    def en(self) -> str:
        return self.code.replace("_", " ")


def shown(value: Value, kind: Kind) -> str:
    """A value without any filter."""
    if is_absent(value):
        return ""
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M")
    if isinstance(value, tuple):
        return "\n".join(value)
    return money.shown(Kopecks(value)) if isinstance(value, int) and kind is Kind.MONEY else str(value)


def applied(one: Filter, argument: str, value: Value, kind: Kind) -> str:
    """What a filter makes of a value of a kind that fits it. Of nothing it makes nothing, but for «или»."""
    if one.code == OTHERWISE:
        return shown(value, kind) or argument
    return "" if is_absent(value) else one.show(value, argument)


def is_absent(value: Value) -> bool:
    return value is None or value in ("", ())


def is_nothing(value: Value) -> bool:
    """Nought counts as nothing where a part of the text may vanish: «Неявок: 0» is not worth a line."""
    return is_absent(value) or value == 0


def _moment(form: Callable[[datetime], str]) -> Callable[[Value, str], str]:
    return lambda value, _: form(value) if isinstance(value, datetime) else ""


def _text(form: Callable[[str], str]) -> Callable[[Value, str], str]:
    return lambda value, _: form(value) if isinstance(value, str) else ""


def _rubles(value: Value, _: str) -> str:
    return money.shown(Kopecks(value)).replace("₽", "руб.") if isinstance(value, int) else ""


def _bare(value: Value, _: str) -> str:
    return str(money.to_whole_rubles(Kopecks(value))) if isinstance(value, int) else ""


def _in_a_row(value: Value, _: str) -> str:
    return ", ".join(value) if isinstance(value, tuple) else ""


def _first(value: Value, _: str) -> str:
    return next(iter(value), "") if isinstance(value, tuple) else ""


def _cut(value: Value, argument: str) -> str:
    text, length = value if isinstance(value, str) else "", int(argument)
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


DATES, TEXT = frozenset({Kind.MOMENT}), frozenset({Kind.TEXT})
OTHERWISE = "or"

FILTERS = (
    Filter("day", "день", DATES, _moment(lambda at: at.strftime("%d.%m.%Y"))),
    Filter("time", "время", DATES, _moment(lambda at: at.strftime("%H:%M"))),
    Filter("day_of_month", "число", DATES, _moment(lambda at: f"{at.day} {MONTHS_EN[at.month - 1]}")),
    Filter("weekday", "день недели", DATES, _moment(lambda at: WEEKDAYS_EN[at.weekday()])),
    Filter("rubles", "руб", frozenset({Kind.MONEY}), _rubles),
    Filter("bare", "без знака", frozenset({Kind.MONEY}), _bare),
    Filter("in_a_row", "в строку", frozenset({Kind.LINES}), _in_a_row),
    Filter("first", "первая", frozenset({Kind.LINES}), _first),
    Filter("first_word", "первое слово", TEXT, _text(lambda text: next(iter(text.split()), ""))),
    Filter("capitals", "заглавными", TEXT, _text(str.upper)),
    Filter("cut", "коротко", TEXT, _cut, argument="number"),
    Filter(OTHERWISE, "или", frozenset(Kind), lambda value, _: str(value), argument="words"),
)

# The words of a calendar are in the language that the filter was asked for in.
IN_RUSSIAN: Mapping[str, Callable[[Value, str], str]] = MappingProxyType(
    {
        "day_of_month": _moment(lambda at: f"{at.day} {MONTHS[at.month - 1]}"),
        "weekday": _moment(lambda at: WEEKDAYS[at.weekday()]),
    }
)


def _russian(one: Filter) -> Filter:
    return Filter(one.code, one.ru, one.kinds, IN_RUSSIAN.get(one.code, one.show), one.argument)


BY_NAME: Mapping[str, Filter] = MappingProxyType(
    {plain(one.en): one for one in FILTERS} | {plain(one.ru): _russian(one) for one in FILTERS}
)


def is_fit(one: Filter, argument: str) -> bool:
    """Whether this filter can do with this argument."""
    match one.argument:
        case "number":
            is_number = argument.isascii() and argument.isdigit() and len(argument) <= len(str(LONGEST_CUT))
            return is_number and 1 <= int(argument) <= LONGEST_CUT
        case "words":
            return bool(argument)
    return not argument
