"""Whose booking it is: its contact learns the salon's news with it, and a booking given to another client
takes its lead along (rows E5, E7, E8, E11, E13).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend.core.clients import Person
from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.core.sync import handing, people, remarks
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    Decision,
    NewContact,
    Remembered,
    ReplaceContact,
)
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.links import Link
from backend.core.sync.making import new_contact

DAY = timedelta(days=1)


def with_person(facts: BookingFacts, decision: Decision, rules: BookingRules) -> Decision:
    """The decision together with what concerns the person. A booking that is skipped concerns nobody."""
    person = facts.person
    if person is None or decision.wait or not (decision.commands or facts.link):
        return decision
    commands = tuple(_introduced(command, facts, person, rules) for command in decision.commands)
    replaced = _replaced(facts)
    update = (
        people.update(facts.booking.key, facts.contact, person, rules, facts.now) if facts.contact else None
    )
    return replace(
        decision,
        commands=(*commands, *replaced, *((update,) if update else ())),
        remembers=(*decision.remembers, *_remembered(facts)),
        wakes=(*decision.wakes, *_woken(facts, replaced)),
    )


def _woken(facts: BookingFacts, replaced: tuple[Command, ...]) -> tuple[str, ...]:
    """The leads beside the main one follow when the new client's contact has been made."""
    is_made = any(isinstance(one, ReplaceContact) and not isinstance(one.contact, int) for one in replaced)
    return (facts.booking.key,) if is_made and handing.beside(facts) else ()


def _introduced(command: Command, facts: BookingFacts, person: Person, rules: BookingRules) -> Command:
    """A new contact comes with its fields filled."""
    if not isinstance(command, CreateLead) or not isinstance(command.contact, NewContact):
        return command
    fields, applied = people.first_fields(person, rules, facts.now)
    return replace(command, contact=replace(command.contact, fields=fields, applied=applied))


def _remembered(facts: BookingFacts) -> Remembered:
    """The card by which a booking given to somebody else is noticed."""
    card = facts.booking.client.card if facts.booking.client else ""
    before = facts.link.applied.get("card") if facts.link else None
    return (("card", card),) if card and card != before else ()


def _replaced(facts: BookingFacts) -> tuple[Command, ...]:
    link, lead = facts.link, facts.lead
    if link is None or lead is None:
        return ()
    beside = tuple(command for held in handing.beside(facts) for command in _beside(facts, held))
    if not handing.is_given_away(facts):
        return beside
    if handing.is_for_people(facts):
        return (_asked(facts, Held(link, lead)),)
    return (*_given(facts, link, lead), *beside)


def _given(facts: BookingFacts, link: Link, lead: Lead) -> tuple[Command, ...]:
    contact = facts.contact.id if facts.contact else new_contact(facts.booking, lead.responsible_id)
    return (
        ReplaceContact(link.key, lead.id, contact, handing.main_contact(lead), handing.remembered(lead)),
        AddNote(link.key, lead.id, remarks.handed_on(_name(facts))),
    )


def _beside(facts: BookingFacts, held: Held) -> tuple[Command, ...]:
    """A lead of a secondary direction that we opened goes along, as soon as the new client has a contact."""
    link, lead = held.link, held.lead
    if lead is None or not link.opened_by_us:
        return ()
    if held.is_touched(facts.worked_on):
        is_asked = link.applied.get(handing.FORMER) == str(handing.main_contact(lead))
        return () if is_asked else (_asked(facts, held, handing.remembered(lead)),)
    if facts.contact is None:
        return ()
    return (
        ReplaceContact(link.key, lead.id, facts.contact.id, handing.main_contact(lead), share=link.share),
    )


def _asked(facts: BookingFacts, held: Held, remembers: Remembered = ()) -> AddTask:
    """People have worked on the lead: whose it is now, they decide."""
    assert held.lead is not None
    text, due = remarks.whose_lead(_name(facts)), facts.now + DAY
    return AddTask(
        held.link.key, held.lead.id, text, due, held.lead.responsible_id, remembers, held.link.share
    )


def _name(facts: BookingFacts) -> str:
    return facts.booking.client.name if facts.booking.client else ""
