"""How far the call tables of each PBX were read, what hinders reading them, and what the nights found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store.db import BaseModel, JsonField, UtcField


class ReadingRow(BaseModel):
    pbx_id = peewee.BigIntegerField()
    source = peewee.TextField()
    position = peewee.BigIntegerField()
    read_until = UtcField(null=True)
    read_at = UtcField(null=True)
    trouble = peewee.TextField(null=True)
    details = JsonField(null=True)

    class Meta:
        table_name = "call_readings"
        primary_key = peewee.CompositeKey("pbx_id", "source")


class ComparisonRow(BaseModel):
    """`report`: calls in the tables, those nobody had heard, those that were completed."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    pbx_id = peewee.BigIntegerField()
    since = UtcField()
    until = UtcField()
    compared_at = UtcField()
    report = JsonField()

    class Meta:
        table_name = "call_comparisons"


@dataclass(frozen=True, slots=True)
class Reading:
    """`source` is cel or cdr; `position` the number of a row up to which everything has been read, None
    before the first reading. `trouble`: a code of texts, "" when all is well.
    """

    pbx_id: int
    source: str = ""
    position: int | None = None
    read_until: datetime | None = None
    read_at: datetime | None = None
    trouble: str = ""
    details: Mapping[str, Any] | None = None


def of(pbx_id: int) -> Reading:
    """The one that was read last; an empty one before anything was."""
    query = ReadingRow.select().where(ReadingRow.pbx_id == pbx_id)
    rows = list(query.order_by(ReadingRow.read_at.desc(nulls="last"), ReadingRow.source))
    if not rows:
        return Reading(pbx_id)
    row = rows[0]
    position = row.position if row.read_at else None
    return Reading(
        pbx_id, row.source, position, row.read_until, row.read_at, row.trouble or "", row.details or {}
    )


def note(pbx_id: int, source: str, position: int, read_until: datetime | None, now: datetime) -> None:
    """Everything up to `position` has been read, and nothing hinders."""
    values: dict[str, Any] = {
        "position": position, "read_until": read_until, "read_at": now, "trouble": None, "details": None,
    }  # fmt: skip
    _save(pbx_id, source, values)


def note_trouble(pbx_id: int, source: str, trouble: str, details: Mapping[str, Any]) -> None:
    """The position stays: what could not be read now is read later."""
    shown = {name: str(value) for name, value in details.items()}
    _save(pbx_id, source, {"trouble": trouble, "details": shown})


def add_comparison(
    account_id: int, pbx_id: int, period: tuple[datetime, datetime], report: Mapping[str, Any], now: datetime
) -> None:
    since, until = period
    ComparisonRow.insert(
        account_id=account_id, pbx_id=pbx_id, since=since, until=until, compared_at=now, report=dict(report)
    ).execute()


def comparisons(pbx_id: int, limit: int = 30) -> list[ComparisonRow]:
    """Newest first."""
    query = ComparisonRow.select().where(ComparisonRow.pbx_id == pbx_id)
    return list(query.order_by(ComparisonRow.id.desc()).limit(limit))


def _save(pbx_id: int, source: str, values: Mapping[str, Any]) -> None:
    new = {"position": 0, **values, "pbx_id": pbx_id, "source": source}
    key = [ReadingRow.pbx_id, ReadingRow.source]
    ReadingRow.insert(new).on_conflict(conflict_target=key, update=dict(values)).execute()
