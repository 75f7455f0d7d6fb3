"""Commands that a decision asked for, written down before they are carried out, with the result of each
beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db, lanes, person_claims, takeover_changes, writers
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.lanes import Lease


class OutboxCommand(BaseModel):
    """Status: planned → done | failed, or observed (written down but not carried out)."""

    id = peewee.BigAutoField()
    event_id = peewee.BigIntegerField()
    attempt = peewee.BigIntegerField()
    position = peewee.BigIntegerField()
    account_id = peewee.BigIntegerField()
    subject = peewee.TextField()
    kind = peewee.TextField()
    payload = JsonField()
    status = peewee.TextField()
    result = JsonField(null=True)
    error = peewee.TextField(null=True)
    planned_at = UtcField()
    settled_at = UtcField(null=True)

    class Meta:
        table_name = "outbox_commands"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A command to write down. `status` observed is final at once."""

    event_id: int
    position: int
    subject: str
    kind: str
    payload: Mapping[str, Any]
    status: str = "planned"


@dataclass(frozen=True, slots=True)
class Settled:
    """`is_doubtful`: failed, as far as anybody can tell."""

    status: str
    result: Any = None
    error: str | None = None
    is_doubtful: bool = False


def plan(
    lease: Lease, planned: Sequence[PlannedRow], now: datetime, fences: Mapping[int, int] | None = None
) -> list[int]:
    """Write the commands down as the next attempt of their events; returns their ids in the same order.
    `fences`: under which numbers the salons that move were ours (see writers.py). PersonTaken when another
    lane makes one of the new persons: nothing is written then.
    """
    if not planned:
        return []
    with db.atomic():
        lanes.assert_held(lease)
        writers.assert_current(lease.account_id, fences or {})
        attempts = _last_attempts({row.event_id for row in planned})
        new = [
            {
                "event_id": row.event_id,
                "attempt": attempts.get(row.event_id, 0) + 1,
                "position": row.position,
                "account_id": lease.account_id,
                "subject": row.subject,
                "kind": row.kind,
                "payload": row.payload,
                "status": row.status,
                "planned_at": now,
                "settled_at": now if row.status != "planned" else None,
            }
            for row in planned
        ]
        inserted = bulk.insert(OutboxCommand, new, "RETURNING event_id, position, id")
        ids = {(event_id, position): row_id for event_id, position, row_id in inserted}
        person_claims.claim(lease, {ids[row.event_id, row.position]: _new_person(row) for row in planned})
        if fences:
            payloads = {ids[row.event_id, row.position]: row.payload for row in planned}
            takeover_changes.plan(lease.account_id, payloads, fences, now)
    return [ids[row.event_id, row.position] for row in planned]


def settle(lease: Lease, outcomes: Mapping[int, Settled], now: datetime) -> None:
    """Write the results of one API batch next to their commands (id → result)."""
    new = [
        {
            "id": row_id,
            "status": outcome.status,
            "result": outcome.result,
            "error": outcome.error,
            "settled_at": now,
        }
        for row_id, outcome in outcomes.items()
    ]
    with db.atomic():
        lanes.assert_held(lease)
        bulk.update(OutboxCommand, "id", new)
        person_claims.release(outcomes)


def unfinished(account_id: int, subjects: Iterable[str]) -> list[OutboxCommand]:
    """Intents of earlier attempts whose outcome nobody wrote down. Asked before the next plan."""
    found: list[OutboxCommand] = []
    for chunk in bulk.chunks(subjects):
        sql = f"""SELECT * FROM outbox_commands WHERE status = 'planned' AND account_id = %s
            AND subject IN ({bulk.marks(len(chunk))}) ORDER BY id"""
        found += OutboxCommand.raw(sql.replace("%s", db.database.param), account_id, *chunk)
    return found


def people_in_doubt(account_id: int) -> dict[str, set[str]]:
    """What those people are found by whose contact a booking has perhaps made: a creation without an answer
    names them.
    """
    found = db.rows(
        """SELECT subject, payload FROM outbox_commands
        WHERE status = 'planned' AND account_id = %s AND kind IN ('CreateLead', 'ReplaceContact')""",
        (account_id,),
    )
    doubted: dict[str, set[str]] = {}
    for subject, payload in found:
        contact = json.loads(payload)["contact"]
        for key in contact["keys"] if isinstance(contact, dict) else ():
            doubted.setdefault(key, set()).add(subject)
    return doubted


def in_doubt(account_id: int, kinds: Sequence[str]) -> set[str]:
    """Subjects with a command of these kinds whose outcome nobody wrote down."""
    found = db.rows(
        f"""SELECT DISTINCT subject FROM outbox_commands
        WHERE status = 'planned' AND account_id = %s AND kind IN ({bulk.marks(len(kinds))})""",
        (account_id, *kinds),
    )
    return {subject for (subject,) in found}


def texts_on(account_id: int, lead_ids: Iterable[int]) -> set[tuple[int, str]]:
    """(lead id, text) of the notes and tasks that we wrote on these leads, as far as the journal reaches."""
    found: set[tuple[int, str]] = set()
    for chunk in bulk.chunks(lead_ids):
        marks = bulk.marks(len(chunk))
        rows = db.rows(
            f"""SELECT DISTINCT l.lead_id, c.payload FROM links l
            JOIN inbound_events e ON e.account_id = l.account_id AND e.subject = l.key
            JOIN outbox_commands c ON c.event_id = e.id
            WHERE l.account_id = %s AND l.lead_id IN ({marks})
            AND c.kind IN ('AddNote', 'AddTask') AND c.status = 'done'""",
            (account_id, *chunk),
        )
        found |= {(lead_id, json.loads(payload)["text"]) for lead_id, payload in rows}
    return found


def of_event(event_id: int) -> list[OutboxCommand]:
    """Every attempt's commands, in the order they were planned."""
    order = (OutboxCommand.attempt, OutboxCommand.position)
    return list(OutboxCommand.select().where(OutboxCommand.event_id == event_id).order_by(*order))


def observed_among(event_ids: Iterable[int]) -> set[int]:
    """Those of the events whose commands were only written down: the CRM has seen nothing of them."""
    found: set[int] = set()
    for chunk in bulk.chunks(event_ids):
        sql = f"""SELECT DISTINCT event_id FROM outbox_commands
            WHERE status = 'observed' AND event_id IN ({bulk.marks(len(chunk))})"""
        found.update(event_id for (event_id,) in db.rows(sql, chunk))
    return found


def _new_person(row: PlannedRow) -> Sequence[str]:
    """What the person is found by whose contact this command makes."""
    contact = row.payload.get("contact")
    return contact["keys"] if row.status == "planned" and isinstance(contact, Mapping) else ()


def _last_attempts(event_ids: set[int]) -> dict[int, int]:
    last: dict[int, int] = {}
    for chunk in bulk.chunks(event_ids):
        sql = f"""SELECT event_id, max(attempt) FROM outbox_commands
            WHERE event_id IN ({bulk.marks(len(chunk))}) GROUP BY event_id"""
        last |= dict(db.rows(sql, chunk))
    return last
