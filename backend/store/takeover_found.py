"""What the salons' journals and the leads' notes held when another widget's work was looked at. Leads and
contacts are not kept twice: they are the mirror.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField


@dataclass(frozen=True, slots=True)
class FoundService:
    """A line of a booking as it was; `category_id` as the catalogue knew it then."""

    service_id: int
    title: str
    category_id: int | None
    cost: Kopecks


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record of a salon's journal. `branch_id` is the salon's number in YCLIENTS, as Booking has it;
    `phone` the key a person is found by, or empty; `body` the raw record as JSON text, empty when it was not
    asked for.
    """

    key: str
    branch_id: int
    record_id: int
    visit_id: int
    client_id: int
    phone: str
    starts_at: datetime
    created_at: datetime
    changed_at: datetime
    phase: Phase
    price: Kopecks
    is_online: bool = False
    author_id: int = 0
    staff_id: int = 0
    staff_title: str = ""
    services: tuple[FoundService, ...] = ()
    comment: str = ""
    client_name: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note on a lead; `author_id` is a user of the CRM, 0 a robot."""

    id: int
    lead_id: int
    author_id: int
    created_at: datetime
    text: str
    kind: str = "common"


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client card of a salon."""

    branch_id: int
    client_id: int
    phone: str
    name: str


class RecordRow(BaseModel):
    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    branch_id = peewee.BigIntegerField(column_name="company_id")
    record_id = peewee.BigIntegerField()
    visit_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    phone = peewee.TextField()
    starts_at = UtcField()
    created_at = UtcField()
    changed_at = UtcField()
    phase = peewee.TextField()
    price = peewee.BigIntegerField()
    is_online = peewee.BooleanField()
    author_id = peewee.BigIntegerField()
    staff_id = peewee.BigIntegerField()
    staff_title = peewee.TextField()
    services = JsonField()
    comment = peewee.TextField()
    client_name = peewee.TextField()
    body = peewee.TextField()

    class Meta:
        table_name = "takeover_records"
        primary_key = peewee.CompositeKey("account_id", "key")


class NoteRow(BaseModel):
    account_id = peewee.BigIntegerField()
    note_id = peewee.BigIntegerField()
    lead_id = peewee.BigIntegerField()
    author_id = peewee.BigIntegerField()
    created_at = UtcField()
    kind = peewee.TextField()
    text = peewee.TextField()

    class Meta:
        table_name = "takeover_notes"
        primary_key = peewee.CompositeKey("account_id", "note_id")


class ClientRow(BaseModel):
    account_id = peewee.BigIntegerField()
    branch_id = peewee.BigIntegerField(column_name="company_id")
    client_id = peewee.BigIntegerField()
    phone = peewee.TextField()
    name = peewee.TextField()

    class Meta:
        table_name = "takeover_clients"
        primary_key = peewee.CompositeKey("account_id", "branch_id", "client_id")


WITHOUT_BODY = [field for field in RecordRow._meta.sorted_fields if field.name != "body"]


# Records


def save_many(account_id: int, records: Iterable[FoundRecord]) -> None:
    """As they are now; an older picture never replaces a newer one."""
    newest = {one.key: one for one in sorted(records, key=lambda one: one.changed_at)}
    bulk.upsert(
        RecordRow,
        [_row(account_id, one) for one in newest.values()],
        ("account_id", "key"),
        "WHERE excluded.changed_at >= takeover_records.changed_at",
    )


def portion(
    account_id: int, branch_id: int | None, after_key: str, limit: int, *, with_body: bool = True
) -> list[FoundRecord]:
    """In the order of their keys, beginning after one; of one salon or of all."""
    query = _records(account_id, with_body).where(RecordRow.key > after_key)
    if branch_id is not None:
        query = query.where(RecordRow.branch_id == branch_id)
    return [_record(row) for row in query.order_by(RecordRow.key).limit(limit).namedtuples()]


def by_keys(account_id: int, keys: Iterable[str], *, with_body: bool = True) -> dict[str, FoundRecord]:
    found: dict[str, FoundRecord] = {}
    for chunk in bulk.chunks(set(keys)):
        query = _records(account_id, with_body).where(RecordRow.key.in_(chunk))
        found |= {row.key: _record(row) for row in query.namedtuples()}
    return found


def by_phones(
    account_id: int, phones: Iterable[str], *, with_body: bool = False
) -> dict[str, tuple[FoundRecord, ...]]:
    """Phone → its bookings by the time of the visit; phones nobody booked with are left out."""
    found: dict[str, list[FoundRecord]] = {}
    for chunk in bulk.chunks({phone for phone in phones if phone}):
        query = _records(account_id, with_body).where(RecordRow.phone.in_(chunk))
        for row in query.namedtuples():
            found.setdefault(row.phone, []).append(_record(row))
    return {
        phone: tuple(sorted(records, key=lambda one: (one.starts_at, one.key)))
        for phone, records in found.items()
    }


def count(account_id: int, branch_id: int | None = None) -> int:
    query = RecordRow.select().where(RecordRow.account_id == account_id)
    if branch_id is not None:
        query = query.where(RecordRow.branch_id == branch_id)
    return int(query.count())


def salons(account_id: int) -> dict[int, int]:
    """Salon's number in YCLIENTS → how many bookings of it were found."""
    sql = "SELECT company_id, count(*) FROM takeover_records WHERE account_id = %s GROUP BY company_id"
    return dict(db.rows(sql, (account_id,)))


# Notes


def save_notes(account_id: int, notes: Iterable[FoundNote]) -> None:
    new = [
        {
            "account_id": account_id, "note_id": note.id, "lead_id": note.lead_id,
            "author_id": note.author_id, "created_at": note.created_at, "kind": note.kind, "text": note.text,
        }
        for note in {note.id: note for note in notes}.values()
    ]  # fmt: skip
    bulk.upsert(NoteRow, new, ("account_id", "note_id"))


def notes_of(account_id: int, lead_ids: Iterable[int]) -> dict[int, tuple[FoundNote, ...]]:
    """Lead → its notes, oldest first; leads without any are left out."""
    found: dict[int, tuple[FoundNote, ...]] = {}
    for chunk in bulk.chunks(set(lead_ids)):
        where = (NoteRow.account_id == account_id) & NoteRow.lead_id.in_(chunk)
        for note in sorted((_note(row) for row in NoteRow.select().where(where)), key=lambda note: note.id):
            found[note.lead_id] = (*found.get(note.lead_id, ()), note)
    return found


def notes_portion(account_id: int, after_id: int, limit: int) -> list[FoundNote]:
    where = (NoteRow.account_id == account_id) & (NoteRow.note_id > after_id)
    return [_note(row) for row in NoteRow.select().where(where).order_by(NoteRow.note_id).limit(limit)]


def count_notes(account_id: int) -> int:
    return int(NoteRow.select().where(NoteRow.account_id == account_id).count())


def newest_note(account_id: int) -> int:
    """The number of the note made last; 0 before the first."""
    where = NoteRow.account_id == account_id
    return int(NoteRow.select(peewee.fn.MAX(NoteRow.note_id)).where(where).scalar() or 0)


# Client cards


def save_clients(account_id: int, clients: Iterable[FoundClient]) -> None:
    new = [
        {
            "account_id": account_id, "branch_id": one.branch_id, "client_id": one.client_id,
            "phone": one.phone, "name": one.name,
        }
        for one in {(one.branch_id, one.client_id): one for one in clients}.values()
    ]  # fmt: skip
    bulk.upsert(ClientRow, new, ("account_id", "branch_id", "client_id"))


def clients_portion(account_id: int, branch_id: int, after_id: int, limit: int) -> list[FoundClient]:
    """Cards of one salon in the order of their numbers."""
    query = ClientRow.select().where(ClientRow.account_id == account_id, ClientRow.branch_id == branch_id)
    rows = query.where(ClientRow.client_id > after_id).order_by(ClientRow.client_id).limit(limit)
    return [FoundClient(row.branch_id, row.client_id, row.phone, row.name) for row in rows]


def count_clients(account_id: int, branch_id: int) -> int:
    where = (ClientRow.account_id == account_id) & (ClientRow.branch_id == branch_id)
    return int(ClientRow.select().where(where).count())


def _records(account_id: int, with_body: bool) -> Any:
    columns: Sequence[Any] = RecordRow._meta.sorted_fields if with_body else WITHOUT_BODY
    return RecordRow.select(*columns).where(RecordRow.account_id == account_id)


def _row(account_id: int, one: FoundRecord) -> dict[str, Any]:
    services = [[line.service_id, line.title, line.category_id, line.cost] for line in one.services]
    return {
        "account_id": account_id, "key": one.key, "branch_id": one.branch_id, "record_id": one.record_id,
        "visit_id": one.visit_id, "client_id": one.client_id, "phone": one.phone,
        "starts_at": one.starts_at, "created_at": one.created_at, "changed_at": one.changed_at,
        "phase": one.phase.value, "price": one.price, "is_online": one.is_online,
        "author_id": one.author_id, "staff_id": one.staff_id, "staff_title": one.staff_title,
        "services": services, "comment": one.comment, "client_name": one.client_name, "body": one.body,
    }  # fmt: skip


def _record(row: Any) -> FoundRecord:
    return FoundRecord(
        key=row.key, branch_id=row.branch_id, record_id=row.record_id, visit_id=row.visit_id,
        client_id=row.client_id, phone=row.phone, starts_at=row.starts_at, created_at=row.created_at,
        changed_at=row.changed_at, phase=Phase(row.phase), price=Kopecks(row.price),
        is_online=row.is_online, author_id=row.author_id, staff_id=row.staff_id,
        staff_title=row.staff_title,
        services=tuple(_service(line) for line in row.services),
        comment=row.comment, client_name=row.client_name, body=getattr(row, "body", ""),
    )  # fmt: skip


def _service(line: Sequence[Any]) -> FoundService:
    service_id, title, category_id, cost = line
    return FoundService(service_id, title, category_id, Kopecks(cost))


def _note(row: NoteRow) -> FoundNote:
    return FoundNote(row.note_id, row.lead_id, row.author_id, row.created_at, row.text, row.kind)
