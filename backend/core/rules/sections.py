"""Parts of a configuration beside salons, directions and routes: words, tasks, rights in the card, alerts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CREATE = "create"  # a field or a catalogue in a document: make our own
FieldChoice = int | str | None  # an existing field's id, "create", or None for "do not fill"


class TextName(StrEnum):
    """Texts that we write into the CRM and that an account may word anew."""

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


class TaskWhen(StrEnum):
    """After a record, a missed visit that was not booked again, a visit nobody marked, a price changed
    late.
    """

    BOOKED = "booked"
    NO_SHOW = "no_show"
    UNMARKED = "unmarked"
    PRICE_CHANGED = "price_changed"


@dataclass(frozen=True, slots=True)
class TaskRule:
    """`days` and `hours` count from the beginning of the visit, those of `unmarked` from its end, of
    `price_changed` from the change; for `booked` they may be negative: before the visit. `user_id` None:
    whoever is responsible. No text: the built-in words.
    """

    when: TaskWhen
    days: int = 0
    hours: int = 0
    text: str = ""
    user_id: int | None = None


MARK_VISITS = (TaskRule(TaskWhen.UNMARKED, days=1),)  # what an account begins with (row C12)


class ContactFieldName(StrEnum):
    """Contact fields we can fill; none is unless it is chosen."""

    VISITS = "visits"
    NO_SHOWS = "no_shows"
    LAST_VISIT = "last_visit"
    NEXT_VISIT = "next_visit"
    LABELS = "labels"
    DO_NOT_SEND = "do_not_send"
    SPENT = "spent"
    DISCOUNT = "discount"
    CARD = "card"
    BIRTHDAY = "birthday"
    ABONEMENTS = "abonements"


class Who(StrEnum):
    """Which users of the CRM may do something from a card."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class CardRights:
    """What may be done with the salon's journal from a card of the CRM."""

    create: Who = Who.EVERYONE
    move: Who = Who.EVERYONE
    cancel: Who = Who.EVERYONE
    confirm: Who = Who.EVERYONE
    arrive: Who = Who.EVERYONE


@dataclass(frozen=True, slots=True)
class Alerts:
    """Who hears of trouble: by e-mail, and by a task for `user_id` (None: the first administrator)."""

    emails: tuple[str, ...] = ()
    user_id: int | None = None


EVERYBODY = CardRights()
NOBODY = Alerts()
