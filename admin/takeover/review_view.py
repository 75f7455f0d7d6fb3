"""A pair as its two cards stand side by side: what both say, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from admin.names import Names
from backend.core import money
from backend.core.crm import Contact, Lead
from backend.core.takeover import values
from backend.core.takeover.pairing import LOOK, Why
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from backend.flows.takeover.profile import recognition
from backend.store import connections, mirror, takeover_found
from backend.store.takeover_found import FoundRecord
from backend.store.takeover_pairs import PairRow

SAME, DIFFERS, UNKNOWN, NEWS = "same", "differs", "unknown", ""
WARNINGS = LOOK | {Why.MADE_BEFORE, Why.NAMES_ANOTHER, Why.OLD, Why.TIE, Why.DUPLICATE}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that both cards tell: its name in the texts, both values, how they agree. A value is a text,
    or a moment on the salon's clock.
    """

    name: str
    record: tuple[str | datetime, ...]
    lead: tuple[str | datetime, ...]
    agrees: str = NEWS


@dataclass(frozen=True, slots=True)
class Case:
    """A pair on the screen. `others`: how many other pairs are open about its booking."""

    row: PairRow
    record: FoundRecord | None
    lead: Lead | None
    rows: tuple[Row, ...]
    zone: str
    speaks_for: tuple[Why, ...]
    warns: tuple[Why, ...]
    others: int = 0


def cases(account_id: int, rows: Sequence[PairRow], others: Mapping[str, int], names: Names) -> list[Case]:
    records = takeover_found.by_keys(account_id, [row.key for row in rows], with_body=False)
    leads = mirror.leads_by_ids(account_id, [row.lead_id for row in rows])
    contacts = mirror.contacts_by_ids(account_id, [i for lead in leads.values() for i in lead.contact_ids])
    known = recognition.load(account_id)
    salons = {row.company_id: (row.title, row.timezone or "") for row in connections.of_account(account_id)}
    return [
        _case(
            row, records.get(row.key), leads.get(row.lead_id), contacts, known, salons, names,
            others.get(row.key, 0),
        )
        for row in rows
    ]  # fmt: skip


def _case(  # noqa: PLR0913 - what a pair is shown with
    row: PairRow,
    record: FoundRecord | None,
    lead: Lead | None,
    contacts: Mapping[int, Contact],
    known: Recognition,
    salons: Mapping[int, tuple[str, str]],
    names: Names,
    others: int,
) -> Case:
    why = row.pair.reasons
    title, zone = salons.get(row.company_id, (f"№ {row.company_id}", ""))
    shown = (
        tuple(_rows(record, lead, contacts, known, title, names, frozenset(why))) if record and lead else ()
    )
    return Case(
        row, record, lead, shown, zone, tuple(one for one in why if one not in WARNINGS),
        tuple(one for one in why if one in WARNINGS), others,
    )  # fmt: skip


def _rows(  # noqa: PLR0913 - what both cards tell
    record: FoundRecord,
    lead: Lead,
    contacts: Mapping[int, Contact],
    known: Recognition,
    salon: str,
    names: Names,
    why: frozenset[Why],
) -> Iterable[Row]:
    people = [contacts[i] for i in lead.contact_ids if i in contacts]
    told = (record.client_name, record.phone)
    held = tuple(text for one in people for text in (one.name, *one.phones))
    yield _row("client", told, held, Why.PERSON in why)
    yield _row("time", (record.starts_at,), _moments(lead, known), Why.TIME in why)
    titles = tuple(service.title for service in record.services)
    yield _row("services", titles, _texts(lead, known, What.SERVICE_TITLES), Why.SERVICES in why)
    yield _row("money", (money.shown(record.price),), (money.shown(lead.price),), Why.PRICE in why)
    salons = _texts(lead, known, What.SALON)
    place = f"{names.pipeline(lead.pipeline_id)} → {names.stage(lead.pipeline_id, lead.stage_id).name}"
    yield _row("salon", (salon,), salons, Why.SALON_DIFFERS not in why)
    yield _row("master", (record.staff_title,), _texts(lead, known, What.STAFF))
    yield Row("state", (f"phase.{record.phase}",), (place,))
    yield Row("made", (record.created_at,), (lead.created_at or "",), SAME if Why.LAG in why else NEWS)
    marks = (*_texts(lead, known, What.RECORD_ID), *_texts(lead, known, What.RECORD_ID, Kind.URL))
    is_named = not why.isdisjoint((Why.RECORD_ID, Why.VISIT_ID, Why.MENTION))
    yield _row("number", (str(record.record_id),), marks, is_named)


def _row(
    name: str, record: Iterable[str | datetime], lead: Iterable[str | datetime], is_same: bool | None = None
) -> Row:
    """What only one card tells is no difference."""
    one, other = tuple(value for value in record if value), tuple(value for value in lead if value)
    if not (one and other):
        return Row(name, one, other, UNKNOWN)
    alike = one == other if is_same is None else is_same
    return Row(name, one, other, SAME if alike else DIFFERS)


def _texts(lead: Lead, known: Recognition, what: What, kind: Kind = Kind.FIELD) -> tuple[str, ...]:
    return tuple(text for place in known.holding(what, kind) for text in lead.values(place.field_id))


def _moments(lead: Lead, known: Recognition) -> tuple[str | datetime, ...]:
    places: tuple[Place, ...] = (
        *known.holding(What.DATE, Kind.FIELD),
        *known.holding(What.DATE_UTC, Kind.FIELD),
    )
    return tuple(_moment(text) for place in places for text in lead.values(place.field_id))


def _moment(text: str) -> str | datetime:
    """Seconds are read as the moment they are; what is written out stays as it stands in the card."""
    written = values.moments(text)
    return written.clock if written and written.is_exact else text
