"""Questions of the reports. Each reads the days of its period, or the people found there, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from backend.core.money import Kopecks
from backend.core.reports.figures import ACTIVE, MISSED, OPEN
from backend.core.reports.lost import Return
from backend.core.reports.money import Held
from backend.core.reports.rebooking import Stay
from backend.core.reports.visits import Visit
from backend.core.salon import Phase
from backend.store import booking_figures, bulk, db

VISIT = """f.key, f.branch_id, f.phase, f.day, f.starts_at, f.ended_at, f.changed_at, coalesce(f.price, 0),
    f.shares, coalesce(f.direction, ''), f.person, f.staff_id, f.made_day"""
LEAD_OF = "LEFT JOIN links l ON l.account_id = f.account_id AND l.key = f.key AND l.role = 'main'"
CARRYING = (
    "('main', 'satellite', 'additional')"  # the lead of the next visit carries none of this one's money
)
CLOSED = "c.stage_id IN (142, 143)"


@dataclass(frozen=True, slots=True)
class Asked:
    """Days as ordinals, both included. None means any salon, any direction. `columns` are masters, by our
    branch row and their number, who are nobody: «Лист ожидания».
    """

    account_id: int
    first: int
    last: int
    branch_id: int | None = None
    direction: str | None = None
    columns: tuple[tuple[int, int], ...] = ()


def unmarked(asked: Asked, ended_before: datetime) -> list[Visit]:
    """Visits that ended before that moment and are still open, the latest first."""
    return _visits(
        asked, OPEN, "AND f.ended_at <= %s ORDER BY f.starts_at DESC, f.key", (db.micros(ended_before),)
    )


def unmarked_by_day(asked: Asked, ended_before: datetime) -> dict[int, int]:
    """Day → how many; days without any are left out."""
    where, params = _of_people(asked, OPEN)
    sql = f"SELECT f.day, count(*) FROM booking_figures f WHERE {where} AND f.ended_at <= %s GROUP BY f.day"
    return dict(db.rows(sql, (*params, db.micros(ended_before))))


def missed(asked: Asked) -> list[Visit]:
    """No-shows and cancellations, the latest first; the direction is looked for among all of a visit's."""
    return _visits(replace(asked, direction=None), MISSED, "ORDER BY f.starts_at DESC, f.key")


def returns(account_id: int, people: Iterable[str], since: int) -> list[Return]:
    """Active bookings of these people: of days since then, and those made since then for an earlier day."""
    found: list[Return] = []
    for chunk in bulk.chunks({person for person in people if person}):
        rows = db.rows(
            f"""SELECT key, person, shares, direction, price, day, made_day FROM booking_figures
            WHERE account_id = %s AND person IN ({bulk.marks(len(chunk))})
            AND phase IN ({bulk.marks(len(ACTIVE))}) AND (day >= %s OR made_day >= %s)""",
            (account_id, *chunk, *ACTIVE, since, since),
        )
        for key, person, shares, direction, price, day, made_day in rows:
            parts = booking_figures.shares_of(shares, direction, price)
            found.append(Return(key, person, tuple(part for part, _ in parts), day, made_day))
    return found


def stays(asked: Asked, within: int, *, with_responsible: bool = False) -> list[Stay]:
    """Active bookings of the period and of the days after it in which a person may be booked again. Whoever
    is booked again in another salon comes back too, so the salon narrows only the visits themselves.
    """
    joined = f"{LEAD_OF} LEFT JOIN crm_leads c ON c.account_id = l.account_id AND c.lead_id = l.lead_id"
    responsible, tables = ("coalesce(c.responsible_id, 0)", joined) if with_responsible else ("0", "")
    anywhere = replace(asked, last=asked.last + within, branch_id=None)
    where, params = _of_people(anywhere, ACTIVE)
    sql = f"""SELECT f.person, f.day, f.made_day, f.phase = 'arrived', f.branch_id, f.staff_id, f.author_id,
        {responsible} FROM booking_figures f {tables} WHERE {where}"""
    return [Stay._make(row) for row in db.rows(sql, params)]


def held(asked: Asked) -> list[Held]:
    """Bookings that take or took place with the leads that carry their money; history carries none."""
    where, params = _where(asked, ACTIVE)
    sql = f"""SELECT f.key, f.branch_id, f.day, coalesce(f.price, 0), coalesce(f.budget, f.price, 0),
        l.lead_id, coalesce(l.role = 'main', false), coalesce(c.price, 0), coalesce(c.is_deleted, false),
        coalesce({CLOSED}, false)
        FROM booking_figures f
        LEFT JOIN links l ON l.account_id = f.account_id AND l.key = f.key AND l.role IN {CARRYING}
        LEFT JOIN crm_leads c ON c.account_id = l.account_id AND c.lead_id = l.lead_id
        WHERE {where}"""
    return [Held._make(row) for row in db.rows(sql, params)]


def applied(account_id: int, keys: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Booking key → what was last written into each of its leads."""
    found: dict[str, list[dict[str, str]]] = {}
    for chunk in bulk.chunks(set(keys)):
        rows = db.rows(
            f"""SELECT key, applied FROM links WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))})
            AND role IN {CARRYING}""",
            (account_id, *chunk),
        )
        for key, text in rows:
            found.setdefault(key, []).append(json.loads(text))
    return found


def newest_statuses(account_id: int, keys: Iterable[str]) -> dict[str, str]:
    """Booking key → where its newest event stands; keys whose events are no longer kept are left out."""
    found: dict[str, str] = {}
    for chunk in bulk.chunks(set(keys)):
        rows = db.rows(
            f"""SELECT subject, status FROM inbound_events
            WHERE account_id = %s AND subject IN ({bulk.marks(len(chunk))}) ORDER BY id""",
            (account_id, *chunk),
        )
        found |= dict(rows)
    return found


def reasons(account_id: int, keys: Iterable[str]) -> dict[str, str]:
    """Booking key → the reason of its newest decision."""
    found: dict[str, str] = {}
    for chunk in bulk.chunks(set(keys)):
        rows = db.rows(
            f"""SELECT key, reason FROM bookings WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))})
            AND reason IS NOT NULL""",
            (account_id, *chunk),
        )
        found |= dict(rows)
    return found


def leads_of(account_id: int, keys: Iterable[str]) -> dict[str, int]:
    """Booking key → its main lead, whether or not it drives it still."""
    found: dict[str, int] = {}
    for chunk in bulk.chunks(set(keys)):
        rows = db.rows(
            f"""SELECT key, lead_id FROM links WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))})
            AND role IN ('main', 'history') ORDER BY role, id""",
            (account_id, *chunk),
        )
        found |= dict(rows)
    return found


def staff_names(account_id: int) -> dict[tuple[int, int], str]:
    """(our branch row, master) → name, those who left too: their visits stay."""
    rows = db.rows(
        """SELECT s.branch_id, s.staff_id, s.name FROM branch_staff s JOIN branches b ON b.id = s.branch_id
        WHERE b.account_id = %s""",
        (account_id,),
    )
    return {(branch_id, staff_id): name for branch_id, staff_id, name in rows}


def _visits(asked: Asked, phases: Sequence[Phase], tail: str, more: Sequence[Any] = ()) -> list[Visit]:
    where, params = _of_people(asked, phases)
    sql = f"SELECT {VISIT}, l.lead_id FROM booking_figures f {LEAD_OF} WHERE {where} {tail}"
    return [_visit(row) for row in db.rows(sql, (*params, *more))]


def _where(asked: Asked, phases: Sequence[Phase]) -> tuple[str, tuple[Any, ...]]:
    where = f"f.account_id = %s AND f.day >= %s AND f.day <= %s AND f.phase IN ({bulk.marks(len(phases))})"
    params: tuple[Any, ...] = (asked.account_id, asked.first, asked.last, *phases)
    if asked.branch_id is not None:
        where, params = f"{where} AND f.branch_id = %s", (*params, asked.branch_id)
    if asked.direction is not None:
        where, params = f"{where} AND f.direction = %s", (*params, asked.direction)
    return where, params


def _of_people(asked: Asked, phases: Sequence[Phase]) -> tuple[str, tuple[Any, ...]]:
    """Visits of people to masters: no time that the desk only keeps free, no waiting list (rows A12, A13)."""
    where, params = _where(asked, phases)
    for column in asked.columns:
        where, params = f"{where} AND NOT (f.branch_id = %s AND f.staff_id = %s)", (*params, *column)
    return f"{where} AND f.person <> ''", params


def _visit(row: tuple[Any, ...]) -> Visit:
    key, branch_id, phase, day, starts, ended, changed, price, shares, direction, *rest = row
    person, staff, made, lead = rest
    return Visit(
        key, branch_id, Phase(phase), day, db.moment(starts), db.moment(ended), db.moment(changed),
        Kopecks(price), booking_figures.shares_of(shares, direction, price), direction, person, staff, made,
        lead,
    )  # fmt: skip
