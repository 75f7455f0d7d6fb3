"""The rows of the inbox: an event as it comes, as it is kept, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.errors import Scope
from backend.store.db import BaseModel, JsonField, UtcField

CARD = "card"  # the source of news that a person's own deed in a card of the CRM made


class InboundEvent(BaseModel):
    """Status: received → done | superseded | waiting → … | rejected | blocked | failed.

    `attempts` counts our own mistakes and ends in failed; `tries` counts every wait and only makes
    the pauses longer.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    branch_id = peewee.BigIntegerField(null=True)
    lane_id = peewee.BigIntegerField()
    subject = peewee.TextField()
    source = peewee.TextField()
    kind = peewee.TextField()
    dedup_key = peewee.TextField()
    body = peewee.TextField()
    received_at = UtcField()
    due_at = UtcField()
    status = peewee.TextField()
    attempts = peewee.BigIntegerField(default=0)
    tries = peewee.BigIntegerField(default=0)
    begun_alone = peewee.BigIntegerField(default=0)
    reason = peewee.TextField(null=True)
    decision = JsonField(null=True)
    error = peewee.TextField(null=True)
    scope_kind = peewee.TextField(null=True)
    scope_key = peewee.TextField(null=True)
    closed_at = UtcField(null=True)

    class Meta:
        table_name = "inbound_events"

    @property
    def is_open(self) -> bool:
        return self.status in ("received", "waiting")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One event as a door or a poll received it; `dedup_key` repeats when the sender does."""

    account_id: int
    branch_id: int | None
    lane: str
    subject: str
    source: str
    kind: str
    dedup_key: str
    body: str
    settle_seconds: float = 0
    status: str = "received"
    reason: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the journal shows; None shows all. `subjects` are bookings by their keys, `lead_id` finds the
    events of its bookings; the status `trouble` is any that asks for a look.
    """

    status: str | None = None
    branch_id: int | None = None
    kind: str | None = None
    subjects: tuple[str, ...] | None = None
    lead_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The outcome of one event. `scope` goes with status blocked."""

    event_id: int
    status: str
    reason: str | None = None
    decision: Any = None
    error: str | None = None
    scope: Scope | None = None
