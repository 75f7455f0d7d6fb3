"""What we wrote is taken back, lead by lead: asked anew just before, changed only where our own value still
stands, settled in the report with its answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from backend import texts
from backend.core.errors import AppError, TryLater
from backend.core.rules.configuration import FieldName
from backend.core.sync.commands import UpdateLead
from backend.core.takeover import undo
from backend.core.takeover.undo import DONE, Change, Known, Line, Outcome, Wish
from backend.flows.context import Context, KeepAlive
from backend.flows.rules import configuration, schemas
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.integrations.amocrm.batches import Outcome as Answer
from backend.integrations.amocrm.client import AmoClient
from backend.store import mirror, rollbacks, takeover_changes
from backend.store.rollbacks import FAILED, Rollback

AT_ONCE = 50  # leads in one request
KEY = "key"  # of a line about our hidden key


def foreseen(account_id: int, company_id: int, since: datetime | None, wish: Wish) -> tuple[Line, ...]:
    """What a return would do, from our own index of the CRM: for whoever is about to press."""
    changes = takeover_changes.of_salon(account_id, company_id, since)
    ids = [one.lead_id for one in changes if one.lead_id]
    known = Known(mirror.leads_by_ids(account_id, ids), _types(account_id), _hidden(account_id))
    return undo.lines(changes, known, wish)


def portion(ctx: Context, rollback: Rollback, keep_alive: KeepAlive) -> bool:
    """Some leads; True when none are left. What a cut left open comes first."""
    client = ctx.amo(rollback.account_id, keep_alive)
    open_lines = rollbacks.pending(rollback.id, AT_ONCE)
    if open_lines:
        _finish(ctx, rollback, open_lines, client)
        return False
    ids = rollbacks.untold(rollback, AT_ONCE)
    if not ids:
        return True
    known = _known(rollback, ids, client)
    changes = _changes(rollback, ids)
    found = undo.lines(changes, known, rollback.wish)
    rollbacks.save_lines(rollback.id, [*found, *_keys_alone(changes, found)], ctx.now())
    asked = rollbacks.pending(rollback.id, AT_ONCE)
    if asked:
        _carry_out(ctx, rollback, asked, known, client)
    return False


def _keys_alone(changes: Sequence[Change], found: Sequence[Line]) -> list[Line]:
    """Leads that got nothing but our key."""
    told = {line.lead_id for line in found}
    left = {one.lead_id: one.key for one in changes if one.lead_id and one.lead_id not in told}
    return [Line(key, lead_id, KEY, "", key, key, Outcome.STAYS) for lead_id, key in left.items()]


def give_up(ctx: Context, rollback: Rollback, error: AppError) -> None:
    """The CRM lets us in no more: everything left is told as it is."""
    rollbacks.trouble(rollback.id, error.code)
    while left := rollbacks.pending(rollback.id, AT_ONCE):
        failed = {(line.lead_id, line.what): (FAILED, line.now) for line in left}
        rollbacks.settle_lines(rollback.id, failed, ctx.now())


def _finish(ctx: Context, rollback: Rollback, lines: Sequence[Line], client: AmoClient) -> None:
    """Sent, perhaps, before a cut: what stands as before us now was taken back; the rest is asked anew."""
    ids = list(dict.fromkeys(line.lead_id for line in lines))
    known = _known(rollback, ids, client)
    now = {(one.lead_id, one.what): one for one in undo.lines(_changes(rollback, ids), known, rollback.wish)}
    settled: dict[tuple[int, str], tuple[str, str]] = {}
    left: list[Line] = []
    for line in lines:
        place = line.lead_id, line.what
        found = now.get(place, line)
        if found.outcome in DONE:
            left.append(found)
        else:
            settled[place] = (_proven(line, found, known), found.now)
    _settle(ctx, rollback, settled)
    if left:
        _carry_out(ctx, rollback, left, known, client)


def _proven(line: Line, found: Line, known: Known) -> str:
    lead = known.leads.get(line.lead_id)
    if found.outcome is Outcome.SAME or (line.outcome is Outcome.CLOSE and lead and lead.is_closed):
        return line.outcome.value
    return found.outcome.value


def _carry_out(
    ctx: Context, rollback: Rollback, lines: Sequence[Line], known: Known, client: AmoClient
) -> None:
    by_lead: dict[int, list[Line]] = {}
    for line in lines:
        by_lead.setdefault(line.lead_id, []).append(line)
    tag = texts.t("takeover_rollback.tag", "ru")
    planned: dict[int, UpdateLead] = {}
    for lead_id, own in by_lead.items():
        command = undo.command(own, known.leads[lead_id], known, tag)
        if command is not None:
            planned[lead_id] = _with_reason(command, rollback)

    def settle(answers: Sequence[Answer]) -> None:
        settled = {}
        for answer in answers:
            for line in by_lead[answer.row_id]:
                is_done = answer.status == "done"
                shown = (line.before or "") if is_done and line.outcome is Outcome.UNDO else line.now
                settled[line.lead_id, line.what] = (line.outcome.value if is_done else FAILED, shown)
        _settle(ctx, rollback, settled)

    schema = schemas.load(rollback.account_id)
    fields = {field.id: field for field in schema.lead_fields}
    amocrm.apply(client, fields, [Planned(i, one) for i, one in planned.items()], settle, schema.timezone)


def _with_reason(command: UpdateLead, rollback: Rollback) -> UpdateLead:
    options = configuration.current(rollback.account_id).options
    return replace(command, loss_reason_id=options.technical_loss_reason) if command.tags else command


def _settle(ctx: Context, rollback: Rollback, settled: Mapping[tuple[int, str], tuple[str, str]]) -> None:
    """The report and the journal in one transaction."""
    done = [place for place, (outcome, _) in settled.items() if outcome in (Outcome.UNDO, Outcome.CLOSE)]
    with rollbacks.transaction():
        rollbacks.settle_lines(rollback.id, settled, ctx.now())
        takeover_changes.mark_undone(rollback.account_id, done, ctx.now())


def _known(rollback: Rollback, lead_ids: Sequence[int], client: AmoClient) -> Known:
    """The leads as amoCRM has them now; our own index is enough where nothing is to be taken back."""
    wish = rollback.wish
    if wish.values or wish.stages or wish.created:
        found = {lead.id: lead for lead in client.leads_by_ids(lead_ids)}
        for lead_id in lead_ids:  # a list whose filter is switched off shows strangers: then each by itself
            if lead_id not in found and (lead := client.lead(lead_id)) is not None:
                found[lead_id] = lead
    else:
        found = mirror.leads_by_ids(rollback.account_id, lead_ids)
    return Known(found, _types(rollback.account_id), _hidden(rollback.account_id))


def _changes(rollback: Rollback, lead_ids: Sequence[int]) -> list[Change]:
    """Of this salon in our period; a lead that two salons had is taken back by the one that returns."""
    found = takeover_changes.of_salon(rollback.account_id, rollback.company_id, rollback.since)
    wanted = set(lead_ids)
    return [one for one in found if one.lead_id in wanted]


def _types(account_id: int) -> dict[int, str]:
    try:
        return {field.id: field.type for field in schemas.load(account_id).lead_fields}
    except TryLater:
        return {}


def _hidden(account_id: int) -> frozenset[int]:
    """Our key says which lead is whose: without it a second move would have to guess."""
    field_id = configuration.load(account_id).field_ids.get(FieldName.KEY)
    return frozenset({field_id} if field_id else ())
