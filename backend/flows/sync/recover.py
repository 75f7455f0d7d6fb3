"""After a cut: what became of the commands that were planned, perhaps sent, and never settled?

Asked before such a booking is decided again. The newest leads are listed (a list does not lag, a search does)
and compared by our key; notes and tasks are compared by their text. What is found is settled as done; the
rest is free to be planned anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from backend.core.errors import TryLater
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.sync import journal
from backend.core.sync.commands import Command, UpdateLead
from backend.core.sync.links import Role, key_value, role_of
from backend.core.sync.matching import person_keys
from backend.flows.context import Context
from backend.flows.sync import answers, mirror
from backend.flows.sync.readings import Reading
from backend.flows.work import Work
from backend.integrations.amocrm.batches import Outcome
from backend.integrations.amocrm.client import AmoClient
from backend.store import links, outbox, settlement
from backend.store import mirror as index
from backend.store.outbox import OutboxCommand, Settled
from backend.store.settlement import Answered

CLOCK_SKEW = timedelta(minutes=15)  # between our clock and amoCRM's
PROVEN = ("phase", "won_from")  # what a link remembers of a change that the lead's stage proves


def settle_cut_off(
    work: Work, fresh: Sequence[Reading], client: AmoClient, rules: BookingRules
) -> list[Reading]:
    """Before these bookings are decided again: finds out and settles; returns those that may go on now."""
    people = {key for reading in fresh for key in person_keys(reading.booking)}
    doubted = outbox.people_in_doubt(work.account_id)  # by other bookings too, that may never come again
    others = {subject for key in people & doubted.keys() for subject in doubted[key]}
    rows = outbox.unfinished(work.account_id, {reading.booking.key for reading in fresh} | others)
    cut = {row.subject for row in rows}
    if rows:
        try:
            _settle_found(work, rows, _happened(work, rows, client, rules.field_ids[FieldName.KEY]))
        except TryLater as error:
            fresh = _hold(work, fresh, error, lambda reading: reading.booking.key in cut)
    in_doubt = outbox.people_in_doubt(work.account_id)
    uncertain = TryLater("amocrm.uncertain", after=_patience(work.ctx))
    return _hold(
        work, fresh, uncertain, lambda reading: not in_doubt.keys().isdisjoint(person_keys(reading.booking))
    )


def _hold(
    work: Work, fresh: Sequence[Reading], error: TryLater, is_held: Callable[[Reading], bool]
) -> list[Reading]:
    """A creation without an answer holds back its booking, and the other bookings of a person it may have
    made.
    """
    for reading in fresh:
        if is_held(reading):
            work.dispose(error, [reading.event.id, *(event.id for event in reading.older)])
    return [reading for reading in fresh if not is_held(reading)]


def _settle_found(work: Work, rows: Sequence[OutboxCommand], found: dict[int, Outcome]) -> None:
    """What happened is remembered as if its answer had come; the rest is marked, so that nobody looks
    again.
    """
    answered, now = Answered(), work.ctx.now()
    for row in rows:
        outcome = found.get(row.id)
        if outcome is None:
            answered.results[row.id] = Settled("failed", None, "not found in the CRM", is_doubtful=True)
        else:
            answers.note(answered, _proven(journal.command_from(row.payload)), outcome, now)
    settlement.settle(work.lease, answered, now)


def _proven(command: Command) -> Command:
    """What the CRM's state proves of a change: stage and attachment. A person may have moved the lead to
    the same stage, so budget and fields are not taken for written; writing them again does no harm.
    """
    if not isinstance(command, UpdateLead):
        return command
    proven = tuple(pair for pair in command.remembers if pair[0] in PROVEN)
    return replace(command, name=None, price=None, fields=(), remembers=proven)


def _happened(
    work: Work, rows: Sequence[OutboxCommand], client: AmoClient, key_field: int
) -> dict[int, Outcome]:
    """Of these unsettled commands, those that did happen: row id → outcome. TryLater while it is too early to
    say.
    """
    _wait_until_certain(work.ctx, rows)
    if any(row.kind == "ReplaceContact" for row in rows):  # a contact that it made is found by its phone
        mirror.refresh(work.account_id, mirror.CONTACTS, client)
    leads = _found_leads([row for row in rows if row.kind == "CreateLead"], client, key_field)
    remarks = [row for row in rows if row.kind in ("AddNote", "AddTask")]
    texts = _found_texts(remarks, _targets(work.account_id, remarks, leads), client)
    creates = {row.id: leads[_key(row)] for row in rows if row.kind == "CreateLead" and _key(row) in leads}
    return {**creates, **_found_changes(work, rows, client, key_field), **texts}


def _patience(ctx: Context) -> timedelta:
    return timedelta(seconds=ctx.settings.uncertain_seconds)


def _wait_until_certain(ctx: Context, rows: Iterable[OutboxCommand]) -> None:
    """A request that timed out may still be committed by amoCRM a little later: do not look too early."""
    patience = _patience(ctx)
    newest = max(row.planned_at for row in rows)
    age = ctx.now() - newest
    if age < patience:
        raise TryLater("amocrm.uncertain", after=patience - age)


def _found_leads(creates: Sequence[OutboxCommand], client: AmoClient, key_field: int) -> dict[str, Outcome]:
    """What a key field holds → the lead that carries it. The newest leads are enough: the intent says when it
    began.
    """
    found: dict[str, Outcome] = {}
    wanted = {_key(row): row.id for row in creates}
    if not wanted:
        return found
    for lead in client.leads_created_since(min(row.planned_at for row in creates) - CLOCK_SKEW):
        key = next(iter(lead.values(key_field)), "")
        if key in wanted:  # the oldest of several is the first that was made: the list runs from new to old
            contact = lead.contact_ids[0] if lead.contact_ids else None
            found[key] = Outcome(wanted[key], "done", lead_id=lead.id, contact_id=contact)
    return found


def _found_changes(
    work: Work, rows: Sequence[OutboxCommand], client: AmoClient, key_field: int
) -> dict[int, Outcome]:
    """Changes that did happen: the lead stands where it was to be moved, or carries the key it was to get.

    Forgotten, they would pass for a person's work: a stage that we set for one set by hand, and a lead that
    we continued and closed for one that is nobody's. A change of fields alone is simply repeated, and so is
    the filling of a lead for the next visit, which gets no key.
    """
    changes = [row for row in rows if row.kind == "UpdateLead" and _is_telling(row)]
    if not changes:
        return {}
    mirror.refresh(work.account_id, mirror.LEADS, client)
    leads = index.leads_by_ids(work.account_id, [int(row.payload["lead_id"]) for row in changes])
    found = {}
    for row in changes:
        lead, stage = leads.get(int(row.payload["lead_id"])), row.payload.get("stage_id")
        if lead is None or stage not in (None, lead.stage_id):
            continue
        if _gives_key(row) and _key(row) not in lead.values(key_field):
            continue
        found[row.id] = Outcome(row.id, "done", lead_id=lead.id)
    return found


def _is_telling(row: OutboxCommand) -> bool:
    return bool(row.payload.get("stage_id")) or _gives_key(row)


def _gives_key(row: OutboxCommand) -> bool:
    is_next = role_of(row.payload.get("share", "")) is Role.NEXT
    return bool(row.payload.get("attaches")) and not is_next


def _key(row: OutboxCommand) -> str:
    """What the key field of a command's lead holds; one command may concern another booking of the visit."""
    return key_value(row.payload["key"], row.payload.get("share", ""))


def _targets(
    account_id: int, rows: Sequence[OutboxCommand], made: Mapping[str, Outcome]
) -> dict[int, int | None]:
    """Row id → the lead of its note or task: named, or made by the same plan and found now, or settled before
    the cut and known by its link.
    """
    linked = links.by_keys(account_id, [row.payload["key"] for row in rows])

    def lead_of(row: OutboxCommand) -> int | None:
        if row.payload.get("lead_id"):
            return int(row.payload["lead_id"])
        if _key(row) in made:
            return made[_key(row)].lead_id
        known = linked.get(row.payload["key"])
        return known.lead_id if known and not row.payload.get("share") else None

    return {row.id: lead_of(row) for row in rows}


def _found_texts(
    rows: Sequence[OutboxCommand], targets: Mapping[int, int | None], client: AmoClient
) -> dict[int, Outcome]:
    wanted = sorted({lead_id for lead_id in targets.values() if lead_id})
    if not wanted:
        return {}
    kinds = {row.kind for row in rows}
    remarks = [
        *(client.notes_of(wanted) if "AddNote" in kinds else ()),
        *(client.tasks_of(wanted) if "AddTask" in kinds else ()),
    ]
    written = {(remark.lead_id, remark.text) for remark in remarks}
    return {
        row.id: Outcome(row.id, "done") for row in rows if (targets[row.id], row.payload["text"]) in written
    }
