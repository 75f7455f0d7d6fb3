"""Lanes and their leases: one worker at a time per lane, told apart by a fencing number.

Leases run on the database's clock. One that ran out without a release means that its holder died: the next
holder begins with half the batch, until a poisonous event stands alone. A clean release gives
the full batch back.
"""

from __future__ import annotations

from dataclasses import dataclass

import peewee

from backend.store import db
from backend.store.db import BaseModel

FULL_BATCH = 200
BOOKINGS = "bookings"  # the lane of everything that becomes leads

_ids: dict[
    tuple[int, str], int
] = {}  # lanes are never deleted, so their ids may be remembered by the process


class LeaseLost(Exception):
    """Somebody else holds the lane now, or our time ran out: write nothing more."""


class Lane(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    name = peewee.TextField()
    owner = peewee.TextField(null=True)
    expires = peewee.DoubleField(null=True)
    fencing = peewee.BigIntegerField()
    batch_limit = peewee.BigIntegerField()

    class Meta:
        table_name = "lanes"


@dataclass(frozen=True, slots=True)
class Lease:
    lane_id: int
    account_id: int
    name: str
    owner: str
    fencing: int
    batch_limit: int


def lane_id(account_id: int, name: str) -> int:
    """The id of a lane, which comes into being when first asked for."""
    known = _ids.get((account_id, name))
    if known is None:
        known = _find(account_id, name) or _create(account_id, name)
        if not db.transaction_depth():  # else the lane may be rolled back with the transaction
            _ids[account_id, name] = known
    return known


def forget_ids() -> None:
    """After switching to another database."""
    _ids.clear()


def get(lane_id: int) -> tuple[int, str]:
    """(account id, name) of a lane; LookupError when there is none."""
    found = db.rows("SELECT account_id, name FROM lanes WHERE id = %s", (lane_id,))
    if not found:
        raise LookupError(f"no lane {lane_id}")
    account_id, name = found[0]
    return account_id, name


def take(lane_id: int, owner: str, seconds: float) -> Lease | None:
    """Take a free lane, or one whose holder's time ran out; None when somebody holds it."""
    clock = db.clock_sql()
    taken = db.run(
        f"""UPDATE lanes SET
            batch_limit = CASE WHEN owner IS NULL THEN batch_limit ELSE (batch_limit + 1) / 2 END,
            owner = %s, expires = {clock} + %s, fencing = fencing + 1
        WHERE id = %s AND (owner IS NULL OR expires <= {clock})
        RETURNING account_id, name, fencing, batch_limit""",
        (owner, seconds, lane_id),
    ).fetchall()
    return Lease(lane_id, taken[0][0], taken[0][1], owner, *taken[0][2:]) if taken else None


def renew(lease: Lease, seconds: float) -> None:
    """Hold on for `seconds` from now; LeaseLost when the time had already run out."""
    clock = db.clock_sql()
    kept = db.run(
        f"""UPDATE lanes SET expires = {clock} + %s
        WHERE id = %s AND owner = %s AND fencing = %s AND expires > {clock}""",
        (seconds, lease.lane_id, lease.owner, lease.fencing),
    ).rowcount
    if not kept:
        raise LeaseLost(f"lane {lease.lane_id} fencing {lease.fencing}")


def release(lease: Lease) -> None:
    """Let go. Quiet when the lane is already somebody else's."""
    db.run(
        """UPDATE lanes SET owner = NULL, expires = NULL, batch_limit = %s
        WHERE id = %s AND owner = %s AND fencing = %s""",
        (FULL_BATCH, lease.lane_id, lease.owner, lease.fencing),
    )


def end_of(owners: str) -> int:
    """The leases of whose owner's name begins so run out now, since it is known to be dead; how many."""
    return int(
        db.run(
            f"""UPDATE lanes SET expires = {db.clock_sql()}
            WHERE SUBSTR(owner, 1, %s) = %s AND expires IS NOT NULL""",
            (len(owners), owners),
        ).rowcount
    )


def assert_held(lease: Lease) -> None:
    """First statement of every writing transaction of a drain; the row stays locked, so nobody takes over
    before commit.
    """
    assert db.transaction_depth() > 0, "a lease is checked inside the transaction that it guards"
    lock = "" if db.is_sqlite() else "FOR NO KEY UPDATE"
    held = db.rows(
        f"""SELECT 1 FROM lanes
        WHERE id = %s AND owner = %s AND fencing = %s AND expires > {db.clock_sql()} {lock}""",
        (lease.lane_id, lease.owner, lease.fencing),
    )
    if not held:
        raise LeaseLost(f"lane {lease.lane_id} fencing {lease.fencing}")


def _find(account_id: int, name: str) -> int | None:
    found = db.rows("SELECT id FROM lanes WHERE account_id = %s AND name = %s", (account_id, name))
    return int(found[0][0]) if found else None


def _create(account_id: int, name: str) -> int:
    db.run(
        """INSERT INTO lanes (account_id, name, fencing, batch_limit) VALUES (%s, %s, 0, %s)
        ON CONFLICT DO NOTHING""",
        (account_id, name, FULL_BATCH),
    )
    created = _find(account_id, name)
    assert created is not None
    return created
