"""What a decision about a call may look at (gathered by flows/telephony/after/facts.py); what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.core.crm import Contact, Lead
from backend.core.salon import DEFAULT_ZONE
from backend.core.telephony.after.commands import CallCommand
from backend.core.telephony.call import Call
from backend.core.telephony.rules import Entity

SOURCE = "mostik"  # what amoCRM calls the telephony a call came from


class CallReason(StrEnum):
    """Why a call ended where it did. Each has a sentence in texts/ under `call_reason.<value>`."""

    LOGGED = "logged"
    NOTED = "noted"
    NEW_CLIENT = "new_client"
    NEW_LEAD = "new_lead"
    INCOMING = "incoming"
    SUPPLEMENTED = "supplemented"
    UP_TO_DATE = "up_to_date"
    HIDDEN = "hidden"
    REFUSED = "refused"
    UNREACHED = "unreached"
    OFF = "off"
    GOING_ON = "going_on"
    INTERNAL = "internal"
    UNKNOWN_WAY = "unknown_way"
    EXCLUDED = "excluded"
    OWN_NUMBER = "own_number"
    HOOK_SKIPPED = "hook_skipped"


@dataclass(frozen=True, slots=True)
class Hooked:
    """What the functions added to this installation said of the call. None, "": no word about it. `skip` is
    the name of the one that wants it ignored; `task` False wants no task for a missed call.
    """

    skip: str = ""
    number: str = ""
    responsible_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    task: bool | None = None
    task_text: str = ""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task of ours for a missed call of this client that nobody has done yet."""

    id: int
    uniq: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What became of this call already. `notes` and `filled`: (entity, id); an id that is here is not made
    anew even when people have deleted it since. `is_refused`: amoCRM did not find anybody with the number.
    """

    contact_id: int | None = None
    lead_id: int | None = None
    incoming: str = ""
    is_logged: bool = False
    is_refused: bool = False
    notes: frozenset[tuple[Entity, int]] = frozenset()
    filled: frozenset[tuple[Entity, int]] = frozenset()
    given: frozenset[int] = frozenset()
    task_id: int | None = None
    closed: frozenset[int] = frozenset()
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CallFacts:
    """`number` is the client's as numbers.client has it, "" when hidden. `contact` and `responsible_id` from
    the mirror, `open_leads` of that contact. `incoming_lead`: a lead of this number that still waits in
    «Неразобранное». `company_id`: nobody has the number but this company; `open_leads` are then its own.
    `last_talker_id`: who talked with this client in an earlier call. `talked_since`: when
    somebody talked with the client after this call (the first such moment).

    `users`: who works there (id → name), empty while unknown. `entry_stages`: pipeline → where a lead
    begins; `main_pipeline_id`: the account's. `links` to the recordings, in order.
    """

    call: Call
    now: datetime
    number: str
    pbx: str = ""
    pbx_title: str = ""
    zone: str = DEFAULT_ZONE
    contact: Contact | None = None
    responsible_id: int | None = None
    open_leads: tuple[Lead, ...] = ()
    incoming_lead: int | None = None
    company_id: int | None = None
    last_talker_id: int | None = None
    talked_since: datetime | None = None
    open_task: OpenTask | None = None
    users: Mapping[int, str] = field(default_factory=dict)
    entry_stages: Mapping[int, int] = field(default_factory=dict)
    main_pipeline_id: int | None = None
    links: tuple[str, ...] = ()
    hooked: Hooked = Hooked()
    written: Written = Written()

    @property
    def leads_then(self) -> tuple[Lead, ...]:
        """Open leads that were there during the call, or came of it: a later one is not about this call."""
        end = self.call.ended_at
        return tuple(
            lead
            for lead in self.open_leads
            if lead.id == self.written.lead_id
            or end is None
            or lead.created_at is None
            or lead.created_at <= end
        )

    def works(self, user_id: int | None) -> bool:
        """Whether this user can be given something; nobody is refused while the users are unknown."""
        return bool(user_id) and (not self.users or user_id in self.users)


@dataclass(frozen=True, slots=True)
class Why:
    """One rule that spoke: `telephony_why.<rule>.<chosen>` is its sentence, `details` fill the blanks."""

    rule: str
    chosen: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CallDecision:
    """Why, and what to do, in this order."""

    reason: CallReason
    commands: tuple[CallCommand, ...] = ()
    why: tuple[Why, ...] = ()
