"""What the other integration leaves behind, measured over what discovery has found: portion by portion, so
that memory does not grow with the salon. Nothing outside is asked, nothing outside is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.salon import DEFAULT_ZONE, Booking, Client, ServiceLine, StaffMember
from backend.core.takeover import fields, marks, profile, recognition, values
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import Kind, Recognition, What
from backend.core.takeover.values import Own
from backend.flows.context import Context
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.store import connections, links, long_works, mirror, offered, takeover_found, takeover_profiles
from backend.store.long_works import LongWork
from backend.store.takeover_found import FoundRecord

KIND = "profile"
PORTION = 2_000
MOST_VISITS = 300  # of one phone; more are a placeholder that the desk types for everybody
SOURCE = "yclients"


@dataclass(frozen=True)
class Place:
    """What a portion is counted with: the salons' clocks and titles, and titles of categories."""

    account_id: int
    zones: Mapping[int, ZoneInfo]
    salons: Mapping[int, str]
    categories: Mapping[tuple[int, int], str]


def start(ctx: Context, account_id: int, author: str) -> int:
    """Measures anew; what was measured before stands until it is over."""
    return long_work.start(ctx, account_id, KIND, {}, author)


def newest(account_id: int) -> LongWork | None:
    return long_works.newest(account_id, KIND)


def go_on(task: Task) -> Step:
    """A portion more of one part, or the next part."""
    params = task.params
    part, cursor = params.get("cursor") or (next(iter(PARTS)), None)
    found = profile.restored(params.get("found", {}))
    place = _place(task.account_id)
    if cursor is None and part == next(iter(PARTS)):
        takeover_profiles.forget_values(task.account_id)
    onward = PARTS[part](place, found, cursor)
    names = list(PARTS)
    following = [*names[names.index(part) + 1 :], None][0]
    at = [part, onward] if onward is not None else [following, None] if following else None
    if at is None:
        _keep(task, found)
        return Step({}, _total(task.account_id), _total(task.account_id), is_over=True)
    done = _done(found)
    kept = {**params, "cursor": at, "found": profile.written(found)}
    return Step(kept, done, max(done, _total(task.account_id)), is_over=False)


def _keep(task: Task, found: Profile) -> None:
    known = recognition.written(profile.recognised(found))
    takeover_profiles.save_measured(task.account_id, profile.written(found), known, task.ctx.now())
    takeover_profiles.forget_values(task.account_id)


def measured(account_id: int) -> Profile:
    """The last one that was finished; empty before."""
    row = takeover_profiles.of(account_id)
    return profile.restored(row.result if row else {})


def _done(found: Profile) -> int:
    return found.looked.total() + found.behaviour.learned.looked


def _total(account_id: int) -> int:
    of_mirror = sum(mirror.mark(account_id, name).total for name in ("leads", "contacts"))
    return 2 * takeover_found.count(account_id) + takeover_found.count_notes(account_id) + of_mirror


def _place(account_id: int) -> Place:
    rows = connections.of_account(account_id)
    return Place(
        account_id,
        {row.company_id: ZoneInfo(row.timezone or DEFAULT_ZONE) for row in rows},
        {row.company_id: row.title for row in rows},
        {(salon, number): title for salon, number, title, _ in offered.categories(account_id)},
    )


# Parts: each returns where it goes on, None at its end


def _values(place: Place, found: Profile, cursor: Any) -> Any:
    """Everything the booking system knows, to look values up in."""
    rows = takeover_found.portion(place.account_id, None, cursor or "", PORTION)
    pairs: set[tuple[str, str]] = set()
    for row in rows:
        booking = _booking(row, place)
        found.begin(booking)
        known = values.known(booking, place.salons.get(row.branch_id, ""))
        pairs |= {(what.value, value) for what, value in known}
        pairs |= {(What.DOCUMENT_ID.value, number) for number in _documents(row)}
    takeover_profiles.add_values(place.account_id, pairs)
    return rows[-1].key if len(rows) == PORTION else None


def _leads(place: Place, found: Profile, cursor: Any) -> Any:
    rows = mirror.leads_portion(place.account_id, cursor or 0, PORTION)
    leads = [lead for lead in _foreign(place, rows) if found.is_covered(lead.created_at)]
    whose = _Persons.of_leads(place, leads)
    whats = _looked_up(place, (value for lead in leads for _, value in lead.fields))
    for lead in leads:
        found.lead(lead, whose.bookings(lead.contact_ids), whose.own(lead.contact_ids), whats)
    return rows[-1].id if len(rows) == PORTION else None


def _contacts(place: Place, found: Profile, cursor: Any) -> Any:
    rows = mirror.contacts_portion(place.account_id, cursor or 0, PORTION)
    whose = _Persons(place, {row.id: row for row in rows})
    whats = _looked_up(place, (value for row in rows for _, value in row.fields or ()))
    for row in rows:
        found.contact(row, whose.own((row.id,)), whats)
    return rows[-1].id if len(rows) == PORTION else None


def _notes(place: Place, found: Profile, cursor: Any) -> Any:
    rows = takeover_found.notes_portion(place.account_id, cursor or 0, PORTION)
    leads = mirror.leads_by_ids(place.account_id, {row.lead_id for row in rows})
    theirs = {lead.id: lead for lead in _foreign(place, leads.values())}
    whose = _Persons.of_leads(place, theirs.values())
    whats = _looked_up(place, (row.text for row in rows))
    for row in rows:
        if lead := theirs.get(row.lead_id):
            found.note(row.text, row.author_id, whose.own(lead.contact_ids), whats)
    return rows[-1].id if len(rows) == PORTION else None


def _pairs(place: Place, found: Profile, cursor: Any) -> Any:
    """Bookings beside leads, a person at a time: when the first of his bookings comes."""
    rows = takeover_found.portion(place.account_id, None, cursor or "", PORTION, with_body=False)
    known = profile.recognised(found)
    persons = takeover_found.by_phones(place.account_id, {row.phone for row in rows})
    first = {phone: min(row.key for row in own) for phone, own in persons.items()}
    begun = [row.phone for row in rows if row.phone and first[row.phone] == row.key]
    contacts = mirror.contacts_by_keys(place.account_id, begun)
    ids = {contact.id for own in contacts.values() for contact in own}
    leads = mirror.leads_of(place.account_id, ids)
    marked = _marked(place, known, [lead for own in leads.values() for lead in own])
    for phone in begun:
        own = {lead.id: lead for one in contacts.get(phone, ()) for lead in leads.get(one.id, ())}
        theirs = [lead for lead in own.values() if lead.id in marked]
        _person(found, [_booking(row, place) for row in persons[phone]], theirs, marked)
    for row in rows:
        if not row.phone:
            found.behaviour.person([_booking(row, place)], [], {})
    return rows[-1].key if len(rows) == PORTION else None


PARTS: Mapping[str, Callable[[Place, Profile, Any], Any]] = {
    "values": _values, "leads": _leads, "contacts": _contacts, "notes": _notes, "pairs": _pairs,
}  # fmt: skip


def _person(
    found: Profile, bookings: Sequence[Booking], leads: Sequence[Lead], marked: Mapping[int, Iterable[int]]
) -> None:
    if len(bookings) > MOST_VISITS:
        for booking in bookings:
            found.behaviour.learned.add(booking, None)
        return
    covered = [lead for lead in leads if found.is_covered(lead.created_at)]
    found.behaviour.person(bookings, covered, marked)


def _marked(place: Place, known: Recognition, leads: Sequence[Lead]) -> dict[int, tuple[int, ...]]:
    """Of leads that we did not make ourselves: the numbers of records that each bears."""
    theirs = _foreign(place, {lead.id: lead for lead in leads}.values())
    asks_notes = bool(known.holding(What.RECORD_ID, Kind.NOTE))
    notes = takeover_found.notes_of(place.account_id, [one.id for one in theirs]) if asks_notes else {}
    return {
        lead.id: marks.ids(What.RECORD_ID, lead, known, (note.text for note in notes.get(lead.id, ())))
        for lead in theirs
    }


def _foreign(place: Place, leads: Iterable[Lead]) -> list[Lead]:
    """Leads that our own rules made say nothing of another integration."""
    those = [lead for lead in leads if not lead.is_deleted]
    held = links.holders(place.account_id, [lead.id for lead in those])
    return [lead for lead in those if not (lead.id in held and held[lead.id].opened_by_us)]


def _looked_up(place: Place, texts: Iterable[str]) -> dict[str, frozenset[str]]:
    asked: set[str] = set()
    for text in texts:
        asked |= fields.asked(text)
    return takeover_profiles.whats(place.account_id, asked)


class _Persons:
    """Whose bookings stand behind which contacts; each person's are put together once."""

    def __init__(self, place: Place, contacts: Mapping[int, Contact]) -> None:
        self._place = place
        self._keys = {
            number: frozenset(key for phone in contact.phones if (key := phones.key(phone)))
            for number, contact in contacts.items()
        }
        found = takeover_found.by_phones(
            place.account_id, {key for own in self._keys.values() for key in own}
        )
        few = {phone: own for phone, own in found.items() if len(own) <= MOST_VISITS}
        self._bookings = {phone: [_booking(row, place) for row in own] for phone, own in few.items()}
        self._own: dict[frozenset[str], Own] = {}

    @classmethod
    def of_leads(cls, place: Place, leads: Iterable[Lead]) -> _Persons:
        ids = {contact for lead in leads for contact in lead.contact_ids}
        return cls(place, mirror.contacts_by_ids(place.account_id, ids))

    def bookings(self, contact_ids: Iterable[int]) -> list[Booking]:
        return [booking for phone in sorted(self._phones(contact_ids)) for booking in self._bookings[phone]]

    def own(self, contact_ids: Iterable[int]) -> Own | None:
        """None: nobody here has booked."""
        keys = self._phones(contact_ids)
        if not keys:
            return None
        if keys not in self._own:
            self._own[keys] = values.own(self.bookings(contact_ids), self._place.zones, self._place.salons)
        return self._own[keys]

    def _phones(self, contact_ids: Iterable[int]) -> frozenset[str]:
        known = (self._keys.get(number, frozenset()) for number in contact_ids)
        return frozenset(key for keys in known for key in keys if key in self._bookings)


def _booking(row: FoundRecord, place: Place) -> Booking:
    """As far as a profile asks; the raw record is not read again for each lead."""
    lines = tuple(
        ServiceLine(
            one.service_id, one.title, one.cost, category_id=one.category_id,
            category=place.categories.get((row.branch_id, one.category_id or 0), ""),
        )
        for one in row.services
    )  # fmt: skip
    card = f"{SOURCE}:{row.branch_id}:{row.client_id}" if row.client_id else ""
    client = Client(card, row.client_name, row.phone) if row.client_id or row.phone else None
    return Booking(
        SOURCE, row.branch_id, row.record_id, row.phase, row.starts_at, row.changed_at, row.created_at,
        client, lines, StaffMember(row.staff_id, row.staff_title), row.comment, visit_id=row.visit_id,
        is_online=row.is_online, author_id=row.author_id,
    )  # fmt: skip


def _documents(row: FoundRecord) -> set[str]:
    body = json.loads(row.body) if row.body else {}
    return {str(one["id"]) for one in body.get("documents") or () if isinstance(one, dict) and one.get("id")}
