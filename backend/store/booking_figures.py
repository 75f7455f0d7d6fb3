"""What the reports count of each booking, in rows of their own: narrow, by day and by person, so that a
report reads its period and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import peewee

from backend.core.money import Kopecks
from backend.core.reports.figures import Figures, Shares, person
from backend.store import bulk, db, lanes
from backend.store.db import BaseModel, UtcField
from backend.store.lanes import Lease

TABLE = "booking_figures"
ALWAYS = (
    "branch_id", "phase", "day", "made_day", "starts_at", "ended_at", "changed_at", "person", "staff_id",
    "author_id",
)  # fmt: skip
WHEN_TOLD = ("price", "budget", "shares", "direction")


class FiguresRow(BaseModel):
    """`branch_id` is our branch row. Days are ordinals of the salon's calendar, `shares` the parts of the
    price as JSON. The money is NULL of a booking that was deleted before anybody saw what was in it.
    """

    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    branch_id = peewee.BigIntegerField()
    phase = peewee.TextField()
    day = peewee.BigIntegerField()
    made_day = peewee.BigIntegerField()
    starts_at = UtcField()
    ended_at = UtcField()
    changed_at = UtcField()
    price = peewee.BigIntegerField(null=True)
    budget = peewee.BigIntegerField(null=True)
    shares = peewee.TextField(null=True)
    direction = peewee.TextField(null=True)
    person = peewee.TextField()
    staff_id = peewee.BigIntegerField()
    author_id = peewee.BigIntegerField()

    class Meta:
        table_name = TABLE
        primary_key = peewee.CompositeKey("account_id", "key")


def save(lease: Lease, branches: Mapping[str, int], noted: Iterable[Figures]) -> None:
    """Older figures never overwrite newer ones; money that a state does not tell stays. `branches`: booking
    key → our branch row. Whoever was known by a card, or by a contact that is gone, is one person with the
    contact of now.
    """
    newest = {figures.key: figures for figures in sorted(noted, key=lambda one: one.changed_at)}
    new = [_row(lease.account_id, branches[key], figures) for key, figures in newest.items()]
    sets = [f"{name} = excluded.{name}" for name in ALWAYS]
    sets += [f"{name} = coalesce(excluded.{name}, {TABLE}.{name})" for name in WHEN_TOLD]
    tail = f"ON CONFLICT (account_id, key) DO UPDATE SET {', '.join(sets)}"
    with db.atomic():
        lanes.assert_held(lease)
        bulk.insert(FiguresRow, new, f"{tail} WHERE excluded.changed_at >= {TABLE}.changed_at")
        known = {one.card: one.person for one in newest.values() if one.card and one.person != one.card}
        _rename(lease.account_id, known | _merged(lease.account_id, known))


def _row(account_id: int, branch_id: int, figures: Figures) -> dict[str, Any]:
    return {
        "account_id": account_id, "key": figures.key, "branch_id": branch_id, "phase": figures.phase.value,
        "day": figures.day, "made_day": figures.made_day, "starts_at": figures.starts_at,
        "ended_at": figures.ended_at, "changed_at": figures.changed_at, "price": figures.price,
        "budget": figures.budget, "shares": _written(figures.shares), "direction": figures.direction,
        "person": figures.person, "staff_id": figures.staff_id, "author_id": figures.author_id,
    }  # fmt: skip


def _merged(account_id: int, known: Mapping[str, str]) -> dict[str, str]:
    """Contacts that these cards were once remembered for and that are gone: people merged them into the one
    that the card leads to now (row E6).
    """
    found: dict[str, str] = {}
    for cards in bulk.chunks(known):
        rows = db.rows(
            f"""SELECT k.key, k.contact_id FROM person_keys k JOIN crm_contacts c
            ON c.account_id = k.account_id AND c.contact_id = k.contact_id
            WHERE k.account_id = %s AND k.key IN ({bulk.marks(len(cards))}) AND c.is_deleted""",
            (account_id, *cards),
        )
        found |= {person(contact_id, ""): known[card] for card, contact_id in rows}
    return {before: now for before, now in found.items() if before != now}


def _rename(account_id: int, known: Mapping[str, str]) -> None:
    """Who they were → who they are; an index tells at once that there is nothing to rename, nearly always."""
    for people in bulk.chunks(known):
        values = ",".join(["(%s,%s)"] * len(people))
        db.run(
            f"""UPDATE {TABLE} AS t SET person = v.column2 FROM (VALUES {values}) AS v
            WHERE t.account_id = %s AND t.person = v.column1""",
            (*(part for one in people for part in (one, known[one])), account_id),
        )


def _written(shares: Shares | None) -> str | None:
    return None if shares is None else json.dumps(shares, ensure_ascii=False, separators=(",", ":"))


def shares_of(stored: str | None, direction: str | None, price: int | None) -> Shares:
    """What `save` wrote; a booking from before it was written is of its main direction alone."""
    if stored:
        return tuple((key, Kopecks(money)) for key, money in json.loads(stored))
    return ((direction or "", Kopecks(price or 0)),)
