"""Which leads name which bookings: by our own key, and by what the other integration leaves in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.core.crm import Lead
from backend.core.rules.configuration import FieldName
from backend.core.sync.links import booking_of
from backend.core.takeover import marks
from backend.core.takeover.recognition import Kind, Recognition, What
from backend.flows.rules import configuration
from backend.flows.takeover.profile import recognition
from backend.store import mirror, takeover_counters, takeover_found

PORTION = 1_000


@dataclass(frozen=True, slots=True)
class Stranger:
    """A lead with the number of a record that no salon's journal has; `company_id` when the lead says it."""

    lead_id: int
    record_id: int
    pipeline_id: int
    company_id: int | None


@dataclass
class Carrying:
    """`leads` by booking's key; `slots` by the whole value of our key field, satellites apart."""

    leads: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    slots: dict[str, int] = field(default_factory=dict)
    strangers: list[Stranger] = field(default_factory=list)


def scan(account_id: int) -> Carrying:
    """All leads that are there, in portions: some thousands in a second, and memory holds numbers only."""
    found, known = Carrying(), recognition.load(account_id)
    key_field = configuration.load(account_id).field_ids.get(FieldName.KEY)
    oldest = takeover_counters.earliest_found(account_id)
    for portion in _portions(account_id):
        named = _record_ids(account_id, portion, known)
        keys = takeover_counters.keys_of_records(account_id, [i for ids in named.values() for i in ids])
        for lead in portion:
            own = lead.values(key_field) if key_field else ()
            found.slots.update(dict.fromkeys(own, lead.id))
            theirs = [keys[i] for i in named[lead.id] if i in keys]
            for key in dict.fromkeys([*map(booking_of, own), *theirs]):
                found.leads[key].append(lead.id)
            if oldest is None or lead.created_at is None or lead.created_at >= oldest:
                found.strangers += _strangers(lead, [i for i in named[lead.id] if i not in keys], known)
    return found


def _portions(account_id: int) -> Iterator[Sequence[Lead]]:
    after = 0
    while portion := mirror.leads_portion(account_id, after, PORTION):
        yield portion
        after = portion[-1].id


def _record_ids(
    account_id: int, portion: Sequence[Lead], known: Recognition
) -> Mapping[int, tuple[int, ...]]:
    """Lead → the numbers of records that it carries."""
    if not known.places:
        return {lead.id: () for lead in portion}
    has_notes = any(place.kind is Kind.NOTE for place in known.places)
    notes = takeover_found.notes_of(account_id, [lead.id for lead in portion]) if has_notes else {}
    return {
        lead.id: marks.ids(What.RECORD_ID, lead, known, [note.text for note in notes.get(lead.id, ())])
        for lead in portion
    }


def _strangers(lead: Lead, record_ids: Sequence[int], known: Recognition) -> list[Stranger]:
    company = next(iter(marks.ids(What.COMPANY_ID, lead, known)), None) if record_ids else None
    return [Stranger(lead.id, record_id, lead.pipeline_id, company) for record_id in record_ids]
