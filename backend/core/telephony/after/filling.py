"""Data of a call into fields of leads and contacts, by template."""

from __future__ import annotations

from collections.abc import Iterator

from backend.core.crm import Lead
from backend.core.crm_values import FieldValue
from backend.core.telephony.after import people, wording
from backend.core.telephony.after.commands import CallCommand, FillFields
from backend.core.telephony.after.facts import CallFacts, Why
from backend.core.telephony.rules import Entity, TelephonyRules


def of_new(entity: Entity, facts: CallFacts, rules: TelephonyRules) -> tuple[FieldValue, ...]:
    """Values for what is made now; a line's own go first, a rule for the same field replaces them."""
    line = people.line_of(facts, rules)
    sources = dict(line.fields) if line and entity is Entity.LEAD else {}
    sources |= {rule.field_id: rule.template for rule in rules.fields if rule.entity is entity}
    values = {field_id: wording.filled(source, facts, rules) for field_id, source in sources.items()}
    return tuple(FieldValue(field_id, value) for field_id, value in values.items() if value)


def fill(facts: CallFacts, rules: TelephonyRules) -> Iterator[CallCommand | Why]:
    """What was there before the call: the contact, and its newest open lead."""
    contact, lead = facts.contact, newest(facts.leads_then)
    if contact is not None and contact.id != facts.written.contact_id:
        values = None if contact.fields is None else dict(contact.fields)
        yield from _fill(Entity.CONTACT, contact.id, values, facts, rules)
    if lead is not None and lead.id != facts.written.lead_id:
        yield from _fill(Entity.LEAD, lead.id, dict(lead.fields), facts, rules)


def newest(leads: tuple[Lead, ...]) -> Lead | None:
    return max(leads, key=lambda lead: lead.id, default=None)


def _fill(
    entity: Entity, entity_id: int, has: dict[int, str] | None, facts: CallFacts, rules: TelephonyRules
) -> Iterator[CallCommand | Why]:
    """Once for a call: a later call's values are not undone when this one is looked at again."""
    if (entity, entity_id) in facts.written.filled:
        return
    found = tuple(_values(entity, has, facts, rules))
    if found:
        yield Why("fields", str(entity), (("n", str(len(found))),))
        yield FillFields(facts.call.uniq, entity, entity_id, found)


def _values(
    entity: Entity, has: dict[int, str] | None, facts: CallFacts, rules: TelephonyRules
) -> Iterator[FieldValue]:
    for rule in rules.fields:
        if rule.entity is not entity:
            continue
        value, there = wording.filled(rule.template, facts, rules), (has or {}).get(rule.field_id, "")
        is_kept = rule.only_empty and (has is None or there)
        if value and value != there and not is_kept:
            yield FieldValue(rule.field_id, value)
