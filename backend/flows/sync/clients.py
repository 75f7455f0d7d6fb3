"""Cards of clients as the salons tell of them: their contacts learn what concerns them (rows E5, E7, E8, E11,
E14), also when no booking changes. Abonements sold at the desk belong here too (row F9).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from backend.core import phones
from backend.core.clients import ClientCard
from backend.core.crm import Contact
from backend.core.errors import AppError, InvalidInput
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Mode
from backend.core.rules.options import Abonement as Budget
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import DEFAULT_ZONE
from backend.core.sync import journal, people
from backend.core.sync.commands import UpdateContact
from backend.flows.rules import configuration, contact_fields, schemas, writing
from backend.flows.sync import answers, payments, persons
from backend.flows.sync.persons import Asked
from backend.flows.work import Work
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.integrations.amocrm.batches import Outcome
from backend.integrations.yclients import money, parse
from backend.store import alarms, client_cards, connections, outbox, settlement, writers
from backend.store import mirror as index
from backend.store.connections import BranchRow
from backend.store.events import Closing, InboundEvent
from backend.store.outbox import PlannedRow, Settled
from backend.store.settlement import Answered

CARD, PAID, SOLD = "yclients.client", "yclients.finances_operation", "yclients.goods_operations_sale"
GONE = ("amocrm.contact_gone", "amocrm.lead_gone")


@dataclass(frozen=True, slots=True)
class News:
    """The newest state of a card and the events that told of it, the one with the outcome first."""

    branch: BranchRow
    card: ClientCard
    events: tuple[InboundEvent, ...]


@dataclass(frozen=True, slots=True)
class Step:
    news: News
    contact: Contact | None
    command: UpdateContact | None
    mode: Mode
    fence: int | None = None


def changed(work: Work) -> None:
    """The flow of `yclients.client` events."""
    _carry_out(work, _newest(work))


def paid(work: Work) -> None:
    """The flow of `yclients.finances_operation` events: which booking was paid for, or given money back."""
    for event in list(work.open.values()):
        record_id = _number(_data(event).get("record_id") or _inner(event, "record").get("id"))
        is_noted = bool(record_id) and payments.told_of(work, event, record_id)
        work.close([Closing(event.id, "done", Reason.MONEY_TOLD if is_noted else Reason.NOT_NEEDED)])


def sold(work: Work) -> None:
    """The flow of `yclients.goods_operations_sale` events. Goods of a visit come with its booking; an
    abonement sold without one is read anew and noted at its owner.
    """
    rules, news = configuration.load(work.account_id), []
    for event in list(work.open.values()):
        data = _data(event)
        record_id, abonement_id = _number(data.get("record_id")), _number(data.get("loyalty_abonement_id"))
        if record_id and payments.told_of(work, event, record_id):
            work.close([Closing(event.id, "done", Reason.MONEY_TOLD)])
        elif abonement_id and _wants_abonements(rules):
            news += _bought(work, event, abonement_id)
        else:
            work.close([Closing(event.id, "done", Reason.NOT_NEEDED)])
    _carry_out(work, news)


def _wants_abonements(rules: BookingRules) -> bool:
    options = rules.configuration.options
    is_shown = ContactFieldName.ABONEMENTS in rules.contact_field_ids
    return is_shown or options.money.abonement is Budget.VISIT


def _bought(work: Work, event: InboundEvent, abonement_id: int) -> list[News]:
    """The buyer's abonements as they are now; what this one cost is told here and nowhere else."""
    data, client, branch = _data(event), _inner(event, "client"), _branches(work).get(event.branch_id or 0)
    client_id, phone = _number(client.get("id")), str(client.get("phone") or "")
    if branch is None or not client_id:
        work.close([Closing(event.id, "done", Reason.CLIENT_UNKNOWN)])
        return []
    zone = branch.timezone or DEFAULT_ZONE
    try:
        found = work.yclients(branch.company_id).abonements(branch.company_id, phone, zone)
    except AppError as error:
        work.dispose(error, [event.id])
        return []
    key = f"yclients:{branch.company_id}:{client_id}"
    if found is None:
        work.close([Closing(event.id, "done", Reason.NOT_NEEDED)])
        return []
    before = client_cards.of(work.account_id, [key]).get(key)
    cost = parse.money(data.get("cost") or 0)
    now = tuple(replace(one, price=cost) if one.id == abonement_id else one for one in found)
    card = ClientCard(key, str(client.get("name") or ""), phone, abonements=payments.with_prices(now, before))
    return [News(branch, card, (event,))]


def _newest(work: Work) -> list[News]:
    branches, by_subject = _branches(work), dict[str, list[InboundEvent]]()
    for event in work.open.values():
        by_subject.setdefault(event.subject, []).append(event)
    found = []
    for batch in by_subject.values():
        told = sorted(batch, key=lambda event: event.id, reverse=True)
        try:
            found.append(_news(told, branches))
        except AppError as error:
            work.dispose(error, [event.id for event in told])
    return found


def _news(told: Sequence[InboundEvent], branches: dict[int, BranchRow]) -> News:
    """By the card's own clock; a deletion outlasts anything."""
    branch = branches.get(told[0].branch_id or 0)
    if branch is None:
        raise InvalidInput("branch.unknown")
    cards = [(_card(event, branch), event) for event in told]
    card, first = max(cards, key=lambda pair: (pair[0].is_gone, pair[1].id))
    return News(branch, card, (first, *(event for event in told if event.id != first.id)))


def _card(event: InboundEvent, branch: BranchRow) -> ClientCard:
    card = money.card(_data(event), branch.company_id, branch.timezone or DEFAULT_ZONE)
    return replace(card, is_gone=True) if _body(event).get("status") == "delete" else card


def _carry_out(work: Work, news: Sequence[News]) -> None:
    """Decided from our index of the CRM; one request for all contacts that learn something."""
    if not news:
        return
    rules = configuration.load(work.account_id)
    cards = _joined(work, news)
    steps = _decided(work, news, cards, rules)
    client_cards.save(work.account_id, cards, work.ctx.now())
    _forget_cut_off(work, steps)
    acting = [step for step in steps if step.command and step.mode is Mode.ACTIVE]
    observed = [step for step in steps if step.command and step.mode is not Mode.ACTIVE]
    outbox.plan(work.lease, [_row(step, "observed") for step in observed], work.ctx.now())
    if acting:
        _send(work, acting)
    for step in steps:
        reason = Reason.CLIENT_NOTED if step.contact else Reason.CLIENT_UNKNOWN
        first, *older = step.news.events
        if first.id in work.open:
            superseded = [Closing(event.id, "superseded", reason) for event in older]
            work.close([Closing(first.id, "done", reason), *superseded])


def _joined(work: Work, news: Sequence[News]) -> list[ClientCard]:
    known = client_cards.of(work.account_id, [one.card.card for one in news])
    return [
        people.joined(known[one.card.card], one.card) if one.card.card in known else one.card for one in news
    ]


def _decided(
    work: Work, news: Sequence[News], cards: Sequence[ClientCard], rules: BookingRules
) -> list[Step]:
    contacts = [_contact(work.account_id, card) for card in cards]
    asked = [Asked(contact, card) for contact, card in zip(contacts, cards, strict=True)]
    held = writers.of_account(work.account_id)
    known = persons.gather(work.account_id, asked)
    steps = []
    for one, contact, person in zip(news, contacts, known, strict=True):
        key = one.events[0].subject
        command = people.update(key, contact, person, rules, work.ctx.now()) if contact else None
        _tell_alike(work, contact, one.card)
        leave = writing.leave(rules.configuration.branch(one.branch.company_id), held)
        steps.append(Step(one, contact, command, leave.mode, leave.fence))
    return steps


def _contact(account_id: int, card: ClientCard) -> Contact | None:
    """By the card first: its phone may be new, and then it is nobody's, or somebody else's (row E7)."""
    for key in (card.card, phones.key(card.phone)):
        found = index.contacts_by_keys(account_id, [key]).get(key, ()) if key else ()
        if found:
            return found[0]
    return None


def _tell_alike(work: Work, contact: Contact | None, card: ClientCard) -> None:
    """The phone of the card belongs to another contact: only a person may merge them (row E7)."""
    number = phones.key(card.phone)
    if contact is None or number is None:
        return
    others = index.contacts_by_keys(work.account_id, [number]).get(number, ())
    ids = sorted({contact.id, *(other.id for other in others)})
    if len(ids) > 1:
        key = ", ".join(f"№ {contact_id}" for contact_id in ids)
        alarms.raise_alarm(work.account_id, "contacts_alike", "notice", key, {"key": key}, work.ctx.now())


def _forget_cut_off(work: Work, steps: Sequence[Step]) -> None:
    """What was cut in the middle is written again: the same values twice do no harm."""
    rows = outbox.unfinished(work.account_id, {step.news.events[0].subject for step in steps})
    unknown = {row.id: Settled("failed", None, "not known whether it was written") for row in rows}
    outbox.settle(work.lease, unknown, work.ctx.now())


def _send(work: Work, acting: Sequence[Step]) -> None:
    fences = {step.news.branch.company_id: step.fence for step in acting if step.fence is not None}
    ids = outbox.plan(work.lease, [_row(step, "planned") for step in acting], work.ctx.now(), fences)
    of_row = dict(zip(ids, acting, strict=True))
    refused: list[tuple[Step, Outcome]] = []

    def settle(outcomes: Sequence[Outcome]) -> None:
        answered, now = Answered(), work.ctx.now()
        for outcome in outcomes:
            step = of_row[outcome.row_id]
            for field_id in outcome.broken_fields:
                contact_fields.note_broken(work.account_id, field_id, now)
            if step.command:
                answers.note(answered, step.command, outcome, now)
            if outcome.status != "done":
                refused.append((step, outcome))
        settlement.settle(work.lease, answered, now)

    schema = schemas.load(work.account_id)
    planned = [Planned(row_id, step.command) for row_id, step in of_row.items() if step.command]
    fields = {field.id: field for field in schema.contact_fields}
    with work.writing(fences):
        amocrm.apply(work.amo(), fields, planned, settle, schema.timezone)
    for step, outcome in refused:
        error = outcome.error or InvalidInput("amocrm.refused")
        if error.code in GONE and step.contact:
            index.mark_contact_deleted(work.account_id, step.contact.id)
        work.dispose(error, [event.id for event in step.news.events])


def _row(step: Step, status: str) -> PlannedRow:
    assert step.command is not None
    first = step.news.events[0]
    payload = journal.command(step.command)
    return PlannedRow(first.id, 0, first.subject, type(step.command).__name__, payload, status)


def _branches(work: Work) -> dict[int, BranchRow]:
    return {branch.id: branch for branch in connections.of_account(work.account_id)}


def _body(event: InboundEvent) -> dict[str, Any]:
    body = json.loads(event.body, parse_float=Decimal)
    return body if isinstance(body, dict) else {}


def _data(event: InboundEvent) -> dict[str, Any]:
    data = _body(event).get("data")
    return data if isinstance(data, dict) else {}


def _inner(event: InboundEvent, name: str) -> dict[str, Any]:
    inner = _data(event).get(name)
    return inner if isinstance(inner, dict) else {}


def _number(value: object) -> int:
    try:
        return parse.number(value)
    except ValueError:
        return 0
