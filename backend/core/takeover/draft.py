"""A draft of our configuration out of what was measured: what the other integration does today, part by part.
Each part is a change that a person accepts or leaves; nothing of it starts to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from backend.core.crm import CrmSchema
from backend.core.learning import proposals
from backend.core.learning.proposals import Kind, Proposal
from backend.core.rules import configuration_changes
from backend.core.rules.configuration import Branch, Configuration, FieldName, Mode
from backend.core.rules.configuration_schema import FIELD_TYPES
from backend.core.takeover import recognition
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import LEADS, Place, Recognition, What


class Part(StrEnum):
    """In the order in which they build upon one another."""

    BRANCHES = "branches"
    DIRECTIONS = "directions"
    STAGES = "stages"
    ROUTES = "routes"
    TRIGGERS = "triggers"
    FIELDS = "fields"


SECTIONS: Mapping[Part, tuple[str, ...]] = {
    Part.BRANCHES: ("branches",),
    Part.DIRECTIONS: ("directions", "routes"),
    Part.STAGES: ("routes",),
    Part.ROUTES: ("routes",),
    Part.TRIGGERS: ("routes",),
    Part.FIELDS: ("fields",),
}
KINDS = {
    Part.DIRECTIONS: Kind.CATEGORY,
    Part.STAGES: Kind.STAGE,
    Part.ROUTES: Kind.PERSON,
    Part.TRIGGERS: Kind.TRIGGER,
}
# Our fields that hold the same as a place of the other integration.
OURS: Mapping[What, FieldName] = {
    What.RECORD_ID: FieldName.RECORD_ID,
    What.VISIT_ID: FieldName.VISIT_ID,
    What.SALON: FieldName.SALON,
    What.SERVICE_TITLES: FieldName.SERVICES,
    What.CATEGORY: FieldName.CATEGORIES,
    What.STAFF: FieldName.MASTER,
    What.DATE: FieldName.VISIT_AT,
    What.COMMENT: FieldName.COMMENT,
    What.PRICE: FieldName.PLANNED,
}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of ours that would be filled into theirs. `current` is what is chosen now."""

    name: FieldName
    place: Place
    is_known: bool

    @property
    def key(self) -> str:
        return f"field:{self.name}"


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A salon whose bookings were found, and what would be said of it."""

    company_id: int
    title: str
    bookings: int
    is_known: bool

    @property
    def key(self) -> str:
        return f"branch:{self.company_id}"


Line = Proposal | FieldLine | BranchLine


@dataclass(frozen=True, slots=True)
class Sources:
    """What a draft is made of; `salons`: number → title of every salon that is connected."""

    profile: Profile
    recognition: Recognition
    rules: Configuration
    schema: CrmSchema
    salons: Mapping[int, str]


def lines(given: Sources) -> dict[Part, tuple[Line, ...]]:
    """What can be said of each part; parts of which nothing can are left out."""
    found: dict[Part, tuple[Line, ...]] = {Part.BRANCHES: _branches(given)}
    whole = _with_branches(given.rules, _branches(given))
    told = proposals.proposals(given.profile.behaviour.learned, whole, given.schema)
    for part, kind in KINDS.items():
        found[part] = tuple(one for one in told if one.kind is kind)
    found[Part.FIELDS] = _fields(given)
    return {part: found[part] for part in Part if found[part]}


def name(line: Line) -> str:
    """What a form calls it by."""
    return line.name if isinstance(line, Proposal) else line.key


def is_offered(line: Line) -> bool:
    return line.is_offered if isinstance(line, Proposal) else not line.is_known


def accepted(given: Sources, part: Part, chosen: Iterable[Line], now: Configuration) -> Configuration:
    """The configuration of `now` with these lines of one part in it. No salon begins to write by this."""
    picked = list(chosen)
    match part:
        case Part.BRANCHES:
            return _with_branches(now, (one for one in picked if isinstance(one, BranchLine)))
        case Part.FIELDS:
            mine = {one.name: one.place.field_id for one in picked if isinstance(one, FieldLine)}
            return replace(now, fields={**now.fields, **mine})
        case _:
            told = [one for one in picked if isinstance(one, Proposal)]
            return proposals.accepted(now, told, given.schema)


def draft(given: Sources) -> dict[str, object]:
    """Every part that is offered, as our document has it."""
    rules, touched = given.rules, dict.fromkeys(("branches",))
    for part, told in lines(given).items():
        offered = [one for one in told if is_offered(one)]
        if offered:
            rules = accepted(given, part, offered, rules)
            touched |= dict.fromkeys(SECTIONS[part])
    document = configuration_changes.render(rules)
    return {section: document[section] for section in touched}


# Salons


def _branches(given: Sources) -> tuple[BranchLine, ...]:
    """Connected salons of which bookings were found; one that we write for already stays as it is."""
    counts = {key[0]: row.total() for key, row in given.profile.behaviour.leads_of_booking.items()}
    found = []
    for salon, title in sorted(given.salons.items()):
        branch = given.rules.branch(salon)
        is_known = branch is not None and branch.mode is not Mode.OFF
        if salon in counts:
            found.append(BranchLine(salon, title, counts[salon], is_known))
    return tuple(found)


def _with_branches(rules: Configuration, lines_: Iterable[BranchLine]) -> Configuration:
    """Looked at, never written for: that is what the switch of a salon is for."""
    for line in lines_:
        branch = rules.branch(line.company_id)
        if branch is None:
            rules = replace(rules, branches=(*rules.branches, Branch(line.company_id, line.title)))
        elif branch.mode is Mode.OFF:
            seen = replace(branch, mode=Mode.OBSERVE)
            rules = replace(rules, branches=tuple(seen if one is branch else one for one in rules.branches))
    return rules


# Fields


def _fields(given: Sources) -> tuple[FieldLine, ...]:
    """Our field into theirs, where the type of theirs takes what we write; the surest of several."""
    types = {one.id: one.type for one in given.schema.lead_fields}
    places = [*given.recognition.places]
    found: dict[FieldName, FieldLine] = {}
    for place in sorted(places, key=lambda one: (-one.share, -one.count, one.field_id)):
        ours = OURS.get(place.what)
        if ours is None or place.entity != LEADS or place.kind is not recognition.Kind.FIELD:
            continue
        if types.get(place.field_id) in FIELD_TYPES[ours] and not place.shift:
            is_known = given.rules.fields.get(ours) == place.field_id
            found.setdefault(ours, FieldLine(ours, place, is_known))
    return tuple(found[one] for one in FieldName if one in found)
