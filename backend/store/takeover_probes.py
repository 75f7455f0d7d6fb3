"""What people found out about the other widget: an answer for each probe, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.store import bulk
from backend.store.db import BaseModel, JsonField, UtcField


class ProbeRow(BaseModel):
    """`answers` are question → choice; `lead_id` is a lead that shows it."""

    account_id = peewee.BigIntegerField()
    probe = peewee.TextField()
    answers = JsonField()
    lead_id = peewee.BigIntegerField(null=True)
    note = peewee.TextField()
    author = peewee.TextField()
    answered_at = UtcField()

    class Meta:
        table_name = "takeover_probes"
        primary_key = peewee.CompositeKey("account_id", "probe")


@dataclass(frozen=True, slots=True)
class Answer:
    probe: str
    answers: Mapping[str, str]
    lead_id: int | None
    note: str
    author: str
    answered_at: datetime


def answers(account_id: int) -> dict[str, Answer]:
    """By probe."""
    query = ProbeRow.select().where(ProbeRow.account_id == account_id)
    return {
        row.probe: Answer(row.probe, row.answers, row.lead_id, row.note, row.author, row.answered_at)
        for row in query
    }


def save(account_id: int, answer: Answer) -> None:
    """Said again, the newer word stands."""
    row = {
        "account_id": account_id, "probe": answer.probe, "answers": dict(answer.answers),
        "lead_id": answer.lead_id, "note": answer.note, "author": answer.author,
        "answered_at": answer.answered_at,
    }  # fmt: skip
    bulk.upsert(ProbeRow, [row], ("account_id", "probe"))


def forget(account_id: int, probe: str) -> None:
    ProbeRow.delete().where((ProbeRow.account_id == account_id) & (ProbeRow.probe == probe)).execute()
