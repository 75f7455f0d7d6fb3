"""Whose contact a lane is just making: two lanes must not make one person twice.

A claim is taken in the transaction that plans the command and given back in the one that settles it. Whoever
never settles (a worker that died, a paused account) loses it after `SECONDS`: by then the contact, if it was
made, is found by its phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from backend.core.errors import TryLater
from backend.store import bulk, db, mirror
from backend.store.lanes import Lease

SECONDS = 600.0  # more than the CRM may take to commit a request whose answer was lost
AGAIN = timedelta(seconds=1)


class PersonTaken(TryLater):
    """Somebody else makes this person, or has just made them: decide again from fresh facts."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__("people.being_made", after=AGAIN)
        self.keys = frozenset(keys)


def claim(lease: Lease, wanted: Mapping[int, Sequence[str]]) -> None:
    """Command → what its new person is found by. PersonTaken when another lane has claimed one of them, or
    when there is such a contact by now; called inside the transaction that plans the commands.
    """
    assert db.transaction_depth() > 0, "a claim stands and falls with the plan"
    keys = {key: command_id for command_id, some in wanted.items() for key in some}
    taken = [key for key in sorted(keys) if not _take(lease, key, keys[key])]
    # Asked after the claims, which wait for each other: whoever settled before us is seen here.
    known = mirror.contacts_by_keys(lease.account_id, keys)
    if taken or known:
        raise PersonTaken([*taken, *known])


def release(command_ids: Iterable[int]) -> None:
    """These commands are settled, one way or another."""
    for chunk in bulk.chunks(command_ids):
        db.run(f"DELETE FROM person_claims WHERE command_id IN ({bulk.marks(len(chunk))})", chunk)


def _take(lease: Lease, key: str, command_id: int) -> bool:
    """Free, run out, or our own from before."""
    clock = db.clock_sql()
    taken = db.run(
        f"""INSERT INTO person_claims (account_id, key, lane_id, command_id, expires)
        VALUES (%s, %s, %s, %s, {clock} + %s)
        ON CONFLICT (account_id, key) DO UPDATE SET
            lane_id = excluded.lane_id, command_id = excluded.command_id, expires = excluded.expires
        WHERE person_claims.lane_id = excluded.lane_id OR person_claims.expires <= {clock}
        RETURNING key""",
        (lease.account_id, key, lease.lane_id, command_id, SECONDS),
    ).fetchall()
    return bool(taken)
