"""What a decision asks to be done in the CRM: a closed union of plain data, and the decision that carries it.

`remembers` of a command are facts about the booking that become true in the link once this command has
succeeded. A retry decides from what is remembered, so a plan cut in the middle never repeats its finished
half. `share` names the link of booking `key` that a command is about (core/sync/links.py); "" is the main
one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.crm_values import FieldValue, NewContact, Remembered, Value
from backend.core.money import Kopecks
from backend.core.reasons import Reason

__all__ = ["FieldValue", "NewContact", "Remembered", "Value"]


@dataclass(frozen=True, slots=True)
class CreateLead:
    """A new lead for booking `key`; never sent before the key was looked for."""

    key: str
    direction: str
    name: str
    pipeline_id: int
    stage_id: int
    responsible_id: int
    price: Kopecks
    contact: int | NewContact
    fields: tuple[FieldValue, ...] = ()
    tags: tuple[str, ...] = ()
    remembers: Remembered = ()
    share: str = ""


@dataclass(frozen=True, slots=True)
class UpdateLead:
    """Only what changes; None leaves a property alone. `pipeline_id` goes together with `stage_id`; `tags`
    are added.

    `attaches` is the direction when this command gives the lead to `key`; `demotes` is the slot of the link
    to this lead that becomes history at the same moment; `redirects` is the new direction of a link
    that stays; `releases`: the booking gives the lead up; `accepts`: it is taken
    out of «Неразобранное» first.
    """

    key: str
    lead_id: int
    name: str | None = None
    price: Kopecks | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    loss_reason_id: int | None = None
    fields: tuple[FieldValue, ...] = ()
    attaches: str | None = None
    demotes: str | None = None
    remembers: Remembered = ()
    share: str = ""
    tags: tuple[str, ...] = ()
    redirects: str | None = None
    releases: bool = False
    accepts: bool = False


@dataclass(frozen=True, slots=True)
class AddNote:
    """A note on the lead of booking `key`; `lead_id` is None while that lead is being created by the same
    plan.
    """

    key: str
    lead_id: int | None
    text: str
    remembers: Remembered = ()
    share: str = ""


@dataclass(frozen=True, slots=True)
class AddTask:
    """A task on the lead of booking `key`, due at `due`."""

    key: str
    lead_id: int | None
    text: str
    due: datetime
    responsible_id: int
    remembers: Remembered = ()
    share: str = ""


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Only what changes. `phones` and `tags` are added to what the contact has; `cards` are client cards that
    it is found by from now on; `applied` is remembered with the contact: what we wrote last (name → text).
    """

    key: str
    contact_id: int
    name: str | None = None
    phones: tuple[str, ...] = ()
    fields: tuple[FieldValue, ...] = ()
    tags: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    applied: Remembered = ()
    remembers: Remembered = ()


@dataclass(frozen=True, slots=True)
class ReplaceContact:
    """Another person is the lead's main contact now: one that is there, or one to be made; the former one
    leaves.
    """

    key: str
    lead_id: int
    contact: int | NewContact
    former_id: int | None = None
    remembers: Remembered = ()
    share: str = ""


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A service as an element of the products catalogue; `ref` is our name of it there."""

    ref: str
    title: str
    price: Kopecks
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class LinkProducts:
    """The services of booking `key` as products of its lead (None: made by the same plan). `gone` are refs of
    those that it had before.
    """

    key: str
    lead_id: int | None
    lines: tuple[ProductLine, ...]
    gone: tuple[str, ...] = ()
    remembers: Remembered = ()


Command = CreateLead | UpdateLead | AddNote | AddTask | UpdateContact | ReplaceContact | LinkProducts


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one subject and why. `details` fill the placeholders of the reason's text.

    `version` is the newest change of the booking that this decision knows of; `remembers` are stored even
    when no command is needed; `notices` are things a person should see once («категория не сопоставлена»):
    (code, key). `wait`: too early, decide again then. `joins` is the lead of the booking that leads
    the same visit (`leader`); `wakes` are bookings that have to be decided again because of this decision.
    `look_at`: when time alone may ask for something, whoever tells of the booking (core/sync/tasks.py).
    `leaves`: the booking goes with another one's lead no longer, and has none of its own.
    `considered`: open leads of the person and what was thought of each (matching.considered).
    """

    subject: str
    reason: Reason
    commands: tuple[Command, ...] = ()
    version: datetime | None = None
    remembers: Remembered = ()
    details: tuple[tuple[str, str], ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    wait: timedelta | None = None
    joins: int | None = None
    leader: str = ""
    leaves: bool = False
    wakes: tuple[str, ...] = ()
    look_at: datetime | None = None
    considered: tuple[tuple[int, str], ...] = ()
