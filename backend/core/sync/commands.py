"""What a decision asks to be done in the CRM: a closed union of plain data, and the decision that carries it.

`remembers` of a command are facts about the booking that become true in the link once this command has
succeeded. A retry
decides from what is remembered, so a plan cut in the middle never repeats its finished half.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.money import Kopecks
from backend.core.reasons import Reason

Value = str | int | tuple[str, ...] | None
Remembered = tuple[tuple[str, str], ...]  # (name, value); see booking.snapshot


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value for one custom field: text, whole number, unix seconds for dates, or several texts for a multi-
    select.
    """

    field_id: int
    value: Value


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact to be created together with its first lead. `keys` are what the person is found by later."""

    keys: tuple[str, ...]
    name: str
    phone: str = ""
    email: str = ""
    tags: tuple[str, ...] = ()
    responsible_id: int = 0


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


@dataclass(frozen=True, slots=True)
class UpdateLead:
    """Only what changes; None leaves a property alone. `pipeline_id` goes together with `stage_id`.

    `attaches` is the direction when this command makes the lead the main lead of `key`; `demotes` is the key
    of the booking
    whose link to this lead becomes history at the same moment.
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


@dataclass(frozen=True, slots=True)
class AddNote:
    """A note on the lead of booking `key`; `lead_id` is None while that lead is being created by the same
    plan.
    """

    key: str
    lead_id: int | None
    text: str
    remembers: Remembered = ()


@dataclass(frozen=True, slots=True)
class AddTask:
    """A task on the lead of booking `key`, due at `due`."""

    key: str
    lead_id: int | None
    text: str
    due: datetime
    responsible_id: int
    remembers: Remembered = ()


Command = CreateLead | UpdateLead | AddNote | AddTask


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one subject and why. `details` fill the placeholders of the reason's text.

    `version` is the newest change of the booking that this decision knows of; `remembers` are stored even
    when no command is
    needed; `notices` are things a person should see once («категория не сопоставлена»): (code, key).
    """

    subject: str
    reason: Reason
    commands: tuple[Command, ...] = ()
    version: datetime | None = None
    remembers: Remembered = ()
    details: tuple[tuple[str, str], ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
