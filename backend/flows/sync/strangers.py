"""What others do in the leads of salons that we have taken over from another widget: a change that the CRM
tells of and none of our own writes explains. Only noted here; what it means is looked at in
flows/takeover/watch.py.

Our own writes stand in the mirror since their answer came, so whatever differs from it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from backend.core.crm import Lead
from backend.core.errors import TryLater
from backend.core.rules.configuration import FieldName
from backend.core.takeover import conflicts, undo
from backend.core.takeover.conflicts import Foreign
from backend.core.takeover.undo import FIELD, NAME, PRICE, STAGE, Change
from backend.flows.rules import schemas
from backend.store import configs, foreign_writes, links, mirror, takeover_changes, writers
from backend.store.writers import WriterName

NOBODYS = 0  # the salon of a lead that no link of ours names


def noticed(account_id: int, found: Sequence[Lead]) -> None:
    """Called with what the CRM has told, before the mirror learns it."""
    moving = [one for one in writers.of_account(account_id).values() if one.writer is not WriterName.GET8]
    if not moving or not found:
        return
    since = min(one.t0 or one.since for one in moving)
    salons = {one.company_id for one in moving}
    known = mirror.leads_by_ids(account_id, [lead.id for lead in found])
    changes = _changes(account_id, found, known, salons, since)
    foreign_writes.note(account_id, _unexplained(account_id, changes))


def _changes(
    account_id: int, found: Sequence[Lead], known: Mapping[int, Lead], salons: set[int], since: datetime
) -> list[Foreign]:
    """Each lead's pictures in their order; several may have come at once."""
    holders = links.holders(account_id, [lead.id for lead in found])
    key_field = configs.field_ids(account_id).get(FieldName.KEY)
    latest = dict(known)
    changes: list[Foreign] = []
    for lead in sorted(found, key=lambda one: (one.updated_at or since, one.id)):
        before, at = latest.get(lead.id), lead.updated_at or since
        key = holders[lead.id].key if lead.id in holders else ""
        company = takeover_changes.company_of(key)
        if before is None:
            is_new = lead.created_at is not None and lead.created_at >= since
            if is_new and not key and not lead.values(key_field):
                made = lead.created_at or at
                changes.append(
                    Foreign(NOBODYS, "", lead.id, conflicts.MADE, "", lead.name, lead.created_by, made)
                )
        elif _is_newer(lead, before) and (company in salons or (not key and _is_young(before, since))):
            changes += _differences(before, lead, company, key, at)
        latest[lead.id] = lead
    return changes


def _is_newer(lead: Lead, before: Lead) -> bool:
    return before.updated_at is None or lead.updated_at is None or lead.updated_at >= before.updated_at


def _is_young(lead: Lead, since: datetime) -> bool:
    """Made by somebody since the other widget was stopped: it may be that one's."""
    return lead.created_at is not None and lead.created_at >= since


def _differences(before: Lead, after: Lead, company: int, key: str, at: datetime) -> Iterator[Foreign]:
    fields = dict.fromkeys(f"{FIELD}{field_id}" for field_id, _ in (*before.fields, *after.fields))
    for what in (NAME, PRICE, STAGE, *fields):
        old, new = undo.value(before, what), undo.value(after, what)
        if old != new:
            yield Foreign(company, key, after.id, what, old, new, after.updated_by, at)


def _unexplained(account_id: int, changes: Iterable[Foreign]) -> list[Foreign]:
    """Without what we wrote ourselves, as amoCRM spells it, or whose answer we never got."""
    found = list(changes)
    if not found:
        return []
    ours: dict[tuple[int, str], Change] = {}
    for one in takeover_changes.of_leads(account_id, [change.lead_id for change in found]):
        ours[one.lead_id or 0, one.what] = one
    types = _types(account_id)
    return [one for one in found if not _is_explained(one, ours.get((one.lead_id, one.what)), types)]


def _is_explained(change: Foreign, ours: Change | None, types: Mapping[int, str]) -> bool:
    if ours is None:
        return False
    return undo.same(change.after, ours.after, undo.kind(change.what, types))


def _types(account_id: int) -> dict[int, str]:
    try:
        return {field.id: field.type for field in schemas.load(account_id).lead_fields}
    except TryLater:
        return {}
