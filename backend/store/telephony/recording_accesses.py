"""Who opened a recording's link: a line for each visit, however many pieces a player asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.store import db
from backend.store.db import BaseModel, UtcField

VISIT = timedelta(minutes=10)  # requests from one place within it are one line
LONGEST_AGENT = 200


class RecordingAccess(BaseModel):
    """`status` is what was answered: 200 for sound, 404 for none yet, 410 for a closed link."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    recording_id = peewee.BigIntegerField()
    address = peewee.TextField()
    agent = peewee.TextField()
    status = peewee.BigIntegerField()
    requests = peewee.BigIntegerField(default=1)
    began_at = UtcField()
    last_at = UtcField()

    class Meta:
        table_name = "recording_accesses"


def note(  # noqa: PLR0913 - the columns of a line
    account_id: int, recording_id: int, *, address: str, agent: str, status: int, now: datetime
) -> None:
    """One statement when the visit goes on, two when it begins; of two at once both may begin a line."""
    stored = db.micros(now)
    went_on = db.run(
        """UPDATE recording_accesses SET requests = requests + 1, last_at = %s WHERE id = (
            SELECT max(id) FROM recording_accesses
            WHERE recording_id = %s AND address = %s AND agent = %s AND status = %s AND last_at > %s)""",
        (stored, recording_id, address, agent[:LONGEST_AGENT], status, db.micros(now - VISIT)),
    ).rowcount
    if not went_on:
        RecordingAccess.insert(
            account_id=account_id, recording_id=recording_id, address=address, agent=agent[:LONGEST_AGENT],
            status=status, requests=1, began_at=now, last_at=now,
        ).execute()  # fmt: skip


def of_recording(account_id: int, recording_id: int, limit: int = 100) -> list[RecordingAccess]:
    """Newest first."""
    where = (RecordingAccess.account_id == account_id) & (RecordingAccess.recording_id == recording_id)
    return list(RecordingAccess.select().where(where).order_by(RecordingAccess.id.desc()).limit(limit))


def counts(recording_ids: list[int]) -> dict[int, int]:
    """Recording → visits that heard it; those nobody opened are left out."""
    if not recording_ids:
        return {}
    heard = RecordingAccess.recording_id.in_(recording_ids) & (RecordingAccess.status < 400)
    query = RecordingAccess.select(RecordingAccess.recording_id, peewee.fn.count(RecordingAccess.id))
    by_one: Any = query.where(heard).group_by(RecordingAccess.recording_id)
    found: list[tuple[int, int]] = list(by_one.tuples())
    return dict(found)


def forget(account_id: int, before: datetime) -> int:
    old = (RecordingAccess.account_id == account_id) & (RecordingAccess.last_at < before)
    return int(RecordingAccess.delete().where(old).execute())
