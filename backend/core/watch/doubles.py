"""Doubles: leads with one key, contacts with one phone, open leads of one person that wait for nothing; and
what to do about each (booking-sync-scenarios.md §10, layer 10; rows E12, I9).

Only a person merges in amoCRM: there is no such call. We ourselves do two things, at one press: take the key
off a copy, and close a lead that we made twice and nobody has touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from backend.core.crm import LOST, Lead
from backend.core.reasons import Reason
from backend.core.sync.commands import AddNote, Command, Decision, FieldValue, UpdateLead

TOUCH_FREE = timedelta(minutes=5)  # our own fields, notes and tasks are written within minutes of a creation
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """In the order of their harm."""

    ONE_KEY = "one_key"
    SEVERAL_OPEN = "several_open"
    ONE_PHONE = "one_phone"


class Action(StrEnum):
    """`CLEAR_COPY` and `CLOSE_OURS` we do at a press; the others a person does in amoCRM."""

    CLEAR_COPY = "clear_copy"
    CLOSE_OURS = "close_ours"
    CHOOSE = "choose"
    MERGE = "merge"


OURS = (Action.CLEAR_COPY, Action.CLOSE_OURS)


@dataclass(frozen=True, slots=True)
class Double:
    """`subject` names it among those of its kind; `target` is the lead that the action is about; `why` is the
    code of the sentence that explains the choice.
    """

    kind: Kind
    subject: str
    lead_ids: tuple[int, ...] = ()
    contact_ids: tuple[int, ...] = ()
    action: Action = Action.CHOOSE
    target: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """How we know our own leads: what our creations answered, and in whose name we create."""

    made: frozenset[int] = frozenset()
    author: int = 0

    def is_ours(self, lead: Lead) -> bool:
        return lead.id in self.made or (self.author != 0 and lead.created_by == self.author)


def with_one_key(key: str, leads: Sequence[Lead], owner: int | None, origin: Origin) -> list[Double]:
    """The key belongs to the lead that drives the booking, else to the oldest; one finding for each other
    lead.
    """
    if len(leads) < 2:
        return []
    own = owner_of(leads, owner)
    return [_other(key, own, lead, origin) for lead in sorted(leads, key=_age) if lead.id != own.id]


def owner_of(leads: Sequence[Lead], linked: int | None) -> Lead:
    by_link = next((lead for lead in leads if lead.id == linked), None)
    return by_link or min(leads, key=_age)


def _other(key: str, own: Lead, other: Lead, origin: Origin) -> Double:
    pair = (own.id, other.id)
    subject = f"{key}/{other.id}"
    if origin.is_ours(other) and is_untouched(other):
        return Double(Kind.ONE_KEY, subject, pair, (), Action.CLOSE_OURS, other.id, "made_twice")
    why = "touched" if origin.is_ours(other) else "copied"
    return Double(Kind.ONE_KEY, subject, pair, (), Action.CLEAR_COPY, other.id, why)


def is_untouched(lead: Lead) -> bool:
    """Open, and nothing happened to it since it was made."""
    if lead.is_closed or lead.is_deleted or lead.created_at is None or lead.updated_at is None:
        return False
    return lead.updated_at - lead.created_at <= TOUCH_FREE


def several_open(
    leads: Iterable[Lead], driven: frozenset[int], direction_field: int | None, salon_field: int | None
) -> list[Double]:
    """Open leads without a booking, of one person, direction and salon; those that name no direction are
    what advertisements bring, and may be about anything.
    """
    groups: dict[tuple[int, tuple[str, ...], tuple[str, ...]], list[Lead]] = {}
    for lead in leads:
        direction = lead.values(direction_field)
        is_idle = not (lead.is_closed or lead.is_deleted or lead.id in driven)
        if is_idle and direction and lead.contact_ids:
            place = lead.contact_ids[0], direction, lead.values(salon_field)
            groups.setdefault(place, []).append(lead)
    return [_several(place, found) for place, found in groups.items() if len(found) > 1]


def _several(place: tuple[int, tuple[str, ...], tuple[str, ...]], leads: list[Lead]) -> Double:
    contact, direction, salon = place
    subject = f"{contact}/{'+'.join(direction)}/{'+'.join(salon)}"
    ids = tuple(lead.id for lead in sorted(leads, key=_age, reverse=True))
    return Double(Kind.SEVERAL_OPEN, subject, ids, (contact,), Action.CHOOSE, None, "newest_wins")


def with_one_phone(key: str, contact_ids: Sequence[int], open_leads: Mapping[int, int]) -> Double:
    """The one with open leads is kept, then the newest: new bookings go to it as well (row E12)."""
    kept = sorted(contact_ids, key=lambda contact: (open_leads.get(contact, 0) > 0, contact), reverse=True)
    return Double(Kind.ONE_PHONE, key, (), tuple(kept), Action.MERGE, None, "bookings_go_there")


# What we do about them


@dataclass(frozen=True, slots=True)
class Wish:
    """A deed about `lead`, which carries `key` besides lead `owner`. None: there is no such lead any more."""

    subject: str
    action: Action
    key: str
    lead: Lead | None
    owner: Lead | None
    key_field: int


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences for the notes, in the account's language."""

    copied: str
    closed: str


def decide(wish: Wish, words: Words, loss_reason: int | None = None) -> Decision:
    """From the leads as they are now: what was true when the deed was proposed may be over."""
    lead = wish.lead
    if lead is None or lead.is_deleted or wish.owner is None or wish.owner.id == lead.id:
        return Decision(wish.subject, Reason.UP_TO_DATE)
    if wish.key not in lead.values(wish.key_field):
        return Decision(wish.subject, Reason.UP_TO_DATE)
    if wish.action is Action.CLOSE_OURS and is_untouched(lead):
        return _closing(wish, lead, words, loss_reason)
    return Decision(
        wish.subject, Reason.COPY_CLEARED, _cleared(wish, lead, words.copied), details=_pair(wish)
    )


def _closing(wish: Wish, lead: Lead, words: Words, loss_reason: int | None) -> Decision:
    update = UpdateLead(
        wish.subject, lead.id, pipeline_id=lead.pipeline_id, stage_id=LOST, loss_reason_id=loss_reason,
        fields=(FieldValue(wish.key_field, None),),
    )  # fmt: skip
    note = AddNote(wish.subject, lead.id, words.closed)
    return Decision(wish.subject, Reason.DOUBLE_CLOSED, (update, note), details=_pair(wish))


def _cleared(wish: Wish, lead: Lead, text: str) -> tuple[Command, ...]:
    update = UpdateLead(wish.subject, lead.id, fields=(FieldValue(wish.key_field, None),))
    return update, AddNote(wish.subject, lead.id, text)


def _pair(wish: Wish) -> tuple[tuple[str, str], ...]:
    return (
        ("lead", str(wish.lead.id) if wish.lead else ""),
        ("owner", str(wish.owner.id) if wish.owner else ""),
    )


def _age(lead: Lead) -> tuple[datetime, int]:
    return lead.created_at or BEGINNING, lead.id
