"""Drafts of the rules: a document that nobody has saved yet, and what a simulation of it has found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.store import db
from backend.store.db import BaseModel, JsonField, UtcField

KEPT = timedelta(days=7)


class DraftRow(BaseModel):
    """`result` is None until a simulation has begun; `is_done` when it has seen all bookings."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    action = peewee.TextField()
    author = peewee.TextField()
    note = peewee.TextField()
    base = peewee.BigIntegerField()
    compared = peewee.BigIntegerField()
    sections = JsonField()
    document = JsonField()
    is_whole = peewee.BooleanField()
    is_offered = peewee.BooleanField()
    place = peewee.TextField()
    typed = JsonField()
    days = peewee.BigIntegerField()
    result = JsonField(null=True)
    is_done = peewee.BooleanField(default=False)
    created_at = UtcField()

    class Meta:
        table_name = "rule_drafts"


@dataclass(frozen=True, slots=True)
class NewDraft:
    """`document` is the whole configuration as it would be; `sections` are the top keys that were changed in
    it, of the version `base`; `compared` is the version it is held against. `is_whole`: it replaces all, as a
    file does. `is_offered`: may be saved from the page that shows it. `place` and `typed` bring back the
    form it came from, as it was filled in.
    """

    author: str
    base: int
    compared: int
    document: Mapping[str, Any]
    sections: Sequence[str] = ()
    action: str = "configuration.saved"
    note: str = ""
    is_whole: bool = False
    is_offered: bool = True
    place: str = ""
    typed: Sequence[tuple[str, str]] = field(default_factory=tuple)
    days: int = 30


def add(account_id: int, draft: NewDraft, now: datetime) -> int:
    """Drafts of last week go at the same time."""
    with db.atomic():
        old = (DraftRow.account_id == account_id) & (DraftRow.created_at < now - KEPT)
        DraftRow.delete().where(old).execute()
        return int(
            DraftRow.insert(
                account_id=account_id, action=draft.action, author=draft.author, note=draft.note,
                base=draft.base, compared=draft.compared, sections=list(draft.sections),
                document=dict(draft.document), is_whole=draft.is_whole, is_offered=draft.is_offered,
                place=draft.place, typed=[list(pair) for pair in draft.typed], days=draft.days,
                result=None, is_done=False, created_at=now,
            ).execute()
        )  # fmt: skip


def get(account_id: int, draft_id: int) -> DraftRow | None:
    return DraftRow.get_or_none((DraftRow.account_id == account_id) & (DraftRow.id == draft_id))


def keep_result(draft_id: int, result: Mapping[str, Any], *, is_done: bool) -> None:
    DraftRow.update(result=dict(result), is_done=is_done).where(DraftRow.id == draft_id).execute()


def look_again(draft_id: int, days: int) -> None:
    """Over other days, from the beginning."""
    DraftRow.update(result=None, is_done=False, days=days).where(DraftRow.id == draft_id).execute()
