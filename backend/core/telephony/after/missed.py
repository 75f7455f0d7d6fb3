"""The task for a missed call: one open for a client, with a deadline in working hours, closed by a talk."""

from __future__ import annotations

from collections.abc import Iterator

from backend.core.telephony.after import hours, people, wording
from backend.core.telephony.after.commands import AddMissedTask, CallCommand, CloseMissedTask
from backend.core.telephony.after.facts import CallFacts, Why
from backend.core.telephony.after.filling import newest
from backend.core.telephony.call import Call, Way
from backend.core.telephony.rules import Entity, TelephonyRules


def counts(call: Call, rules: TelephonyRules) -> bool:
    """Whether somebody has to call back; after a talk that a transfer lost, when the account says so."""
    if call.is_answered:
        return rules.missed.counts_lost and call.lost_after_transfer
    return call.way is Way.IN


def tasks(facts: CallFacts, rules: TelephonyRules, made: frozenset[Entity]) -> Iterator[CallCommand | Why]:
    is_missed = counts(facts.call, rules)
    if facts.call.is_answered and not (is_missed or facts.hooked.task):
        yield from _closed(facts, rules)
    yield from _added(facts, rules, made, is_missed)


def _added(
    facts: CallFacts, rules: TelephonyRules, made: frozenset[Entity], is_missed: bool
) -> Iterator[CallCommand | Why]:
    by_rule = is_missed and rules.missed.is_on and bool(facts.number or rules.missed.hidden)
    is_wanted = by_rule if facts.hooked.task is None else facts.hooked.task
    if facts.written.task_id is not None or not (is_wanted or is_missed):
        return
    if not is_wanted:
        yield Why("missed", "hook" if facts.hooked.task is False else "off" if facts.number else "hidden")
    elif facts.open_task is not None:
        yield Why("missed", "open_already")
    elif facts.talked_since is not None:
        yield Why("missed", "talked_since")
    else:
        yield from _task(facts, rules, made)


def _task(facts: CallFacts, rules: TelephonyRules, made: frozenset[Entity]) -> Iterator[CallCommand | Why]:
    chosen = people.missed_owner(facts, rules)
    yield people.why("missed_task", chosen, facts)
    ended = facts.call.ended_at or facts.call.began_at
    due = hours.due(ended, rules.missed.minutes, rules.hours, facts.zone)
    entity, entity_id = _target(facts, made)
    text = wording.task(facts, rules)
    yield AddMissedTask(facts.call.uniq, entity, entity_id, text, due, chosen.user_id)


def _target(facts: CallFacts, made: frozenset[Entity]) -> tuple[Entity | None, int | None]:
    """The lead that people look at, else the contact; a caller nobody knows has neither."""
    lead = newest(facts.open_leads)
    if Entity.LEAD in made:
        return Entity.LEAD, None
    if lead is not None:
        return Entity.LEAD, lead.id
    if facts.incoming_lead is not None:
        return Entity.LEAD, facts.incoming_lead
    if facts.contact is not None:
        return Entity.CONTACT, facts.contact.id
    if facts.company_id is not None:
        return Entity.COMPANY, facts.company_id
    return (Entity.CONTACT, None) if Entity.CONTACT in made else (None, None)


def _closed(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """By the id that was stored when it was made. A task of a later call is not about this talk."""
    task = facts.open_task
    if task is None or task.id in facts.written.closed or task.began_at > facts.call.began_at:
        return
    if rules.missed.closes:
        yield Why("missed", "closed")
        yield CloseMissedTask(facts.call.uniq, task.id, wording.task_done(facts))
    else:
        yield Why("missed", "stays_open")
