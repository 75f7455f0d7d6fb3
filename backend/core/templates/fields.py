"""Fields: what may stand between the braces of a text. Each has a Russian and an English name.

What a person reads about them is in `texts`: `field_about.<code>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType


class Kind(StrEnum):
    """What a value is, and so which filters fit it."""

    TEXT = "text"
    LINES = "lines"
    MOMENT = "moment"
    MONEY = "money"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """`code` is what the program calls it, and its English name with spaces for underscores."""

    code: str
    ru: str
    kind: Kind = Kind.TEXT

    @property
    def en(self) -> str:
        return self.code.replace("_", " ")


LEAD_NAME = "lead_name"
BOOKING_NOTE = "booking_note"
MOVED_NOTE = "moved_note"
COMMENT_NOTE = "comment_note"
PRICE_NOTE = "price_note"
REFUND_NOTE = "refund_note"
CANCELLED_NOTE = "cancelled_note"
RELEASED_NOTE = "released_note"
BOOKED_NOTE = "booked_note"
REVOKED_NOTE = "revoked_note"
CLOSED_NOTE = "closed_note"
CLOSED_TASK = "closed_task"
TASK = "task"  # the text of a rule about tasks
CALL = "call"  # data of a call in a field of the CRM, and the task for a missed one

TEXTS = (
    LEAD_NAME, BOOKING_NOTE, MOVED_NOTE, COMMENT_NOTE, PRICE_NOTE, REFUND_NOTE, CANCELLED_NOTE,
    RELEASED_NOTE, BOOKED_NOTE, REVOKED_NOTE, CLOSED_NOTE, CLOSED_TASK,
)  # fmt: skip
ONE_LINE = frozenset({LEAD_NAME})

COMMON = (
    Field("client", "клиент"),
    Field("phone", "телефон"),
    Field("email", "почта"),
    Field("date", "дата", Kind.MOMENT),
    Field("end", "окончание", Kind.MOMENT),
    Field("duration", "длительность"),
    Field("salon", "салон"),
    Field("direction", "направление"),
    Field("directions", "направления", Kind.LINES),
    Field("services", "услуги", Kind.LINES),
    Field("service_names", "названия услуг", Kind.LINES),
    Field("amounts", "суммы по направлениям", Kind.LINES),
    Field("sum", "сумма", Kind.MONEY),
    Field("master", "мастер"),
    Field("comment", "комментарий"),
    Field("status", "состояние"),
    Field("number", "номер записи", Kind.NUMBER),
    Field("no_shows", "неявок", Kind.NUMBER),
    Field("visitor", "кто придёт"),
    Field("labels", "метки", Kind.LINES),
    Field("booked_at", "когда записан", Kind.MOMENT),
)

# A text about a call knows nothing of bookings.
OF_CALLS = (
    Field("client", "клиент"),
    Field("call_phone", "телефон"),
    Field("called_at", "время звонка", Kind.MOMENT),
    Field("call_kind", "вид звонка"),
    Field("call_result", "итог"),
    Field("talk_time", "разговор"),
    Field("talk_seconds", "секунд разговора", Kind.NUMBER),
    Field("wait_time", "ожидание"),
    Field("line", "линия"),
    Field("line_number", "номер линии"),
    Field("employee", "сотрудник"),
    Field("extension", "внутренний номер"),
    Field("recording", "запись разговора"),
)

# Fields that only some texts have.
SPECIAL: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        BOOKING_NOTE: (Field("news", "новость"),),
        MOVED_NOTE: (Field("was", "было", Kind.MOMENT),),
        PRICE_NOTE: (Field("was_sum", "прежняя сумма", Kind.MONEY),),
        REFUND_NOTE: (
            Field("was_paid", "было оплачено", Kind.MONEY),
            Field("paid", "оплачено", Kind.MONEY),
        ),
        RELEASED_NOTE: (Field("released", "убранное направление"),),
        BOOKED_NOTE: (Field("next_visit", "следующий визит", Kind.MOMENT),),
        TASK: (Field("was_sum", "прежняя сумма", Kind.MONEY),),
    }
)


@cache
def of(text: str) -> tuple[Field, ...]:
    """The fields of a text. Its own ones come first, they are what it is about; a task is about anything."""
    if text == CALL:
        return OF_CALLS
    own = SPECIAL.get(text, ())
    return (*COMMON, *own) if text == TASK else (*own, *COMMON)


@cache
def by_name(text: str) -> Mapping[str, Field]:
    """Every name that a field of this text answers to, as `plain` has it."""
    return MappingProxyType({plain(name): field for field in of(text) for name in (field.ru, field.en)})


@cache
def elsewhere() -> Mapping[str, Field]:
    """Every name of a field that some text has."""
    return MappingProxyType(
        {name: field for text in (CALL, *TEXTS, TASK) for name, field in by_name(text).items()}
    )


def plain(name: str) -> str:
    """A name as it is compared: «Названия_услуг» and «названия  услуг» are one."""
    return " ".join(name.replace("_", " ").casefold().replace("ё", "е").split())
