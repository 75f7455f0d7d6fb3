"""Records that came under us, after their salon has gone back: which leads they have, what those carry in the
other widget's places, and the second leads that it makes of them all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta

from backend import texts
from backend.core.crm import LOST, Lead
from backend.core.errors import InvalidInput
from backend.core.sync.commands import UpdateLead
from backend.core.sync.links import Link
from backend.core.takeover import conflicts, marks, undo
from backend.core.takeover.recognition import Kind, Recognition, What
from backend.core.takeover.undo import Change
from backend.flows.context import Context
from backend.flows.rules import configuration, schemas
from backend.flows.sync import mirror as index
from backend.flows.takeover.profile import recognition
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.integrations.amocrm.batches import Outcome
from backend.store import alarms, connections, links, mirror, rollbacks, takeover_changes
from backend.store.accounts import Account
from backend.store.rollbacks import BornRow, Rollback

log = logging.getLogger(__name__)

WATCHED = timedelta(days=14)  # how long a return is recommended to stay possible, and copies are looked for
COPIES = "takeover.copies"
FOUND, CLOSED, KEPT = "found", "closed", "kept"


def note(rollback: Rollback) -> None:
    """Once, when the salon is back."""
    changes = takeover_changes.of_salon(rollback.account_id, rollback.company_id, rollback.since)
    main = {key: link.lead_id for key, link in _links(rollback, changes).items()}
    made = [one for one in changes if one.what == undo.CREATED and main.get(one.key) == one.lead_id]
    leads = mirror.leads_by_ids(rollback.account_id, main.values())
    known, notes = recognition.load(rollback.account_id), _notes(changes)
    rollbacks.save_born(
        rollback.id,
        [(one.key, one.lead_id, _mark(leads.get(one.lead_id), known, notes)) for one in made if one.lead_id],
    )


def _links(rollback: Rollback, changes: Iterable[Change]) -> dict[str, Link]:
    return links.by_keys(rollback.account_id, [one.key for one in changes if one.what == undo.CREATED])


def _notes(changes: Iterable[Change]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in changes:
        if one.what == undo.NOTE and one.lead_id:
            found.setdefault(one.lead_id, []).append(one.after)
    return found


def _mark(lead: Lead | None, known: Recognition, notes: Mapping[int, list[str]]) -> str:
    """What the other widget can know the lead by."""
    if lead is None:
        return ""
    ids = marks.ids(What.RECORD_ID, lead, known, notes.get(lead.id, ()))
    return ", ".join(map(str, ids))


# Copies


def look(ctx: Context, account_id: int) -> int:
    """Second leads of such records since the return; how many are new."""
    waiting = rollbacks.uncopied(account_id, ctx.now() - WATCHED)
    if not waiting:
        return 0
    index.refresh(account_id, index.LEADS, ctx.amo(account_id))  # hooks do not name a lead's people
    known, returns = recognition.load(account_id), {one.id: one for one in rollbacks.of_account(account_id)}
    own = mirror.leads_by_ids(account_id, [row.lead_id for row in waiting])
    people = {lead.id: lead.contact_ids for lead in own.values()}
    of_people = mirror.leads_of(account_id, [contact for ids in people.values() for contact in ids])
    found = 0
    for row in waiting:
        beside = [lead for contact in people.get(row.lead_id, ()) for lead in of_people.get(contact, ())]
        copy = _copy(row, beside, returns[row.rollback_id], known)
        if copy is not None and rollbacks.note_copy(row.id, copy, ctx.now()):
            found += 1
    if found:
        _tell(ctx, account_id, returns)
    return found


def _copy(row: BornRow, beside: Iterable[Lead], rollback: Rollback, known: Recognition) -> int | None:
    record_id = int(row.key.rsplit(":", 1)[1])
    since = rollback.returned_at or rollback.begun_at
    for lead in beside:
        is_new = lead.created_at is not None and lead.created_at >= since
        if lead.id == row.lead_id or not is_new or lead.is_deleted or lead.is_closed:
            continue
        named = marks.ids(What.RECORD_ID, lead, known)
        if record_id in named or (not named and _is_unmarked_copy(lead, known)):
            return lead.id
    return None


def _is_unmarked_copy(lead: Lead, known: Recognition) -> bool:
    """Where the mark does not stand in the lead itself, the author and the person have to do."""
    is_marked = bool(known.holding(What.RECORD_ID, Kind.FIELD, Kind.URL))
    return (
        not is_marked and bool(known.writer_ids) and conflicts.is_foreign(lead.created_by, known.writer_ids)
    )


def _tell(ctx: Context, account_id: int, returns: Mapping[int, Rollback]) -> None:
    titles = {row.company_id: row.title for row in connections.of_account(account_id)}
    for rollback in returns.values():
        count = sum(row.state == FOUND for row in rollbacks.born(rollback.id))
        if count:
            details = {"branch": titles.get(rollback.company_id, rollback.company_id), "n": count}
            alarms.raise_alarm(account_id, COPIES, "notice", str(rollback.company_id), details, ctx.now())


def close(ctx: Context, account: Account, row_id: int) -> None:
    """At a person's press: the second lead is closed with our tag. InvalidInput when there is none."""
    row = _found(account, row_id)
    lead = ctx.amo(account.id).lead(row.copy_id or 0)
    if lead is not None and not lead.is_deleted and not lead.is_closed:
        _close(ctx, account, row.key, lead)
    _settle(account, row, CLOSED)


def keep(account: Account, row_id: int) -> None:
    """A person says that both are needed."""
    _settle(account, _found(account, row_id), KEPT)


def _found(account: Account, row_id: int) -> BornRow:
    row = rollbacks.get_born(row_id)
    rollback = rollbacks.get(row.rollback_id) if row else None
    if row is None or rollback is None or rollback.account_id != account.id or row.state != FOUND:
        raise InvalidInput("takeover_rollback.no_copy_here")
    return row


def _close(ctx: Context, account: Account, key: str, lead: Lead) -> None:
    reason = configuration.current(account.id).options.technical_loss_reason
    command = UpdateLead(
        key, lead.id, pipeline_id=lead.pipeline_id, stage_id=LOST, loss_reason_id=reason,
        tags=(texts.t("takeover_rollback.tag", "ru"),),
    )  # fmt: skip
    refused: list[Outcome] = []

    def settle(outcomes: Iterable[Outcome]) -> None:
        refused.extend(one for one in outcomes if one.status != "done")

    schema = schemas.load(account.id)
    fields = {field.id: field for field in schema.lead_fields}
    amocrm.apply(ctx.amo(account.id), fields, [Planned(1, command)], settle, schema.timezone)
    if refused:
        raise refused[0].error or InvalidInput("amocrm.refused")


def _settle(account: Account, row: BornRow, state: str) -> None:
    rollbacks.set_born(row.id, state)
    rollback = rollbacks.get(row.rollback_id)
    assert rollback is not None
    if not any(one.state == FOUND for one in rollbacks.born(rollback.id)):
        alarms.resolve(account.id, COPIES, scope_kind="notice", scope_key=str(rollback.company_id))
