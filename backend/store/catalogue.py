"""What each branch offers, as last read: services with their categories, and staff.

Vanished services keep the category they had, because old bookings still carry them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee

from backend.core.salon import Catalogue, Service, StaffMember
from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField


class BranchCategory(BaseModel):
    branch_id = peewee.BigIntegerField()
    category_id = peewee.BigIntegerField()
    title = peewee.TextField()
    is_gone = peewee.BooleanField(default=False)

    class Meta:
        table_name = "branch_categories"
        primary_key = peewee.CompositeKey("branch_id", "category_id")


class BranchService(BaseModel):
    branch_id = peewee.BigIntegerField()
    service_id = peewee.BigIntegerField()
    title = peewee.TextField()
    category_id = peewee.BigIntegerField(null=True)
    is_gone = peewee.BooleanField(default=False)
    seen_at = UtcField()

    class Meta:
        table_name = "branch_services"
        primary_key = peewee.CompositeKey("branch_id", "service_id")


class BranchStaff(BaseModel):
    branch_id = peewee.BigIntegerField()
    staff_id = peewee.BigIntegerField()
    name = peewee.TextField()
    is_gone = peewee.BooleanField(default=False)

    class Meta:
        table_name = "branch_staff"
        primary_key = peewee.CompositeKey("branch_id", "staff_id")


def save_catalogue(branch_id: int, catalogue: Catalogue, now: datetime) -> None:
    """Replace what the branch offers; what is not offered any more stays, marked as gone."""
    here: dict[str, Any] = {"branch_id": branch_id, "is_gone": False}
    categories = {i: {**here, "category_id": i, "title": title} for i, title in catalogue.categories}
    staff = {s.id: {**here, "staff_id": s.id, "name": s.name} for s in catalogue.staff}
    services = {
        s.id: {**here, "service_id": s.id, "title": s.title, "category_id": s.category_id, "seen_at": now}
        for s in catalogue.services
    }
    with db.atomic():
        for model in (BranchCategory, BranchService, BranchStaff):
            model.update(is_gone=True).where(model.branch_id == branch_id).execute()
        bulk.upsert(BranchCategory, categories.values(), ("branch_id", "category_id"))
        bulk.upsert(BranchStaff, staff.values(), ("branch_id", "staff_id"))
        _upsert_services(services.values())


def categories_of(account_id: int, company_ids: Iterable[int]) -> dict[tuple[int, int], int]:
    """(company id, service id) → category id, vanished services included."""
    found: dict[tuple[int, int], int] = {}
    for chunk in bulk.chunks(set(company_ids)):
        sql = f"""SELECT b.company_id, s.service_id, s.category_id
            FROM branch_services s JOIN branches b ON b.id = s.branch_id
            WHERE b.account_id = %s AND b.company_id IN ({bulk.marks(len(chunk))})
                AND s.category_id IS NOT NULL"""
        found |= {
            (company, service): category for company, service, category in db.rows(sql, (account_id, *chunk))
        }
    return found


def catalogue(branch_id: int) -> Catalogue:
    """What the branch offers now."""
    categories = BranchCategory.select().where(
        (BranchCategory.branch_id == branch_id) & ~BranchCategory.is_gone
    )
    services = BranchService.select().where((BranchService.branch_id == branch_id) & ~BranchService.is_gone)
    staff = BranchStaff.select().where((BranchStaff.branch_id == branch_id) & ~BranchStaff.is_gone)
    return Catalogue(
        tuple((row.category_id, row.title) for row in categories.order_by(BranchCategory.category_id)),
        tuple(
            Service(row.service_id, row.title, row.category_id)
            for row in services.order_by(BranchService.service_id)
        ),
        tuple(StaffMember(row.staff_id, row.name) for row in staff.order_by(BranchStaff.staff_id)),
    )


def staff_of(account_id: int) -> dict[int, tuple[StaffMember, ...]]:
    """Branch id → who works there now, for all branches of an account at once."""
    rows = db.rows(
        """SELECT s.branch_id, s.staff_id, s.name FROM branch_staff s JOIN branches b ON b.id = s.branch_id
        WHERE b.account_id = %s AND NOT s.is_gone ORDER BY s.branch_id, s.staff_id""",
        (account_id,),
    )
    found: dict[int, list[StaffMember]] = {}
    for branch_id, staff_id, name in rows:
        found.setdefault(branch_id, []).append(StaffMember(staff_id, name))
    return {branch_id: tuple(staff) for branch_id, staff in found.items()}


def _upsert_services(services: Iterable[bulk.Row]) -> None:
    """A service that lost its category in the source keeps the last one we knew."""
    bulk.insert(
        BranchService,
        services,
        """ON CONFLICT (branch_id, service_id) DO UPDATE SET
            title = excluded.title, is_gone = excluded.is_gone, seen_at = excluded.seen_at,
            category_id = coalesce(excluded.category_id, branch_services.category_id)""",
    )
