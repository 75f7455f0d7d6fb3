"""What a decision about a call asks to be done in the CRM: a closed union of plain data.

`uniq` is the call's one id; whatever a command makes is found again by it. An `entity_id` or `contact` of
None is what the same plan makes one step earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.crm_values import FieldValue, NewContact
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity


@dataclass(frozen=True, slots=True)
class MakeContact:
    """A person whom nobody knew, without a lead."""

    uniq: str
    contact: NewContact


@dataclass(frozen=True, slots=True)
class MakeLead:
    """A lead that begins with this call; `contact` is there already, or is made with it. A lead of a company
    has none.
    """

    uniq: str
    contact: int | NewContact | None
    name: str
    pipeline_id: int
    stage_id: int
    responsible_id: int
    fields: tuple[FieldValue, ...] = ()
    tags: tuple[str, ...] = ()
    company_id: int | None = None

    @property
    def key(self) -> str:
        """The value of our key field: by it the lead is found again after a cut."""
        return key_of(self.uniq)


@dataclass(frozen=True, slots=True)
class Logged:
    """A call as a card of the CRM has it. `status` is amoCRM's `call_status`; `user_id` whose call it is:
    responsible, author and «who» at once, else its statistics do not count it; `who` names the phone when
    it is nobody's. `link`: of the first recording, the others stand in `result`.
    """

    way: Way
    number: str
    at: datetime
    seconds: int
    status: int | None
    user_id: int | None = None
    who: str = ""
    link: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class MakeIncoming:
    """The call into «Неразобранное» (sip): a person takes it, and contact and lead come of that."""

    uniq: str
    logged: Logged
    contact: NewContact
    name: str
    pipeline_id: int
    fields: tuple[FieldValue, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogCall:
    """The call, placed by amoCRM itself by its number."""

    uniq: str
    logged: Logged


@dataclass(frozen=True, slots=True)
class NoteCall:
    """The call as a note on one entity. `counts`: this one stands for the call in amoCRM's statistics; the
    others are copies without an author.
    """

    uniq: str
    entity: Entity
    entity_id: int | None
    logged: Logged
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveContact:
    """A contact (and leads) that somebody made while we were talking: whose they are now."""

    uniq: str
    contact_id: int
    user_id: int
    lead_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FillFields:
    """Data of the call into fields of a lead or contact that was there before."""

    uniq: str
    entity: Entity
    entity_id: int
    fields: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True)
class AddMissedTask:
    """Call back until `due`. `entity` None: a caller without a number, the task stands alone."""

    uniq: str
    entity: Entity | None
    entity_id: int | None
    text: str
    due: datetime
    responsible_id: int


@dataclass(frozen=True, slots=True)
class CloseMissedTask:
    """The client was talked with: a task of ours is done. `text` is its result."""

    uniq: str
    task_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Something a person should see once: a code with a text, what it is about, its blanks."""

    uniq: str
    code: str
    about: str = ""
    details: tuple[tuple[str, str], ...] = ()


CallCommand = (
    MakeContact | MakeLead | MakeIncoming | LogCall | NoteCall | GiveContact | FillFields | AddMissedTask
    | CloseMissedTask | Notify
)  # fmt: skip


def key_of(uniq: str) -> str:
    return f"call:{uniq}"
