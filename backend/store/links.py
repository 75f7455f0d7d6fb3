"""Which lead belongs to which booking: booking key ↔ lead id, with what we last wrote through the link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.crm import WON
from backend.core.sync.links import PAST, Link, Role, role_of
from backend.store import bulk, db, lanes
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.lanes import Lease


class LinkRow(BaseModel):
    """A booking has at most one link for each share that is not history (core/sync/links.py)."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField()
    role = peewee.TextField()
    share = peewee.TextField()
    direction = peewee.TextField()
    contact_id = peewee.BigIntegerField(null=True)
    version = UtcField(null=True)
    applied = JsonField()
    stage_id = peewee.BigIntegerField(null=True)
    stage_at = UtcField(null=True)
    opened_by_us = peewee.BooleanField()
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        table_name = "links"


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What became true of booking `key`. None leaves the stored value; `remembers` is added to what is
    remembered.

    With `lead_id` the lead becomes the booking's lead for this share: another one that it had becomes
    history. With `is_released` the booking gives it up.
    """

    key: str
    lead_id: int | None = None
    direction: str | None = None
    contact_id: int | None = None
    version: datetime | None = None
    remembers: Mapping[str, str] | None = None
    stage_id: int | None = None
    stage_at: datetime | None = None
    opened_by_us: bool | None = None
    is_released: bool = False
    share: str = ""
    is_additional: bool = False


def by_keys(account_id: int, keys: Iterable[str]) -> dict[str, Link]:
    """The main link of each booking that has one (or goes with another booking's), else its newest history
    link.
    """
    found: dict[str, Link] = {}
    for row in _rows(account_id, keys, (LinkRow.share == "") & (LinkRow.role != Role.RELEASED)):
        if row.key not in found or found[row.key].role is Role.HISTORY or row.role != Role.HISTORY:
            found[row.key] = _link(row)
    return found


def shares_of(account_id: int, keys: Iterable[str]) -> dict[str, list[Link]]:
    """Satellites and leads for the next visit of each booking that has any, in the order they came."""
    found: dict[str, list[Link]] = {}
    for row in _rows(account_id, keys, (LinkRow.share != "") & LinkRow.role.not_in(PAST)):
        found.setdefault(row.key, []).append(_link(row))
    return found


def _rows(account_id: int, keys: Iterable[str], condition: Any) -> Iterable[LinkRow]:
    for chunk in bulk.chunks(set(keys)):
        where = (LinkRow.account_id == account_id) & LinkRow.key.in_(chunk) & condition
        yield from LinkRow.select().where(where).order_by(LinkRow.id)


def holders(account_id: int, lead_ids: Iterable[int]) -> dict[int, Link]:
    """Lead id → the link of the booking that drives it now."""
    found: dict[int, Link] = {}
    drives = LinkRow.role.in_([Role.MAIN, Role.SATELLITE])
    for chunk in bulk.chunks(set(lead_ids)):
        where = (LinkRow.account_id == account_id) & LinkRow.lead_id.in_(chunk) & drives
        found |= {row.lead_id: _link(row) for row in LinkRow.select().where(where).order_by(LinkRow.id)}
    return found


def sharing(account_id: int, lead_ids: Iterable[int]) -> dict[int, list[str]]:
    """Lead id → the bookings that go with it, of leads that several bookings have."""
    found: dict[int, list[str]] = {}
    for chunk in bulk.chunks(set(lead_ids)):
        sql = f"""SELECT lead_id, key FROM links WHERE account_id = %s
            AND lead_id IN ({bulk.marks(len(chunk))}) AND role IN ('main', 'additional') AND share = ''
            AND lead_id IN (SELECT lead_id FROM links WHERE account_id = %s
                AND lead_id IN ({bulk.marks(len(chunk))}) AND role = 'additional')
            ORDER BY id"""
        for lead_id, key in db.rows(sql, (account_id, *chunk, account_id, *chunk)):
            found.setdefault(lead_id, []).append(key)
    return found


def won_since(account_id: int, contact_ids: Iterable[int], since: datetime) -> dict[int, list[Link]]:
    """Contact id → links through which we won one of its leads since then."""
    found: dict[int, list[Link]] = {}
    for chunk in bulk.chunks(set(contact_ids)):
        sql = f"""SELECT c.contact_id, l.id FROM lead_contacts c JOIN links l
            ON l.account_id = c.account_id AND l.lead_id = c.lead_id
            WHERE c.account_id = %s AND c.contact_id IN ({bulk.marks(len(chunk))})
            AND l.stage_id = %s AND l.stage_at >= %s AND l.role IN ('main', 'satellite')"""
        pairs = db.rows(sql, (account_id, *chunk, WON, db.micros(since)))
        rows = {row.id: row for row in LinkRow.select().where(LinkRow.id.in_([i for _, i in pairs]))}
        for contact_id, link_id in pairs:
            found.setdefault(contact_id, []).append(_link(rows[link_id]))
    return found


def is_won_since(account_id: int, since: datetime) -> bool:
    """Whether we won any lead of the account since then."""
    where = (LinkRow.account_id == account_id) & (LinkRow.stage_id == WON) & (LinkRow.stage_at >= since)
    return bool(LinkRow.select().where(where).exists())


def of_lead(account_id: int, lead_id: int) -> list[Link]:
    """Every booking a lead has ever belonged to, newest first."""
    where = (LinkRow.account_id == account_id) & (LinkRow.lead_id == lead_id)
    return [_link(row) for row in LinkRow.select().where(where).order_by(LinkRow.id.desc())]


def remember(lease: Lease, account_id: int, changes: Iterable[LinkChange], now: datetime) -> None:
    """Write what a batch changed. A change without a lead for a booking without a link says nothing and is
    dropped.
    """
    wanted = list(changes)
    with db.atomic():
        lanes.assert_held(lease)
        rows = _current_rows(account_id, {change.key for change in wanted})
        replaced: list[int] = []
        for change in wanted:
            _merge(rows, replaced, change, account_id, now)
        _demote_rows(replaced, now)
        bulk.update(LinkRow, "id", [row for row in rows.values() if "id" in row])
        bulk.insert(LinkRow, [row for row in rows.values() if "id" not in row])


def demote_many(lease: Lease, account_id: int, keys: Iterable[str], now: datetime) -> None:
    """The leads of these slots (`Link.slot`) have been taken over: their links become history."""
    slots = {(key, share) for key, _, share in (slot.partition("#") for slot in keys)}
    with db.atomic():
        lanes.assert_held(lease)
        rows = _current_rows(account_id, {key for key, _ in slots})
        _demote_rows([row["id"] for slot, row in rows.items() if slot in slots], now)


Slot = tuple[str, str]  # booking key and share


def _current_rows(account_id: int, keys: set[str]) -> dict[Slot, dict[str, Any]]:
    found: dict[Slot, dict[str, Any]] = {}
    for chunk in bulk.chunks(keys):
        where = (LinkRow.account_id == account_id) & LinkRow.key.in_(chunk) & LinkRow.role.not_in(PAST)
        rows: Any = LinkRow.select().where(where).dicts()
        found |= {(row["key"], row["share"]): row for row in rows}
    return found


def _merge(
    rows: dict[Slot, dict[str, Any]], replaced: list[int], change: LinkChange, account_id: int, now: datetime
) -> None:
    slot = change.key, change.share
    row = rows.get(slot)
    if change.is_released and row is not None:
        row["role"] = Role.RELEASED.value
    if change.lead_id is not None and (row is None or row["lead_id"] != change.lead_id):
        replaced += [row["id"]] if row is not None and "id" in row else []
        row = rows[slot] = _blank(account_id, change, change.lead_id, now)
    if row is None:
        return
    for name in ("direction", "contact_id", "stage_id", "stage_at", "opened_by_us"):
        value = getattr(change, name)
        row[name] = row[name] if value is None else value
    if change.version is not None:
        row["version"] = max(row["version"] or change.version, change.version)
    row["applied"] = {**row["applied"], **(change.remembers or {})}
    row["updated_at"] = now


def _blank(account_id: int, change: LinkChange, lead_id: int, now: datetime) -> dict[str, Any]:
    unknown: dict[str, Any] = {"contact_id": None, "version": None, "stage_id": None, "stage_at": None}
    role = Role.ADDITIONAL if change.is_additional else role_of(change.share)
    return {
        "account_id": account_id, "key": change.key, "lead_id": lead_id, "role": role.value,
        "share": change.share, "direction": "", "applied": {}, "opened_by_us": True,
        "created_at": now, "updated_at": now, **unknown,
    }  # fmt: skip


def _demote_rows(row_ids: Iterable[int], now: datetime) -> None:
    for ids in bulk.chunks(row_ids):
        LinkRow.update(role=Role.HISTORY.value, updated_at=now).where(LinkRow.id.in_(ids)).execute()


def _link(row: LinkRow) -> Link:
    return Link(
        key=row.key,
        lead_id=row.lead_id,
        role=Role(row.role),
        direction=row.direction,
        contact_id=row.contact_id,
        version=row.version,
        applied=row.applied,
        stage_id=row.stage_id,
        stage_at=row.stage_at,
        opened_by_us=row.opened_by_us,
        share=row.share,
    )
