"""What the salons of an account offer or once did, counted: rows for the board of directions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backend.store import bulk, db


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: int
    title: str
    category_id: int | None
    is_gone: bool


def categories(account_id: int) -> list[tuple[int, int, str, bool]]:
    """(company id, category id, title, is gone) of every category ever read."""
    found = db.rows(
        """SELECT b.company_id, c.category_id, c.title, c.is_gone
        FROM branch_categories c JOIN branches b ON b.id = c.branch_id
        WHERE b.account_id = %s ORDER BY b.company_id, c.category_id""",
        (account_id,),
    )
    return [(company, category, title, bool(is_gone)) for company, category, title, is_gone in found]


def counts(account_id: int) -> dict[tuple[int, int], int]:
    """(company id, category id) → how many services stand in it now; 0 is «no category»."""
    found = db.rows(
        """SELECT b.company_id, coalesce(s.category_id, 0), count(*)
        FROM branch_services s JOIN branches b ON b.id = s.branch_id
        WHERE b.account_id = %s AND NOT s.is_gone GROUP BY b.company_id, coalesce(s.category_id, 0)""",
        (account_id,),
    )
    return {(company, category): count for company, category, count in found}


def categories_of(account_id: int, services: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """(company id, service id) → category id of those services that are offered now; 0 is «no category»."""
    wanted = set(services)
    found: dict[tuple[int, int], int] = {}
    for chunk in bulk.chunks({number for _, number in wanted}):
        rows = db.rows(
            f"""SELECT b.company_id, s.service_id, coalesce(s.category_id, 0)
            FROM branch_services s JOIN branches b ON b.id = s.branch_id
            WHERE b.account_id = %s AND NOT s.is_gone AND s.service_id IN ({bulk.marks(len(chunk))})""",
            (account_id, *chunk),
        )
        found |= {(company, service): category for company, service, category in rows}
    return {pair: category for pair, category in found.items() if pair in wanted}


def services_in(account_id: int, company_id: int, category_id: int) -> list[ServiceRow]:
    """Services of one category of one salon, by title; those that are no longer offered come last."""
    found = db.rows(
        """SELECT s.service_id, s.title, s.category_id, s.is_gone
        FROM branch_services s JOIN branches b ON b.id = s.branch_id
        WHERE b.account_id = %s AND b.company_id = %s AND coalesce(s.category_id, 0) = %s
        ORDER BY s.is_gone, s.title, s.service_id""",
        (account_id, company_id, category_id),
    )
    return [ServiceRow(number, title, category, bool(gone)) for number, title, category, gone in found]


def read_at(account_id: int) -> dict[int, datetime]:
    """Company id → when its services were read last; a salon that was never read is not there."""
    found = db.rows(
        """SELECT b.company_id, max(s.seen_at) FROM branch_services s JOIN branches b ON b.id = s.branch_id
        WHERE b.account_id = %s GROUP BY b.company_id""",
        (account_id,),
    )
    return {company: db.moment(seen_at) for company, seen_at in found}
