"""What we do about doubles: take the key off a copy, close a lead that we made twice. A deed is an event like
any other: stored first, decided from fresh facts, its commands written down, its outcome in the journal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend import texts
from backend.core.errors import AppError, InvalidInput, NeedsHuman, TryLater
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, FieldName, Mode
from backend.core.sync import journal
from backend.core.sync.commands import Command, Decision
from backend.core.sync.links import booking_of
from backend.core.watch import doubles as rules
from backend.core.watch.doubles import Action, Double, Wish, Words
from backend.flows.context import Context
from backend.flows.duplicates import search
from backend.flows.rules import configuration, schemas, writing
from backend.flows.sync import answers, mirror
from backend.flows.work import Work
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.integrations.amocrm.batches import Outcome
from backend.store import events, lanes, outbox, settlement, writers
from backend.store import mirror as index
from backend.store.events import Closing, InboundEvent, NewEvent
from backend.store.outbox import PlannedRow
from backend.store.settlement import Answered
from backend.store.writers import Writer

KIND = "amocrm.double"
WATCH = "watch"  # who asked: nobody, the copy was noticed


def order(ctx: Context, account_id: int, double: Double, author: str) -> bool:
    """Stored as an event of the account's lane; False when the same was asked for a moment ago."""
    if double.action not in rules.OURS or double.target is None:
        raise InvalidInput("doubles.not_ours")
    new = _event(account_id, double, author, f"{ctx.now():%Y%m%d%H%M}")
    (stored,) = events.record_many(ctx.now(), [new])
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
    return stored is not None


def clear_copies(ctx: Context, account_id: int) -> int:
    """Copies that people made lately lose the key of their original at once (row I9); what we made twice
    waits for a person's press. Returns how many.
    """
    active = {str(company) for company in writing.ours(account_id, configuration.current(account_id))}
    copies = [
        double
        for double in search.lately(ctx, account_id)
        if double.action is Action.CLEAR_COPY
        and double.why == "copied"
        and double.subject.split(":")[1] in active
    ]
    return sum(order(ctx, account_id, double, WATCH) for double in copies)


def _event(account_id: int, double: Double, author: str, minute: str) -> NewEvent:
    key, owner = double.subject.rsplit("/", 1)[0], double.lead_ids[0]
    body = {"deed": double.action, "key": key, "lead": double.target, "owner": owner, "author": author}
    subject = f"amocrm:lead:{double.target}"
    dedup = f"{double.kind}:{double.subject}:{minute}"
    return NewEvent(account_id, None, lanes.BOOKINGS, subject, WATCH, KIND, dedup, json.dumps(body))


def changed(work: Work) -> None:
    """The flow of `amocrm.double` events."""
    held = writers.of_account(work.account_id)
    client, rules_now = work.amo(), configuration.load(work.account_id)
    mirror.refresh(work.account_id, mirror.LEADS, client)
    decided = [(event, _decision(work, event, rules_now, held)) for event in list(work.open.values())]
    silent = [(event, decision) for event, decision in decided if not decision.commands]
    acting = [(event, decision) for event, decision in decided if decision.commands]
    work.close([_closing(event, decision) for event, decision in silent])
    if acting:
        _carry_out(work, acting, writers.fences(held, (_company(event) for event, _ in acting)))


def _decision(
    work: Work, event: InboundEvent, rules_now: BookingRules, held: Mapping[int, Writer]
) -> Decision:
    order = json.loads(event.body)
    key, key_field = str(order["key"]), rules_now.field_ids.get(FieldName.KEY)
    if key_field is None or not _is_ours_to_write(event, rules_now, held):
        return Decision(event.subject, Reason.UP_TO_DATE)
    owner_id = search.owner(work.account_id, key) or int(order["owner"])
    leads = index.leads_by_ids(work.account_id, [int(order["lead"]), owner_id])
    wish = Wish(
        event.subject, Action(order["deed"]), key, leads.get(int(order["lead"])), leads.get(owner_id),
        key_field,
    )  # fmt: skip
    number = {"number": booking_of(key).rsplit(":", 1)[-1], "lead": owner_id}
    words = Words(
        texts.t("doubles.note.copied", rules_now.language, **number),
        texts.t("doubles.note.closed", rules_now.language, **number),
    )
    return rules.decide(wish, words, rules_now.configuration.options.technical_loss_reason)


def _is_ours_to_write(event: InboundEvent, rules_now: BookingRules, held: Mapping[int, Writer]) -> bool:
    """Nothing is written for a salon that is not ours to write for (INV9)."""
    return writing.leave(rules_now.configuration.branch(_company(event)), held).mode is Mode.ACTIVE


def _company(event: InboundEvent) -> int:
    """Of the booking whose key it is about; 0 where a person has typed something else there."""
    company = str(json.loads(event.body)["key"]).split(":")[1]
    return int(company) if company.isdigit() else 0


def _closing(event: InboundEvent, decision: Decision) -> Closing:
    return Closing(event.id, "done", str(decision.reason), journal.decision(decision))


def _carry_out(
    work: Work, acting: Sequence[tuple[InboundEvent, Decision]], fences: Mapping[int, int]
) -> None:
    """Written down, sent, each answer settled at once; what the CRM refused says so in the journal."""
    planned = [
        PlannedRow(event.id, place, decision.subject, type(command).__name__, journal.command(command))
        for event, decision in acting
        for place, command in enumerate(decision.commands)
    ]
    commands = [command for _, decision in acting for command in decision.commands]
    ids = outbox.plan(work.lease, planned, work.ctx.now(), fences)
    progress = _Progress(work, dict(zip(ids, commands, strict=True)), {})
    schema = schemas.load(work.account_id)
    with work.writing(fences):
        amocrm.apply(
            work.amo(), {field.id: field for field in schema.lead_fields},
            [Planned(row_id, command) for row_id, command in progress.commands.items()], progress.settle,
            schema.timezone,
        )  # fmt: skip
    for event, decision in acting:
        error = progress.refusals.get(decision.subject)
        if isinstance(error, NeedsHuman | TryLater):
            work.dispose(error, [event.id])
        elif error is not None:
            work.close([Closing(event.id, "rejected", error.code, error=str(error))])
        else:
            work.close([_closing(event, decision)])


@dataclass
class _Progress:
    work: Work
    commands: dict[int, Command]
    refusals: dict[str, AppError]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        answered, now = Answered(), self.work.ctx.now()
        for outcome in outcomes:
            command = self.commands[outcome.row_id]
            answers.note(answered, command, outcome, now)
            if outcome.status != "done":
                error: Any = outcome.error or InvalidInput("amocrm.refused")
                self.refusals.setdefault(command.key, error)
        settlement.settle(self.work.lease, answered, now)
