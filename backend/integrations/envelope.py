"""What a hook is before anybody understood it, and what a booking source must bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from backend.core.salon import Booking, Catalogue, Phase
from backend.integrations.http import Http, JsonObject


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event of a hook's body. `subject` is what it is about; `body` is this event alone.

    `changed_at` is given when the source was asked: a hook comes at once, a poll finds what has rested long
    ago.

    What is not readable is stored and shown all the same: after a refusal the sender would give up on us.
    """

    kind: str
    subject: str
    dedup_key: str
    body: str
    company_id: int | None = None
    resource: str = ""
    resource_id: int | None = None
    status: str = ""
    is_readable: bool = True
    phase: Phase | None = None
    changed_at: datetime | None = None


class Journal(Protocol):
    """A booking system as one user sees it; what it returns is read by `BookingSource.parse`."""

    def record(self, company_id: int, record_id: int) -> JsonObject | None: ...

    def records(
        self,
        company_id: int,
        changed_after: datetime,
        *,
        with_deleted: bool = True,
        changed_before: datetime | None = None,
    ) -> Iterator[JsonObject]: ...

    def records_between(self, company_id: int, start: date, end: date) -> Iterator[JsonObject]: ...

    def catalogue(self, company_id: int) -> Catalogue: ...


@dataclass(frozen=True, slots=True)
class BookingSource:
    """What a booking system brings: reading its hooks and its bookings (pure), and opening its journal.

    `told` puts a record found by asking into the envelope its hook would have had. `parse` takes one and
    the branch's time zone; `open` the line, address, partner and user token.
    """

    name: str
    read_hook: Callable[[bytes], tuple[Envelope, ...]]
    told: Callable[[int, JsonObject], Envelope]
    parse: Callable[[JsonObject, str], Booking]
    open: Callable[[Http, str, str, str], Journal]
