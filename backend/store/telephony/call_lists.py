"""What statistics say beyond sums: how soon calls were answered; the calls of a period as lines of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from backend.store import db
from backend.store.telephony.calls import CallFilters, CallRow, wanted

STEPS = (5, 10, 20, 30, 60)  # seconds; the last part is «longer»
PORTION = 1000
COLUMNS = (
    CallRow.id, CallRow.pbx_id, CallRow.way, CallRow.outcome, CallRow.line, CallRow.trunk, CallRow.did,
    CallRow.client, CallRow.client_key, CallRow.user_id, CallRow.began_at, CallRow.wait_ms, CallRow.talk_ms,
    CallRow.is_lost, CallRow.request_id,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waits:
    """How many answered inbound calls waited up to each of `STEPS`, and longer; the longest wait of them."""

    counts: tuple[int, ...]
    longest: timedelta

    @property
    def total(self) -> int:
        return sum(self.counts)


def waits(account_id: int, since: datetime, until: datetime, pbx_id: int | None = None) -> Waits:
    """Counted by the database."""
    bounds = [0, *(step * 1000 for step in STEPS)]
    sums = ", ".join(
        f"coalesce(sum(CASE WHEN wait_ms >= {low} AND wait_ms < {high} THEN 1 ELSE 0 END), 0)"
        for low, high in pairwise(bounds)
    )
    one_pbx, pbx = ("AND pbx_id = %s", (pbx_id,)) if pbx_id is not None else ("", ())
    sql = f"""SELECT {sums}, count(*), coalesce(max(wait_ms), 0) FROM calls WHERE account_id = %s
        AND began_at >= %s AND began_at < %s AND state <> 'open' AND way = 'in' AND outcome = 'answered'
        {one_pbx}"""
    *counts, total, longest = db.rows(sql, (account_id, db.micros(since), db.micros(until), *pbx))[0]
    known = tuple(int(count) for count in counts)
    return Waits((*known, int(total) - sum(known)), timedelta(milliseconds=int(longest)))


def lines(account_id: int, filters: CallFilters, most: int) -> Iterator[CallRow]:
    """Oldest first, without what only one call's page needs; read in portions."""
    after, left = 0, most
    while left > 0:
        query = wanted(account_id, filters).where(CallRow.id > after).select(*COLUMNS)
        found = list(query.order_by(CallRow.id).limit(min(PORTION, left)))
        yield from found
        if len(found) < PORTION:
            return
        after, left = found[-1].id, left - len(found)


def refused_but_known(since: datetime, source: str, most: int = 500) -> list[tuple[int, str, int]]:
    """(account, call, contact) of calls that amoCRM knew nobody for, where a contact has the number by
    now; without those that an event of `source` has asked about already.
    """
    return db.rows(
        """SELECT c.account_id, c.uniq, min(k.contact_id) FROM calls c
        JOIN person_keys k ON k.account_id = c.account_id AND k.key = c.client_key
        JOIN crm_contacts p ON p.account_id = k.account_id AND p.contact_id = k.contact_id
            AND NOT p.is_deleted
        WHERE c.state = 'refused' AND c.began_at >= %s AND c.client_key <> ''
        AND NOT EXISTS (SELECT 1 FROM inbound_events e WHERE e.account_id = c.account_id AND e.source = %s
            AND e.dedup_key = c.uniq || ':' || k.contact_id)
        GROUP BY c.account_id, c.uniq, c.began_at ORDER BY c.began_at LIMIT %s""",
        (db.micros(since), source, most),
    )
