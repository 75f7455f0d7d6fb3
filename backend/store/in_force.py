"""What a batch of bookings asks of the configuration, in small rows; and whom a new one concerns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.reasons import Reason
from backend.core.salon import Phase
from backend.store import bulk, db
from backend.store.bookings import BookingRow
from backend.store.connections import BranchRow
from backend.store.links import LinkRow

UNPLACED = (Reason.NO_DIRECTION.value, Reason.NO_ROUTE.value, Reason.BRANCH_UNMAPPED.value)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version: with its time too, for a database restored from a backup counts its numbers again."""

    number: int
    saved_at: int


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest version (None: never configured), lead field ids by name, time zones by company id."""

    stamp: Stamp | None
    field_ids: dict[str, int]
    timezones: dict[int, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A booking without a lead; `branch_id` is the id of our branch row."""

    key: str
    branch_id: int


def newest(account_id: int) -> InForce:
    return InForce(stamp(account_id), _field_ids(account_id), timezones(account_id))


def stamp(account_id: int, number: int | None = None) -> Stamp | None:
    """Of this version, or of the newest one."""
    found = db.rows(
        """SELECT number, created_at FROM config_versions
        WHERE account_id = %s AND number = coalesce(%s, number) ORDER BY number DESC LIMIT 1""",
        (account_id, number),
    )
    return Stamp(*found[0]) if found else None


def resting(account_id: int, keys: Sequence[str]) -> tuple[Stamp | None, dict[str, Phase]]:
    """What decides how long hooks about these bookings rest: the newest version, and the phase in which each
    was last seen. In one query, because every hook asks it.
    """
    found = db.rows(
        f"""SELECT v.number, v.created_at, b.key, b.phase FROM (
            SELECT number, created_at FROM config_versions WHERE account_id = %s
            ORDER BY number DESC LIMIT 1) AS v
        LEFT JOIN bookings b ON b.account_id = %s AND b.key IN ({bulk.marks(len(keys))})""",
        (account_id, account_id, *keys),
    )
    phases = {key: Phase(phase) for _, _, key, phase in found if key is not None}
    return (Stamp(*found[0][:2]) if found else None), phases


def timezones(account_id: int) -> dict[int, str]:
    """Without reading the branches' rows whole: their tokens would be decrypted for nothing."""
    return dict(
        db.rows(
            "SELECT company_id, timezone FROM branches WHERE account_id = %s AND timezone IS NOT NULL",
            (account_id,),
        )
    )


def save_timezone(branch_id: int, timezone: str) -> None:
    BranchRow.update(timezone=timezone).where(BranchRow.id == branch_id).execute()


def without_lead(account_id: int, since: datetime, settled: Collection[str]) -> list[Waiting]:
    """Bookings of active salons after `since` without a lead, unless the reason is one of `settled`; and
    those whose lead does not know their newest change, because the salon was only observed when it
    came. Of salons that are only observed, those that the rules of then could not place.
    """
    linked = LinkRow.select().where(
        (LinkRow.account_id == BookingRow.account_id) & (LinkRow.key == BookingRow.key)
    )
    behind = linked.where((LinkRow.role == "main") & (LinkRow.version < BookingRow.changed_at))
    is_unplaced = (BranchRow.mode == "observe") & BookingRow.reason.in_(UNPLACED)
    found: Any = (
        BookingRow.select(BookingRow.key, BookingRow.branch_id)
        .join(BranchRow, on=(BranchRow.id == BookingRow.branch_id))
        .where(
            (BookingRow.account_id == account_id)
            & ((BranchRow.mode == "active") | is_unplaced)
            & (~peewee.fn.EXISTS(linked) | peewee.fn.EXISTS(behind))
        )
        .where(
            ((BookingRow.phase != Phase.CANCELLED.value) | peewee.fn.EXISTS(behind))
            & (BookingRow.starts_at >= since)
        )
        .where(BookingRow.reason.is_null() | BookingRow.reason.not_in(list(settled)))
        .order_by(BookingRow.starts_at, BookingRow.id)
        .tuples()
    )
    return [Waiting(key, branch_id) for key, branch_id in found]


def _field_ids(account_id: int) -> dict[str, int]:
    return dict(
        db.rows(
            "SELECT name, field_id FROM lead_fields WHERE account_id = %s AND NOT is_broken", (account_id,)
        )
    )
