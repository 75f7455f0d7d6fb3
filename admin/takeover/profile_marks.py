"""The places of the profile as a form shows them, and what a person said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from admin import pages
from admin.names import Names
from backend import texts
from backend.core.takeover import fields, profile
from backend.core.takeover.fields import Finding
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import CONTACTS, Kind, Place, Recognition, What

NOTHING = "nothing"
MOST_NOTES = 8
# What a person may say of a field; of dates and states the measurement says more than a word could.
SAYABLE = (
    What.RECORD_ID, What.VISIT_ID, What.DOCUMENT_ID, What.CLIENT_ID, What.COMPANY_ID, What.SALON,
    What.SERVICE_TITLES, What.CATEGORY, What.STAFF, What.PHONE, What.PRICE, What.COMMENT,
    What.CLIENT_NAME, What.SERVICE_ID, What.STAFF_ID,
)  # fmt: skip

Said = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A field or a shape of notes: what was measured, and the place that is held to be true."""

    finding: Finding
    held: Place | None

    @property
    def name(self) -> str:
        """What the form calls it by, whatever is said of it."""
        place = self.finding.place
        pattern = place.pattern if place and self.is_note else ""
        return f"{self.finding.entity}:{self.finding.field_id or pattern}"

    @property
    def is_note(self) -> bool:
        return self.finding.kind is Kind.NOTE

    @property
    def is_contact(self) -> bool:
        return self.finding.entity == CONTACTS

    @property
    def is_said(self) -> bool:
        """Held to be true against what was measured."""
        guess = self.finding.guess
        return self.held is not None and (guess is None or guess.what != self.held.what)

    @property
    def place(self) -> Place | None:
        return self.held or self.finding.place

    @property
    def options(self) -> tuple[What, ...]:
        """What may be said of it; a shape of notes is what it is, or nothing."""
        own = (self.place.what,) if self.place else ()
        return own if self.is_note else (*(one for one in own if one not in SAYABLE), *SAYABLE)


def lines(found: Profile, known: Recognition) -> list[Line]:
    """What is held to be true first, then the likeliest; fields of contacts after those of leads."""
    findings = [*fields.findings(found.tallies), *profile.note_findings(found)[:MOST_NOTES]]
    held = {_spot(place): place for place in known.places}
    told = [Line(one, held.get(_spot_of(one))) for one in findings]
    return sorted(told, key=lambda line: (line.held is None, line.is_contact))


def _spot(place: Place) -> tuple[str, bool, int | str]:
    """Where it stands, whatever stands there."""
    return place.entity, place.kind is Kind.NOTE, place.field_id or place.pattern


def _spot_of(finding: Finding) -> tuple[str, bool, int | str]:
    pattern = finding.guess.pattern if finding.guess else ""
    return finding.entity, finding.kind is Kind.NOTE, finding.field_id or pattern


def tags(known: Recognition, measured: Recognition) -> list[Place]:
    """Those held to be true, and those that were measured and taken away."""
    named = {place.name: place for place in (*measured.places, *known.places) if place.kind is Kind.TAG}
    return list(named.values())


def said(found: Profile, known: Recognition, measured: Recognition, form: Said) -> list[Place]:
    """Every place as the form leaves it; one that it does not show stays."""
    told = lines(found, known)
    shown = {_spot_of(line.finding) for line in told}
    places = [_said(line, form.get(f"what:{line.name}", ""), found) for line in told]
    places += [one for one in known.places if one.kind is not Kind.TAG and _spot(one) not in shown]
    ticked = set(form.getlist("tag"))
    places += [one for one in tags(known, measured) if one.name in ticked]
    return [one for one in places if one]


def _said(line: Line, word: str, found: Profile) -> Place | None:
    if word == NOTHING:
        return None
    if line.place is not None and word == line.place.what:
        return line.place
    if word not in line.options:
        return line.held
    return _renamed(line.finding, What(word), found)


def _renamed(finding: Finding, what: What, found: Profile) -> Place:
    """It holds something else than was measured: with the share that is true of it."""
    tally = found.tallies[finding.entity, finding.field_id]
    share = max(tally.hits[what], tally.own[what]) / tally.count
    return Place(Kind.FIELD, finding.field_id, what, "", round(share, 4), tally.count, finding.entity)


def told(known: Recognition, names: Names) -> dict[str, Any]:
    """For the trail: place → what is there, in the words of the panel."""
    lang = pages.language()
    shown: Mapping[str, str] = {
        names.field(one.field_id) if one.field_id else one.pattern: texts.t(
            f"takeover_profile.what.{one.what}", lang
        )
        for one in known.places
    }
    return {**shown, "takeover_writers": [names.user(user) for user in sorted(known.writer_ids)]}
