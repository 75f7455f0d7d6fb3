"""The field map: which field of a lead may hold what, and what it would hold of a booking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.core.crm import CrmSchema, CustomField
from backend.core.rules.configuration import BookingRules, Configuration, FieldName
from backend.core.rules.configuration_document import FIELDS
from backend.core.rules.configuration_schema import FIELD_TYPES
from backend.core.rules.sections import FieldChoice
from backend.core.salon import Booking
from backend.core.sync import leads, sharing
from backend.core.sync.commands import Value

OURS = "MOSTIK_"  # how the codes of the fields that we made begin


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field of the account; one that does not fit is shown too, so that nobody looks for it in vain."""

    field: CustomField
    fits: bool


def candidates(name: FieldName, schema: CrmSchema) -> tuple[Candidate, ...]:
    """Those that fit first, then by name. Fields that we made ourselves are not among them."""
    found = (
        Candidate(field, field.type in FIELD_TYPES[name])
        for field in schema.lead_fields
        if not field.code.startswith(OURS)
    )
    return tuple(sorted(found, key=lambda one: (not one.fits, one.field.name.casefold())))


def own(name: FieldName, schema: CrmSchema) -> CustomField | None:
    """The field that we made for this, when it is there."""
    code = f"{OURS}{name.upper()}"
    return next((field for field in schema.lead_fields if field.code == code), None)


def broken(
    configuration: Configuration, schema: CrmSchema, ids: Mapping[str, int], marked: Iterable[str]
) -> frozenset[FieldName]:
    """Fields that somebody deleted in amoCRM: those the CRM refused, and those the last reading lacks."""
    there = {field.id for field in schema.lead_fields}
    refused = set(marked)
    return frozenset(
        name
        for name in FIELDS
        if configuration.field_choice(name) is not None
        and (name in refused or any(number not in there for number in _meant(configuration, ids, name)))
    )


def _meant(configuration: Configuration, ids: Mapping[str, int], name: FieldName) -> tuple[int, ...]:
    choice = configuration.field_choice(name)
    if isinstance(choice, int):
        return (choice,)
    return (ids[name],) if name in ids else ()


def repeated(choices: Mapping[FieldName, FieldChoice]) -> dict[FieldName, FieldName]:
    """Of two that want one field of the account: the later one, and the one that has it."""
    first: dict[int, FieldName] = {}
    found: dict[FieldName, FieldName] = {}
    for name, choice in choices.items():
        if isinstance(choice, int) and first.setdefault(choice, name) != name:
            found[name] = first[choice]
    return found


def example(booking: Booking, configuration: Configuration) -> dict[FieldName, Value]:
    """What we would write of this booking into each field, if all of them were there."""
    ids = {name: place for place, name in enumerate(FieldName, 1)}
    rules = BookingRules(configuration, ids)
    content = leads.content(booking, sharing.shares(booking, configuration), rules)
    written = {value.field_id: value.value for value in content.fields.values()}
    return {name: written[place] for name, place in ids.items() if place in written}
