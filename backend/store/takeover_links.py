"""Links of leads taken over: they come into being without a lease, for none of them replaces one that is
there, and nothing is sent because of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from backend.core.sync.adopted import MEMORY
from backend.core.sync.links import PAST, Link
from backend.store import bookings, bulk, db, links, takeover_pairs
from backend.store.bookings import BookingRow, SeenBooking
from backend.store.links import LinkRow


def taken(account_id: int) -> tuple[frozenset[str], frozenset[int]]:
    """Bookings that have a lead, and leads that have a booking."""
    sql = """SELECT key, lead_id FROM links WHERE account_id = %s AND share = ''
        AND role NOT IN ('history', 'released')"""
    rows = db.rows(sql, (account_id,))
    return frozenset(key for key, _ in rows), frozenset(lead_id for _, lead_id in rows)


def adopt(account_id: int, new: Sequence[Link], seen: Iterable[SeenBooking], now: datetime) -> list[str]:
    """New links with what is known of their bookings, and their pairs marked; returns the keys of those that
    came into being. A booking or a lead that has a link keeps it.
    """
    with db.atomic():
        busy = _busy_leads(account_id, [link.lead_id for link in new])
        free = [link for link in new if link.lead_id not in busy]
        rows = [_row(account_id, link, now) for link in free]
        tail = """ON CONFLICT (account_id, key, share) WHERE role NOT IN ('history', 'released')
            DO NOTHING RETURNING key"""
        keys = [key for (key,) in bulk.insert(LinkRow, rows, tail)]
        made = set(keys)
        _note_seen(account_id, [one for one in seen if one.key in made], now)
        takeover_pairs.mark_adopted(account_id, {link.key: link.lead_id for link in free if link.key in made})
    return keys


def silent(account_id: int, keys: Iterable[str]) -> dict[str, Link]:
    """Links of leads taken over to which we have written nothing yet."""
    found = links.by_keys(account_id, keys)
    return {key: link for key, link in found.items() if link.applied.get(MEMORY) and link.role not in PAST}


def replace(account_id: int, new: Iterable[Link], now: datetime) -> int:
    """What such links remember, anew; one that was written to meanwhile keeps what it remembers."""
    changed = 0
    with db.atomic():
        wanted = {link.key: link for link in new}
        for chunk in bulk.chunks(wanted):
            current = (LinkRow.account_id == account_id) & LinkRow.key.in_(chunk) & LinkRow.role.not_in(PAST)
            rows = [
                row
                for row in LinkRow.select().where(current & (LinkRow.share == ""))
                if row.applied.get(MEMORY)
            ]
            changed += bulk.update(
                LinkRow,
                "id",
                [
                    _renewed(row.id, wanted[row.key], now)
                    for row in rows
                    if row.lead_id == wanted[row.key].lead_id
                ],
            )
    return changed


def _busy_leads(account_id: int, lead_ids: Sequence[int]) -> set[int]:
    return set(links.holders(account_id, lead_ids))


def _row(account_id: int, link: Link, now: datetime) -> dict[str, object]:
    return {
        "account_id": account_id, "key": link.key, "lead_id": link.lead_id, "role": link.role.value,
        "share": "", "direction": link.direction, "contact_id": link.contact_id, "version": link.version,
        "applied": dict(link.applied), "stage_id": link.stage_id, "stage_at": link.stage_at,
        "opened_by_us": False, "created_at": now, "updated_at": now,
    }  # fmt: skip


def _renewed(row_id: int, link: Link, now: datetime) -> dict[str, object]:
    return {
        "id": row_id, "direction": link.direction, "version": link.version, "applied": dict(link.applied),
        "stage_id": link.stage_id, "stage_at": link.stage_at, "updated_at": now,
    }  # fmt: skip


def _note_seen(account_id: int, seen: Sequence[SeenBooking], now: datetime) -> None:
    """A booking that our own road has met is known better there: it only learns its lead."""
    rows = [bookings.row(account_id, one, now) for one in seen]
    bulk.insert(BookingRow, rows, "ON CONFLICT (account_id, key) DO UPDATE SET lead_id = excluded.lead_id")
