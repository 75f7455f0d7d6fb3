"""Whose booking it is: its contact learns the salon's news with it, and a booking given to another client
takes its lead along (rows E5, E7, E8, E11, E13).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend.core.clients import Person
from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.core.sync import people, satellites
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
from backend.core.sync.links import Link, Role
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
    )


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


def is_given_away(facts: BookingFacts) -> bool:
    """Whether the booking belongs to another client than when its lead was last written. Cards merged by the
    salon are no other client (row E5).
    """
    link, lead, client = facts.link, facts.lead, facts.booking.client
    if link is None or lead is None or lead.is_deleted or client is None or link.role is not Role.MAIN:
        return False
    before, main = link.applied.get("card"), next(iter(lead.contact_ids), None)
    merged = facts.person.merged if facts.person else frozenset()
    is_another = bool(before) and before != client.card and before not in merged
    return is_another and (facts.contact is None or facts.contact.id != main)


def _replaced(facts: BookingFacts) -> tuple[Command, ...]:
    link, lead = facts.link, facts.lead
    if link is None or lead is None or not is_given_away(facts):
        return ()
    if lead.is_closed or satellites.is_touched(Held(link, lead), facts):
        return (_asked(facts, lead),)
    return _given(facts, link, lead, next(iter(lead.contact_ids), None))


def _given(facts: BookingFacts, link: Link, lead: Lead, main: int | None) -> tuple[Command, ...]:
    booking = facts.booking
    contact = facts.contact.id if facts.contact else new_contact(booking, lead.responsible_id)
    name = booking.client.name if booking.client else ""
    text = f"Запись передана другому клиенту: {name or 'без имени'}. Контакт сделки заменён."
    return (
        ReplaceContact(link.key, lead.id, contact, main),
        AddNote(link.key, lead.id, text),
    )


def _asked(facts: BookingFacts, lead: Lead) -> AddTask:
    """People have worked on the lead: whose it is now, they decide."""
    name = facts.booking.client.name if facts.booking.client else ""
    text = f"В записи теперь другой клиент: {name or 'без имени'}. Проверьте контакт сделки."
    return AddTask(facts.booking.key, lead.id, text, facts.now + DAY, lead.responsible_id)
