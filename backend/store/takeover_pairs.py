"""Pairs of a booking and a lead of another integration: what the matching found, and where each stands. What
people decide about them: store/takeover_decisions.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.takeover.pairing import Pair, State, Tier, Why
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

TAKEN = (State.ACCEPTED.value, State.ADOPTED.value)
LOOK, OPEN, TIES = "look", "open", "ties"  # lists beside those by state


class PairRow(BaseModel):
    """`is_decided`: a person's word, which no later search overrules."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField()
    tier = peewee.TextField()
    reasons = JsonField()
    state = peewee.TextField()
    is_best = peewee.BooleanField()
    is_tie = peewee.BooleanField()
    is_for_a_look = peewee.BooleanField()
    is_decided = peewee.BooleanField()
    starts_at = UtcField()
    found_at = UtcField()

    class Meta:
        table_name = "takeover_pairs"

    @property
    def pair(self) -> Pair:
        reasons = tuple(Why(reason) for reason in self.reasons)
        return Pair(self.key, self.lead_id, Tier(self.tier), reasons, State(self.state), self.is_best)


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A pair with the salon of its booking, by YCLIENTS' number, and the time of the visit."""

    pair: Pair
    company_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows: a state, or one of the lists beside them; of one tier, of one salon."""

    shown: str = OPEN
    tier: Tier | None = None
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a new search has to leave alone: bookings and leads that have each other, pairs refused."""

    keys: frozenset[str]
    lead_ids: frozenset[int]
    refused: frozenset[tuple[str, int]]


def renew(account_id: int, found: Iterable[FoundPair], now: datetime) -> None:
    """The result of a search in place of the one before; decided pairs and links that are there stay."""
    with db.atomic():
        db.run(
            "DELETE FROM takeover_pairs WHERE account_id = %s AND NOT is_decided AND state <> 'adopted'",
            (account_id,),
        )
        add(account_id, found, now)


def add(account_id: int, found: Iterable[FoundPair], now: datetime) -> None:
    """More pairs beside those that are there; what clashes with one of them stays away."""
    new = [
        {
            "account_id": account_id, "company_id": one.company_id, "key": one.pair.key,
            "lead_id": one.pair.lead_id, "tier": one.pair.tier.value,
            "reasons": [why.value for why in one.pair.reasons], "state": one.pair.state.value,
            "is_best": one.pair.is_best, "is_tie": Why.TIE in one.pair.reasons,
            "is_for_a_look": one.pair.is_for_a_look, "is_decided": False,
            "starts_at": one.starts_at, "found_at": now,
        }
        for one in found
    ]  # fmt: skip
    bulk.insert(PairRow, new, "ON CONFLICT DO NOTHING")


def settled(account_id: int) -> Settled:
    sql = """SELECT key, lead_id, state FROM takeover_pairs
        WHERE account_id = %s AND (is_decided OR state = 'adopted')"""
    keys, leads, refused = set[str](), set[int](), set[tuple[str, int]]()
    for key, lead_id, state in db.rows(sql, (account_id,)):
        if state in TAKEN:
            keys.add(key)
            leads.add(lead_id)
        else:
            refused.add((key, lead_id))
    return Settled(frozenset(keys), frozenset(leads), frozenset(refused))


def get(account_id: int, pair_id: int) -> PairRow | None:
    return PairRow.get_or_none((PairRow.account_id == account_id) & (PairRow.id == pair_id))


def page(
    account_id: int, wanted: Filter, after: tuple[datetime, int] | None = None, limit: int = 20
) -> list[PairRow]:
    """The newest visits first; the next page starts after (starts_at, id) of the last row of this one."""
    query = _wanted(account_id, wanted)
    if after is not None:
        at, row_id = after
        later = (PairRow.starts_at < at) | ((PairRow.starts_at == at) & (PairRow.id > row_id))
        query = query.where((PairRow.starts_at <= at) & later)
    return list(query.order_by(PairRow.starts_at.desc(), PairRow.id).limit(limit))


def count(account_id: int, wanted: Filter) -> int:
    return int(_wanted(account_id, wanted).count())


def of_booking(account_id: int, keys: Iterable[str]) -> dict[str, list[PairRow]]:
    """Every pair of these bookings, the chosen one first."""
    found: dict[str, list[PairRow]] = {}
    for chunk in bulk.chunks(set(keys)):
        where = (PairRow.account_id == account_id) & PairRow.key.in_(chunk)
        for row in PairRow.select().where(where).order_by(PairRow.is_best.desc(), PairRow.id):
            found.setdefault(row.key, []).append(row)
    return found


def accepted(account_id: int, company_id: int, after: int = 0, limit: int = 500) -> list[PairRow]:
    """What waits for its link, in the order of the numbers of the rows."""
    where = (PairRow.account_id == account_id) & (PairRow.company_id == company_id)
    accepted = PairRow.select().where(where & (PairRow.state == State.ACCEPTED.value) & (PairRow.id > after))
    return list(accepted.order_by(PairRow.id).limit(limit))


def tallies(account_id: int, company_id: int | None = None) -> dict[tuple[str, str], int]:
    """(state, tier) → how many pairs."""
    extra, params = ("AND company_id = %s", (company_id,)) if company_id is not None else ("", ())
    sql = f"""SELECT state, tier, count(*) FROM takeover_pairs WHERE account_id = %s {extra}
        GROUP BY state, tier"""
    return {(state, tier): int(n) for state, tier, n in db.rows(sql, (account_id, *params))}


def salons(account_id: int) -> list[int]:
    """Numbers of the salons that any pair is of."""
    sql = "SELECT DISTINCT company_id FROM takeover_pairs WHERE account_id = %s ORDER BY company_id"
    return [company for (company,) in db.rows(sql, (account_id,))]


def for_bulk(account_id: int, tier: Tier, company_id: int | None) -> list[int]:
    """What can be accepted at once: the chosen open pairs of a tier, without those that another equals."""
    query = _wanted(account_id, Filter(OPEN, tier, company_id)).where(PairRow.is_best & ~PairRow.is_tie)
    return [row_id for (row_id,) in query.select(PairRow.id).order_by(PairRow.id).tuples()]


def bulk_counts(account_id: int, company_id: int | None) -> dict[str, int]:
    """Tier → how many can be accepted at once."""
    extra, params = ("AND company_id = %s", (company_id,)) if company_id is not None else ("", ())
    sql = f"""SELECT tier, count(*) FROM takeover_pairs WHERE account_id = %s AND state = 'proposed'
        AND is_best AND NOT is_tie {extra} GROUP BY tier"""
    return {tier: int(n) for tier, n in db.rows(sql, (account_id, *params))}


def mark_adopted(account_id: int, linked: Mapping[str, int]) -> None:
    """These bookings (key → lead) have their links: their pairs say so, and what clashes with them is open no
    more.
    """
    for keys in bulk.chunks(linked):
        leads = [linked[key] for key in keys]
        where = (PairRow.account_id == account_id) & PairRow.state.in_((State.PROPOSED.value, *TAKEN))
        near = list(PairRow.select().where(where & (PairRow.key.in_(keys) | PairRow.lead_id.in_(leads))))
        own = [row.id for row in near if linked.get(row.key) == row.lead_id]
        past = [row.id for row in near if row.id not in own and not row.is_decided]
        PairRow.delete().where(PairRow.id.in_(past)).execute()
        PairRow.update(state=State.ADOPTED.value).where(PairRow.id.in_(own)).execute()


def _wanted(account_id: int, wanted: Filter) -> Any:
    query: Any = PairRow.select().where(PairRow.account_id == account_id)
    if wanted.shown == LOOK:
        query = query.where(PairRow.is_for_a_look & PairRow.state.in_(TAKEN) & ~PairRow.is_decided)
    elif wanted.shown in (OPEN, TIES):
        query = query.where(PairRow.state == State.PROPOSED.value)
        query = query.where(PairRow.is_tie) if wanted.shown == TIES else query
    else:
        query = query.where(PairRow.state == wanted.shown)
    if wanted.tier is not None:
        query = query.where(PairRow.tier == wanted.tier.value)
    return query if wanted.company_id is None else query.where(PairRow.company_id == wanted.company_id)
