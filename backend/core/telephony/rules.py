"""What a company has said about its calls: the section `telephony` of the configuration. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum


class MissedTo(StrEnum):
    """Who answers for a missed call: strategies, tried in order until one names somebody who works here."""

    RESPONSIBLE = "responsible"  # of the client's contact
    LAST_TALKER = "last_talker"  # who talked with this client last
    FIRST_RUNG = "first_rung"
    LAST_RUNG = "last_rung"
    LINE = "line"  # the line's `missed_user_id`
    LINE_DEFAULT = "line_default"  # the line's `default_user_id`
    FIRST = "first"  # `first_responsible_id` of the rules


class RingTo(StrEnum):
    """Whom to ring for an inbound call: steps of the distribution order."""

    RESPONSIBLE = "responsible"
    LAST_TALKER = "last_talker"
    LINE_DEFAULT = "line_default"
    FIRST = "first"
    EVERYBODY = "everybody"  # all people of the account with a phone


class LogAs(StrEnum):
    """`call`: amoCRM places it by number. `notes`: on the contact and all its open leads, by us."""

    CALL = "call"
    NOTES = "notes"


class Entity(StrEnum):
    LEAD = "lead"
    CONTACT = "contact"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Person:
    """A CRM user and the phones that are theirs: `extension` is what others dial, `phones` are endpoints
    besides it. The rest overrides `Dialling`, and a line's own, for this user when it is not empty."""

    user_id: int
    extension: str
    phones: tuple[str, ...] = ()
    pbx: str = ""  # code of a PBX; "": any
    channel: str = ""
    caller_id: str = ""
    context: str = ""
    opens_cards: bool = False
    timeout: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)  # besides those of all

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.extension, *self.phones)))


@dataclass(frozen=True, slots=True)
class Line:
    """A trunk, or one number (DID) of it, and where its calls belong. "" or None: no word about it. `context`
    and what follows override `Dialling` for a click-to-call through this line.
    """

    trunk: str
    did: str = ""
    pbx: str = ""
    title: str = ""
    pipeline_id: int | None = None
    stage_id: int | None = None
    default_user_id: int | None = None
    missed_user_id: int | None = None
    incoming: bool | None = None  # «Неразобранное» for new clients of this line
    tags: tuple[str, ...] = ()
    fields: Mapping[int, str] = field(default_factory=dict)  # lead field id → template
    context: str = ""
    channel: str = ""
    caller_id: str = ""
    timeout: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_own_dialling(self) -> bool:
        return bool(self.context or self.channel or self.caller_id or self.timeout or self.variables)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """`pattern` over the digits of a number («8XXXXXXXXXX»; X any digit, . any rest), `result` with {rest}
    or {number}; the first that fits wins."""

    pattern: str
    result: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Working time by weekday (0 = Monday), in the account's zone; a day without an entry is free."""

    days: Mapping[int, tuple[time, time]] = field(default_factory=dict)  # empty: always


@dataclass(frozen=True, slots=True)
class Missed:
    """The task for a missed call. `minutes` are working minutes until its deadline."""

    is_on: bool = True
    text: str = ""  # "": the built-in words
    minutes: int = 15
    to: tuple[MissedTo, ...] = (MissedTo.RESPONSIBLE, MissedTo.LINE, MissedTo.LINE_DEFAULT, MissedTo.FIRST)
    counts_lost: bool = False  # talked, then lost in a transfer
    hidden: bool = False  # a caller without a number
    closes: bool = True  # by itself, after a talk in either direction


@dataclass(frozen=True, slots=True)
class Dialling:
    """A click-to-call. Placeholders of `channel` and `caller_id`: {extension}, {number}."""

    is_on: bool = True
    context: str = "from-crm"
    channel: str = "PJSIP/{extension}"
    caller_id: str = '"{number}" <{extension}>'
    timeout: int = 30  # seconds the operator's own phone rings
    variables: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[NumberFormat, ...] = ()
    per_minute: int = 10
    per_hour: int = 60
    countries: tuple[str, ...] = ("7",)  # country codes that may be called; empty: all
    short_numbers: tuple[str, ...] = ()  # internal numbers outside of `people` that may be called


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Data of a call into a field of the lead or contact; placeholders as in core/templates."""

    entity: Entity
    field_id: int
    template: str
    only_empty: bool = False


@dataclass(frozen=True, slots=True)
class Recordings:
    """Where a recording lies: `source` folder | http | sftp; `path` with {year} {month} {day} {name} {uniq};
    secrets of http and sftp belong to the PBX's connection."""

    is_on: bool = True
    source: str = "folder"
    path: str = "{year}/{month}/{day}/{name}"
    mp3: bool = True
    keep_days: int = 1095


class Result(StrEnum):
    """What amoCRM is told of an outbound call that nobody answered; «talked» can only have happened."""

    LEFT_MESSAGE = "left_message"
    CALL_BACK = "call_back"
    NOT_IN_PLACE = "not_in_place"
    WRONG_NUMBER = "wrong_number"
    NO_ANSWER = "no_answer"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class ResultRule:
    """What an own provider means by a dial status and a hangup cause; "" and None: whatever it is."""

    result: Result
    dial_status: str = ""
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """An added function of the installation, by the name of its entry point."""

    name: str
    is_on: bool = False
    milliseconds: int = 200


@dataclass(frozen=True, slots=True)
class TelephonyRules:
    """Everything is off until `is_on`. `white` and `black` are internal numbers: «101», «100-199», «1XX»."""

    is_on: bool = False
    people: tuple[Person, ...] = ()
    lines: tuple[Line, ...] = ()
    first_responsible_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    contact_in: bool = True
    contact_out: bool = True
    lead_in: bool = True
    lead_out: bool = False
    incoming: bool = False
    log: LogAs = LogAs.CALL
    card: bool = True  # our own, in the widget
    notice: bool = True  # amoCRM's own
    ring: tuple[RingTo, ...] = (RingTo.RESPONSIBLE, RingTo.LAST_TALKER, RingTo.LINE_DEFAULT)
    rings_busy: bool = False
    hours: Hours = Hours()
    missed: Missed = Missed()
    white: tuple[str, ...] = ()
    black: tuple[str, ...] = ()
    own_numbers: tuple[str, ...] = ()
    formats: tuple[NumberFormat, ...] = ()  # before the CRM
    dialling: Dialling = Dialling()
    fields: tuple[FieldRule, ...] = ()
    recordings: Recordings = Recordings()
    hooks: tuple[Hook, ...] = ()
    results: tuple[ResultRule, ...] = ()  # the first that fits; none: as telephony.md §7 has it

    def person(self, phone: str, pbx: str = "") -> Person | None:
        """Whose phone an endpoint is."""
        fits = (p for p in self.people if phone in p.endpoints and p.pbx in ("", pbx))
        return next(fits, None) if phone else None

    def person_of(self, user_id: int, pbx: str = "") -> Person | None:
        return next((p for p in self.people if p.user_id == user_id and p.pbx in ("", pbx)), None)

    def user(self, phone: str, pbx: str = "") -> int | None:
        person = self.person(phone, pbx)
        return person.user_id if person else None

    def line(self, trunk: str, did: str, pbx: str = "") -> Line | None:
        """The most particular one: trunk and number, then the trunk alone."""
        fits = [n for n in self.lines if n.trunk == trunk and n.did in ("", did) and n.pbx in ("", pbx)]
        return max(fits, key=lambda line: (bool(line.did), bool(line.pbx)), default=None)

    def trunks(self, pbx: str = "") -> frozenset[str]:
        return frozenset(line.trunk for line in self.lines if line.pbx in ("", pbx))
