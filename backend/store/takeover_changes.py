"""Every write of ours in a salon that moves from another widget, with what stood there before it: planned
with the command, settled with its answer, so that a cut loses neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

import peewee

from backend.core.sync import journal
from backend.core.takeover import undo
from backend.core.takeover.undo import CONTACT, CREATED, Change
from backend.store import bulk, mirror
from backend.store.db import BaseModel, UtcField


class ChangeRow(BaseModel):
    """`written_at` is empty until the CRM has answered; `lead_id` while the lead is being made."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    command_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField(null=True)
    what = peewee.TextField()
    before = peewee.TextField(null=True)
    after = peewee.TextField()
    planned_at = UtcField()
    written_at = UtcField(null=True)
    undone_at = UtcField(null=True)

    class Meta:
        table_name = "takeover_changes"


class Result(Protocol):
    """What became of a command; doubtful: it was not found in the CRM, but may have been there."""

    @property
    def status(self) -> str: ...

    @property
    def is_doubtful(self) -> bool: ...


def plan(
    account_id: int, payloads: Mapping[int, Mapping[str, Any]], salons: Collection[int], now: datetime
) -> None:
    """Commands as they are written down, of these salons. Called inside the transaction that plans them."""
    commands = {row_id: journal.command_from(payload) for row_id, payload in payloads.items()}
    moving = {row_id: one for row_id, one in commands.items() if company_of(one.key) in salons}
    ids = [lead_id for one in moving.values() if (lead_id := getattr(one, "lead_id", None))]
    leads = mirror.leads_by_ids(account_id, ids) if ids else {}
    new = [
        {
            "account_id": account_id, "company_id": company_of(one.key), "command_id": command_id,
            "key": one.key, "lead_id": one.lead_id, "what": one.what, "before": one.before,
            "after": one.after, "planned_at": now,
        }
        for command_id, command in moving.items()
        for one in undo.of_command(command, leads)
    ]  # fmt: skip
    bulk.insert(ChangeRow, new)


def company_of(key: str) -> int:
    """The salon that a key speaks of; 0 when it speaks of none."""
    parts = key.split(":")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def settle(results: Mapping[int, Result], made: Mapping[int, int], now: datetime) -> None:
    """Called inside the transaction that settles the commands; `made` are the leads by the commands that made
    them. What was refused was never written; what nobody knows of stays without a time.
    """
    done = [command_id for command_id, one in results.items() if one.status == "done"]
    refused = [i for i, one in results.items() if one.status == "failed" and not one.is_doubtful]
    for ids in bulk.chunks(done):
        written = ChangeRow.update(written_at=now).where(ChangeRow.command_id.in_(ids)).execute()
        for command_id in ids if written else ():
            if command_id in made:
                _place(command_id, made[command_id])
    for ids in bulk.chunks(refused):
        ChangeRow.delete().where(ChangeRow.command_id.in_(ids)).execute()


def _place(command_id: int, lead_id: int) -> None:
    """A lead has its number now; notes and tasks that were planned together with it are its own."""
    ChangeRow.update(lead_id=lead_id).where(ChangeRow.command_id == command_id).execute()
    made = ChangeRow.get_or_none(ChangeRow.command_id == command_id)
    if made is not None:
        beside = (ChangeRow.account_id == made.account_id) & (ChangeRow.key == made.key)
        beside &= ChangeRow.lead_id.is_null() & (ChangeRow.planned_at == made.planned_at)
        beside &= ChangeRow.what.not_in((CREATED, CONTACT))
        ChangeRow.update(lead_id=lead_id).where(beside).execute()


def of_salon(account_id: int, company_id: int, since: datetime | None = None) -> list[Change]:
    """Oldest first; since a moment, when one is given, and without what was taken back."""
    where = (ChangeRow.account_id == account_id) & (ChangeRow.company_id == company_id)
    where &= ChangeRow.undone_at.is_null()
    if since is not None:
        where &= ChangeRow.planned_at >= since
    return [_change(row) for row in ChangeRow.select().where(where).order_by(ChangeRow.id)]


def of_leads(account_id: int, lead_ids: Iterable[int]) -> list[Change]:
    """Oldest first, of all salons, without what was taken back."""
    found: list[Change] = []
    for chunk in bulk.chunks(set(lead_ids)):
        where = (ChangeRow.account_id == account_id) & ChangeRow.lead_id.in_(chunk)
        rows = ChangeRow.select().where(where & ChangeRow.undone_at.is_null())
        found += [_change(row) for row in rows]
    return sorted(found, key=lambda one: one.id)


def mark_undone(account_id: int, places: Iterable[tuple[int, str]], now: datetime) -> None:
    """(lead, what) that stand as before us again; of a lead that we made, all of it."""
    for lead_id, what in places:
        where = (ChangeRow.account_id == account_id) & (ChangeRow.lead_id == lead_id)
        if what != CREATED:
            where &= ChangeRow.what == what
        ChangeRow.update(undone_at=now).where(where & ChangeRow.undone_at.is_null()).execute()


def _change(row: ChangeRow) -> Change:
    return Change(row.key, row.lead_id, row.what, row.before, row.after, row.written_at, row.id)
