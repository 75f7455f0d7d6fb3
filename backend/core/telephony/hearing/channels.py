"""What a channel is: one of our phones, a trunk to the world, half of a Local pair, or nothing of a call. Its
endpoint decides, never the length of a number; only a phone that nobody has named is told by its look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.core.telephony.rules import TelephonyRules

NOT_OF_CALLS = frozenset(
    {"Message", "Surrogate", "ConfBridge", "CBAnn", "CBRec", "Announcer", "Recorder", "Bridge", "Snoop",
     "MulticastRTP", "UnicastRTP"}
)  # fmt: skip
ASIDE = re.compile(r"^(AsyncGoto|Transfered|Parked)/")  # a channel in the middle of a Redirect: the same one
PHONE = re.compile(r"^[1-9]\d{1,4}$")


class Kind(StrEnum):
    LOCAL = "local"
    TRUNK = "trunk"
    PHONE = "phone"
    OTHER = "other"
    SERVICE = "service"  # conferences' own voices and the like


@dataclass(frozen=True, slots=True)
class FoldRules:
    """Endpoints that are trunks and phones by the company's rules. A short number that is no known trunk is a
    phone although nobody is named for it: an answer by it is an answer. While no trunk is known, a name is
    taken for one.
    """

    trunks: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rules: TelephonyRules, pbx: str = "") -> FoldRules:
        people = (person for person in rules.people if person.pbx in ("", pbx))
        phones = frozenset(phone for person in people for phone in person.endpoints if phone)
        trunks = rules.trunks(pbx)
        return cls(trunks, phones - trunks)


@dataclass(frozen=True, slots=True)
class Channel:
    """`told` are the events that were heard of it, so that none counts twice. `asked_for`: what the caller
    that dialled it had been asked for, when the dial string names no number.
    """

    uid: str
    name: str
    kind: Kind
    who: str
    began_at: datetime
    number: str = ""
    exten: str = ""
    linked: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    recordings: tuple[str, ...] = ()
    rung_at: datetime | None = None
    is_ringing: bool = False
    ring_ended_at: datetime | None = None
    dialled: str = ""
    asked_for: str = ""
    status: str = ""
    is_up: bool = False
    bridge: str = ""
    ended_at: datetime | None = None
    cause: int = 0
    tech_cause: str = ""
    told: frozenset[tuple[object, ...]] = frozenset()


def parts(name: str) -> tuple[str, str]:
    """«PJSIP/msk-0000001f» → (PJSIP, msk); «DAHDI/i1/79990001122-5» → (DAHDI, i1); the endpoint may have
    hyphens of its own.
    """
    technology, _, rest = ASIDE.sub("", name).partition("/")
    if technology == "Local":
        return technology, rest.rpartition("-")[0] or rest
    endpoint = rest.rpartition("-")[0] or rest
    return technology, endpoint.partition("/")[0] if technology == "DAHDI" else endpoint


def number_in(name: str) -> str:
    """The number that DAHDI puts into the name of an outbound channel."""
    technology, _, rest = ASIDE.sub("", name).partition("/")
    return rest.rpartition("-")[0].partition("/")[2] if technology == "DAHDI" else ""


def pair_of(name: str) -> str:
    """What both halves of a Local pair have in common."""
    return name.rpartition(";")[0]


def kind_of(name: str, rules: FoldRules) -> Kind:
    technology, endpoint = parts(name)
    if technology == "Local":
        return Kind.LOCAL
    if technology in NOT_OF_CALLS or not endpoint:
        return Kind.SERVICE
    if endpoint in rules.trunks:
        return Kind.TRUNK
    if endpoint in rules.phones or PHONE.match(endpoint):
        return Kind.PHONE
    return Kind.OTHER if rules.trunks else Kind.TRUNK
