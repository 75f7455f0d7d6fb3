"""New clients and their leads: whether, where, whose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backend.core.crm_values import NewContact
from backend.core.telephony.after import filling, logged, people, wording
from backend.core.telephony.after.commands import (
    CallCommand,
    GiveContact,
    MakeContact,
    MakeIncoming,
    MakeLead,
    Notify,
)
from backend.core.telephony.after.facts import CallFacts, Why
from backend.core.telephony.call import Outcome, Way
from backend.core.telephony.rules import Entity, TelephonyRules

NO_PLACE = "telephony.no_place"
UNREACHED = (Outcome.WRONG_NUMBER, Outcome.TRUNK_DOWN)  # an outbound call that reached nobody's phone
LATE = timedelta(minutes=1)  # the mirror's clock and ours


def make(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """Nothing that was made for this call before is made anew, whatever people have done with it since."""
    written = facts.written
    if written.incoming or written.lead_id is not None:
        return
    if facts.contact is None:
        if facts.company_id is not None:
            yield from _company(facts, rules)
        elif written.contact_id is None:
            yield from _stranger(facts, rules)
    elif not facts.open_leads:
        yield from _next_lead(facts, rules)


def give(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """A contact that a colleague made while the client was on the line goes to whoever talked last."""
    contact, user = facts.contact, people.talker(facts, rules)
    if contact is None or user is None or contact.id in facts.written.given:
        return
    if not _is_made_meanwhile(contact.created_at, contact.created_by, facts, rules):
        return
    leads = tuple(
        lead.id
        for lead in facts.open_leads
        if lead.responsible_id != user and _is_made_meanwhile(lead.created_at, lead.created_by, facts, rules)
    )
    if people.whose(facts) != user or leads:
        yield people.why("given", people.Choice(user, "last_talker"), facts)
        yield GiveContact(facts.call.uniq, contact.id, user, leads)


def _stranger(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    is_in = facts.call.way is Way.IN
    if facts.call.outcome in UNREACHED:
        yield Why("contact", "unreached")
    elif is_in and _is_incoming(facts, rules):
        yield from _incoming(facts, rules)
    elif not (rules.contact_in if is_in else rules.contact_out):
        yield Why("contact", "off_in" if is_in else "off_out")
    else:
        contact = _contact(facts, rules)
        yield people.why("contact", people.owner(facts, rules), facts)
        made = list(_lead(facts, rules, contact)) if _wants_lead(facts, rules) else [Why("lead", _off(facts))]
        if not any(isinstance(one, MakeLead) for one in made):
            yield MakeContact(facts.call.uniq, contact)
        yield from made


def _company(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """The number is known as a company's: its people are told of the call there, and nobody is made anew."""
    yield Why("contact", "company")
    if facts.open_leads or facts.call.outcome in UNREACHED:
        return
    if _wants_lead(facts, rules):
        yield from _lead(facts, rules, None)
    else:
        yield Why("lead", _off(facts))


def _next_lead(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """A known client without an open lead."""
    if facts.contact is None or facts.call.outcome in UNREACHED:
        return
    if _wants_lead(facts, rules):
        yield from _lead(facts, rules, facts.contact.id)
    else:
        yield Why("lead", _off(facts))


def _wants_lead(facts: CallFacts, rules: TelephonyRules) -> bool:
    return rules.lead_in if facts.call.way is Way.IN else rules.lead_out


def _off(facts: CallFacts) -> str:
    return "off_in" if facts.call.way is Way.IN else "off_out"


def _is_incoming(facts: CallFacts, rules: TelephonyRules) -> bool:
    """The line's own word goes before the account's."""
    line = people.line_of(facts, rules)
    return rules.incoming if line is None or line.incoming is None else line.incoming


def _incoming(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """Into «Неразобранное», unless a call of this number waits there already."""
    if facts.incoming_lead is not None:
        yield Why("incoming", "waits_already")
        return
    (place, said), line = _place(facts, rules), people.line_of(facts, rules)
    yield Why("incoming", "line" if line and line.incoming is not None else "on")
    yield from said
    if place is not None:
        yield MakeIncoming(
            facts.call.uniq, logged.record(facts, rules), _contact(facts, rules),
            wording.lead_name(facts, rules), place[0], filling.of_new(Entity.LEAD, facts, rules),
            line.tags if line else (),
        )  # fmt: skip


def _contact(facts: CallFacts, rules: TelephonyRules) -> NewContact:
    phone = wording.phone(facts, rules)
    return NewContact(
        keys=(facts.number,), name=phone, phone=phone,
        responsible_id=people.owner(facts, rules).user_id,
        fields=filling.of_new(Entity.CONTACT, facts, rules),
    )  # fmt: skip


def _lead(
    facts: CallFacts, rules: TelephonyRules, contact: int | NewContact | None
) -> Iterator[CallCommand | Why]:
    """`contact` None: of the company."""
    line, owner = people.line_of(facts, rules), people.owner(facts, rules)
    place, said = _place(facts, rules)
    yield people.why("lead", owner, facts)
    yield from said
    if place is not None:
        yield MakeLead(
            facts.call.uniq, contact, wording.lead_name(facts, rules), *place, owner.user_id,
            filling.of_new(Entity.LEAD, facts, rules), line.tags if line else (),
            None if contact is not None else facts.company_id,
        )  # fmt: skip


def _place(facts: CallFacts, rules: TelephonyRules) -> tuple[tuple[int, int] | None, list[CallCommand | Why]]:
    """Where the lead begins, the first of these that is still there; and what there is to say of it."""
    line, entries = people.line_of(facts, rules), facts.entry_stages
    steps = (
        ("hook", facts.hooked.pipeline_id, facts.hooked.stage_id),
        ("line", line.pipeline_id if line else None, line.stage_id if line else None),
        ("default", rules.pipeline_id, rules.stage_id),
        ("main", facts.main_pipeline_id, None),
    )
    said: list[CallCommand | Why] = []
    for chosen, pipeline_id, stage_id in steps:
        if pipeline_id is None:
            continue
        stage = stage_id or entries.get(pipeline_id)
        if stage is not None and (not entries or pipeline_id in entries):
            return (pipeline_id, stage), [*said, Why("place", chosen)]
        said.append(Why("place", "gone", (("pipeline", str(pipeline_id)),)))
    is_told = NO_PLACE in facts.written.told
    return None, said if is_told else [*said, Notify(facts.call.uniq, NO_PLACE)]


def _is_made_meanwhile(at: datetime | None, by: int | None, facts: CallFacts, rules: TelephonyRules) -> bool:
    """By one of our people with a phone, during the call."""
    call = facts.call
    if at is None or call.ended_at is None or by not in {person.user_id for person in rules.people}:
        return False
    return call.began_at <= at <= call.ended_at + LATE
