"""Everything that was measured of another integration, and the recognition that follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.core.crm import Contact, Lead
from backend.core.salon import Booking
from backend.core.takeover import behaviour, fields, marks, tags, writer
from backend.core.takeover.behaviour import Behaviour
from backend.core.takeover.fields import Finding, Tally
from backend.core.takeover.marks import Shapes
from backend.core.takeover.recognition import CONTACTS, LEADS, Kind, Place, Recognition, What
from backend.core.takeover.tags import Tags
from backend.core.takeover.values import Own
from backend.core.takeover.writer import Traces

Whats = Mapping[str, frozenset[str]]


@dataclass
class Profile:
    """`since` is when the first booking that was found was entered: what is older has nothing to be held
    against. `looked` counts what was looked at, by collection.
    """

    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)
    notes: Shapes = field(default_factory=Shapes)
    tags: Tags = field(default_factory=Tags)
    behaviour: Behaviour = field(default_factory=Behaviour)
    traces: Traces = field(default_factory=Traces)
    looked: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None

    def begin(self, booking: Booking) -> None:
        self.looked["records"] += 1
        if self.since is None or booking.created_at < self.since:
            self.since = booking.created_at

    def is_covered(self, made_at: datetime | None) -> bool:
        return self.since is not None and made_at is not None and made_at >= self.since

    def lead(self, lead: Lead, bookings: Sequence[Booking], own: Own | None, whats: Whats) -> None:
        """`bookings` are those of its person, `own` what they would look like; None: nobody is known."""
        self.looked["leads"] += 1
        near = behaviour.mate(lead, bookings)
        is_quick = near is not None and behaviour.is_quick(near, lead)
        self.traces.lead(lead.created_by, lead.updated_by, is_quick=is_quick)
        if near is not None and is_quick:
            self.tags.add(lead, near)
        for field_id, value in lead.fields:
            if value:
                self._tally(LEADS, field_id).add(value, whats, own, near)

    def contact(self, contact: Contact, own: Own | None, whats: Whats) -> None:
        self.looked["contacts"] += 1
        for field_id, value in contact.fields or ():
            if value:
                self._tally(CONTACTS, field_id).add(value, whats, own, None)

    def note(self, text: str, author_id: int, own: Own | None, whats: Whats) -> None:
        self.looked["notes"] += 1
        self.notes.add(text, whats, own)
        numbers = {number for _, found in marks.shapes(text) for number in found}
        if any(What.RECORD_ID in whats.get(number, ()) for number in numbers):
            self.traces.notes[author_id] += 1

    def _tally(self, entity: str, field_id: int) -> Tally:
        return self.tallies.setdefault((entity, field_id), Tally())


def recognised(profile: Profile) -> Recognition:
    """What is sure; a person may add to it and take away."""
    places = [one.place for one in fields.findings(profile.tallies) if one.is_sure]
    places += note_places(profile)
    places += tags.places(profile.tags)
    return Recognition(writer.identified(profile.traces), tuple(one for one in places if one))


def note_places(profile: Profile) -> list[Place | None]:
    return [one.place for one in note_findings(profile) if one.is_sure]


def note_findings(profile: Profile) -> list[Finding]:
    """What is said of each shape that notes have."""
    found = [one for one in marks.guesses(profile.notes) if one.share >= fields.TOLD]
    return [Finding(LEADS, 0, one.count, (), one, Kind.NOTE) for one in found]


# As plain data


def written(profile: Profile) -> dict[str, Any]:
    return {
        "tallies": fields.written_all(profile.tallies),
        "notes": marks.written(profile.notes),
        "tags": tags.written(profile.tags),
        "behaviour": behaviour.written(profile.behaviour),
        "traces": writer.written(profile.traces),
        "looked": dict(profile.looked),
        "since": profile.since.isoformat() if profile.since else None,
    }


def restored(data: Mapping[str, Any]) -> Profile:
    """The profile that `written` wrote down; an empty one out of nothing."""
    if not data:
        return Profile()
    return Profile(
        fields.restored_all(data["tallies"]),
        marks.restored(data["notes"]),
        tags.restored(data["tags"]),
        behaviour.restored(data["behaviour"]),
        writer.restored(data["traces"]),
        Counter(data["looked"]),
        datetime.fromisoformat(data["since"]) if data["since"] else None,
    )
