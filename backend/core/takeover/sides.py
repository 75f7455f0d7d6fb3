"""The two sides of a match as they can be compared: what a lead says of its visit, in the places where the
other integration leaves its marks, and the visit itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.takeover import marks, values
from backend.core.takeover.recognition import Kind, Place, Recognition, What

NUMBER = re.compile(r"(?<!\d)\d{6,12}(?!\d)")  # what may be a booking's number in a text
NOT_A_LETTER = re.compile(r"[\W\d_]+")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOON = timedelta(hours=12)  # from the midnight of any zone to a moment of the same day of UTC's calendar


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking of the journal. `wall` is what the salon's clock shows when it begins."""

    key: str
    branch_id: int
    record_id: int
    visit_id: int
    phone: str
    starts_at: datetime
    wall: datetime
    created_at: datetime
    phase: Phase
    price: Kopecks
    titles: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        return self.phase not in (Phase.NO_SHOW, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Named:
    """A booking that a lead names; the salon's number when it is named with it."""

    record_id: int
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """What a lead says of the visit's time: moments, readings of the salon's clock, days of its calendar."""

    instants: frozenset[datetime] = frozenset()
    walls: frozenset[datetime] = frozenset()
    days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Deal:
    """A lead. `named` by a field or an address in one, `mentioned` in a note or a tag, `visits` are numbers
    of whole visits. `salons` it names itself; `activity` is what people and programs have done with it: the
    greater, the livelier.
    """

    id: int
    pipeline_id: int
    is_closed: bool
    created_at: datetime
    is_writers: bool
    phones: frozenset[str]
    prices: frozenset[Kopecks]
    named: tuple[Named, ...] = ()
    visits: tuple[int, ...] = ()
    mentioned: tuple[Named, ...] = ()
    salons: frozenset[int] = frozenset()
    when: When = When()
    services: tuple[str, ...] = ()
    activity: tuple[int, bool, datetime] = (0, False, NEVER)


@dataclass(frozen=True, slots=True)
class Said:
    """A note on a lead: whose, and its words."""

    author_id: int
    text: str


class Reader:
    """Reads leads by what is recognised. `titles` are the salons by their names."""

    def __init__(self, recognition: Recognition, titles: Mapping[str, int]) -> None:
        holding = recognition.holding
        self.writers = recognition.writer_ids
        self.titles = {values.folded(title): company for title, company in titles.items()}
        self.ids = holding(What.RECORD_ID, Kind.FIELD)
        self.addresses = holding(What.RECORD_ID, Kind.URL)
        self.notes = holding(What.RECORD_ID, Kind.NOTE)
        self.tags = holding(What.RECORD_ID, Kind.TAG)
        self.whole_visits = holding(What.VISIT_ID, Kind.FIELD)
        self.companies = holding(What.COMPANY_ID, Kind.FIELD)
        self.names = holding(What.SALON, Kind.FIELD)
        of_salons = [one for one in recognition.places if one.kind is Kind.TAG and one.company_id]
        self.salon_tags = {one.pattern: one.company_id for one in of_salons}
        self.times = (*holding(What.DATE, Kind.FIELD), *holding(What.DATE_UTC, Kind.FIELD))
        self.services = holding(What.SERVICE_TITLES, Kind.FIELD)

    def deal(self, lead: Lead, phones: Iterable[str], notes: Sequence[Said] = ()) -> Deal:
        services = (values.folded(text) for place in self.services for text in lead.values(place.field_id))
        visits = (number for place in self.whole_visits for number in _numbers(lead, place))
        named = tuple(dict.fromkeys(self._named(lead)))
        return Deal(
            lead.id, lead.pipeline_id, lead.is_closed, lead.created_at or NEVER,
            lead.created_by in self.writers, frozenset(phones), frozenset((lead.price,)),
            named=named, visits=tuple(visits),
            mentioned=tuple(dict.fromkeys(self._mentioned(lead, notes))),
            salons=frozenset(self._salons(lead, named)), when=self._when(lead), services=tuple(services),
            activity=self._activity(lead, notes),
        )  # fmt: skip

    def _named(self, lead: Lead) -> Iterable[Named]:
        for place in self.ids:
            yield from (Named(number) for number in _numbers(lead, place))
        for place in self.addresses:
            for text in lead.values(place.field_id):
                yield from _read(place, text)

    def _mentioned(self, lead: Lead, notes: Sequence[Said]) -> Iterable[Named]:
        """By the templates that are known, else whatever number a text has: it only counts when it is one."""
        for text in (note.text for note in notes):
            known = [named for place in self.notes for named in _read(place, text)]
            yield from known or _any_number(text)
        for text in lead.tags:
            known = [named for place in self.tags for named in _read(place, text)]
            yield from known or _any_number(text)

    def _salons(self, lead: Lead, named: Iterable[Named]) -> Iterable[int]:
        yield from (one.company_id for one in named if one.company_id)
        yield from (number for place in self.companies for number in _numbers(lead, place))
        titles = (values.folded(text) for place in self.names for text in lead.values(place.field_id))
        yield from (self.titles[title] for title in titles if title in self.titles)
        yield from (company for tag in lead.tags if (company := self.salon_tags.get(tag)))

    def _when(self, lead: Lead) -> When:
        instants: set[datetime] = set()
        walls: set[datetime] = set()
        days: set[date] = set()
        for place in self.times:
            shift = place.shift * MINUTE
            for text in lead.values(place.field_id):
                written = values.moments(text)
                if written is None:
                    continue
                if not values.has_time(written.form) or place.pattern == values.UNIX_DAY:
                    days.add((written.clock + (NOON if written.is_exact else timedelta())).date())
                elif written.is_exact:
                    instants.add(minute(written.clock - shift))
                elif place.what is What.DATE_UTC:
                    instants.add(minute(written.clock - shift).replace(tzinfo=UTC))
                else:
                    walls.add(minute(written.clock - shift))
        return When(frozenset(instants), frozenset(walls), frozenset(days))

    def _activity(self, lead: Lead, notes: Sequence[Said]) -> tuple[int, bool, datetime]:
        """What people did comes first; then a lead that is open; then what was changed last."""
        programs = (0, None, *self.writers)
        said = sum(note.author_id not in programs for note in notes)
        return said + (lead.updated_by not in programs), not lead.is_closed, lead.updated_at or NEVER


def says(text: str, titles: Sequence[str]) -> bool:
    """Whether a text lists these services and nothing else; prices and signs between them do not count."""
    rest = text
    for title in sorted(map(values.folded, titles), key=len, reverse=True):
        if not title or title not in rest:
            return False
        rest = rest.replace(title, " ", 1)
    return bool(titles) and not NOT_A_LETTER.sub("", rest)


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _read(place: Place, text: str) -> list[Named]:
    rows = marks.read(place.pattern, text)
    return [
        Named(int(row["record_id"]), int(row["company_id"]) if row.get("company_id") else None)
        for row in rows
        if row.get("record_id")
    ]


def _any_number(text: str) -> Iterable[Named]:
    return (Named(int(number)) for number in NUMBER.findall(text))


def _numbers(lead: Lead, place: Place) -> Iterable[int]:
    """Of a field that holds nothing else; numeric fields may show a fraction."""
    shown = (text.strip().partition(".")[0] for text in lead.values(place.field_id))
    return (int(text) for text in shown if text.isascii() and text.isdecimal() and len(text) < 19)
