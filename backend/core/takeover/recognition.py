"""How the other integration marks leads, as measured or as a person said: who writes, and what stands where.
Nothing here knows any product's habits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

LEADS, CONTACTS = "leads", "contacts"


class Kind(StrEnum):
    """Where a mark stands: alone in a field, inside an address in a field, in a note, as a tag."""

    FIELD = "field"
    URL = "url"
    NOTE = "note"
    TAG = "tag"


class What(StrEnum):
    """What a value is, in the words of the booking system."""

    RECORD_ID = "record_id"
    VISIT_ID = "visit_id"
    DOCUMENT_ID = "document_id"
    CLIENT_ID = "client_id"
    COMPANY_ID = "company_id"
    SALON = "salon"
    SERVICE_ID = "service_id"
    SERVICE_TITLES = "service_titles"
    CATEGORY = "category"
    STAFF_ID = "staff_id"
    STAFF = "staff"
    DATE = "date"
    DATE_UTC = "date_utc"
    CREATED = "created"
    PHONE = "phone"
    PRICE = "price"
    STATUS = "status"
    COMMENT = "comment"
    CLIENT_NAME = "client_name"
    ONLINE = "online"
    MARK = "mark"  # the same on every lead of the other integration


IDS = (What.RECORD_ID, What.VISIT_ID, What.DOCUMENT_ID, What.CLIENT_ID, What.COMPANY_ID)
DATES = (What.DATE, What.DATE_UTC, What.CREATED)


@dataclass(frozen=True, slots=True)
class Place:
    """A place and what stands there. `share` of its `count` values agree (0…1). `pattern`: of an address or
    a note a template with `{record_id}` and the like, of a tag the tag itself, of a mark in a field its one
    value, of a date in a text field how it is written (strftime; "unix" for seconds). A date stands `shift`
    minutes later than the salon's clock shows. A tag that goes with one salon has its `company_id`.
    """

    kind: Kind
    field_id: int
    what: What
    pattern: str = ""
    share: float = 0.0
    count: int = 0
    entity: str = LEADS
    company_id: int | None = None
    shift: int = 0

    @property
    def name(self) -> str:
        """What a form calls it by: one for each place, whatever stands there."""
        return f"{self.entity}:{self.kind}:{self.field_id or self.pattern}"

    @property
    def percent(self) -> int:
        return int(100 * self.share)

    def filled(self, values: Mapping[str, object]) -> str:
        """The template with these values in it; a plain field holds the value itself."""
        if self.kind not in (Kind.URL, Kind.NOTE):
            return str(values.get(self.what, ""))
        text = self.pattern
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


@dataclass(frozen=True, slots=True)
class Recognition:
    """`writer_ids` are users of the CRM in whose name the other integration writes. `is_confirmed`: a person
    has looked at it.
    """

    writer_ids: frozenset[int] = frozenset()
    places: tuple[Place, ...] = ()
    is_confirmed: bool = False

    def holding(self, what: What, *kinds: Kind, entity: str = LEADS) -> tuple[Place, ...]:
        """Places where this stands, the surest first; of these kinds, when any are named."""
        found = (
            one
            for one in self.places
            if one.what == what and one.entity == entity and (not kinds or one.kind in kinds)
        )
        return tuple(sorted(found, key=lambda one: (-one.share, -one.count, one.name)))

    def with_places(self, places: Iterable[Place]) -> Recognition:
        return replace(self, places=tuple(places))


# As plain data


def written(recognition: Recognition) -> dict[str, Any]:
    return {
        "writer_ids": sorted(recognition.writer_ids),
        "places": [written_place(place) for place in recognition.places],
        "is_confirmed": recognition.is_confirmed,
    }


def written_place(place: Place) -> dict[str, Any]:
    return {
        "kind": str(place.kind), "field_id": place.field_id, "what": str(place.what),
        "pattern": place.pattern, "share": place.share, "count": place.count, "entity": place.entity,
        "company_id": place.company_id, "shift": place.shift,
    }  # fmt: skip


def read(data: Mapping[str, Any]) -> Recognition:
    """What `written` wrote down; an empty one out of nothing."""
    return Recognition(
        frozenset(data.get("writer_ids", ())),
        tuple(read_place(one) for one in data.get("places", ())),
        bool(data.get("is_confirmed", False)),
    )


def read_place(data: Mapping[str, Any]) -> Place:
    return Place(**{**data, "kind": Kind(data["kind"]), "what": What(data["what"])})
