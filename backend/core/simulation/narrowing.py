"""Which bookings a change of the rules cannot touch, and rules with nothing to word: so that ten thousand
bookings take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from backend.core.rules.configuration import BookingRules, Configuration, Direction, FieldName
from backend.core.rules.sections import TextName
from backend.core.salon import Booking
from backend.core.sync import matching

SILENT: Mapping[TextName, str] = {name: "…" for name in TextName}
DECIDING = (FieldName.SALON, FieldName.DIRECTION)  # fields of a lead that tell whose it is


def silent(rules: BookingRules) -> BookingRules:
    """The same rules without words and fields: where a booking ends does not hang on what is written."""
    ids = {name: field_id for name, field_id in rules.field_ids.items() if name in DECIDING}
    words = replace(rules.configuration, texts=SILENT, tasks=(), contact_fields={}, products=None)
    return replace(rules, configuration=words, field_ids=ids)


class Narrowing:
    """What of two configurations is the same. Equal parts decide equally, so one decision is enough."""

    def __init__(self, old: Configuration, new: Configuration) -> None:
        self._old, self._new = old, new
        self._salons: dict[int, bool] = {}

    def ends_the_same(self, booking: Booking) -> bool:
        """Every part of the rules that the booking's place hangs on is equal in both."""
        salon = booking.branch_id
        if salon not in self._salons:
            self._salons[salon] = self._is_same_salon(salon)
        if not self._salons[salon]:
            return False
        if not booking.lines:
            return self._old.directions == self._new.directions
        return self._default_is_same and all(
            _core(matching.direction_of(line, salon, self._old))
            == _core(matching.direction_of(line, salon, self._new))
            for line in booking.lines
        )

    def writes_the_same(self, booking: Booking, direction: str) -> bool:
        """And so is what is written into the lead that it has; `direction` is that lead's."""
        return (
            self._words_are_same
            and _core(self._old.direction(direction)) == _core(self._new.direction(direction))
            and self.ends_the_same(booking)
        )

    def _is_same_salon(self, salon: int) -> bool:
        old, new = self._old, self._new
        routes = ([one for one in rules.routes if one.branch_id == salon] for rules in (old, new))
        first, second = routes
        return self._frame_is_same and old.branch(salon) == new.branch(salon) and first == second

    @cached_property
    def _frame_is_same(self) -> bool:
        old, new = self._old, self._new
        titles = ([(one.company_id, one.title) for one in rules.branches] for rules in (old, new))
        first, second = titles
        return (old.options, old.timezone, first) == (new.options, new.timezone, second)

    @cached_property
    def _default_is_same(self) -> bool:
        return _core(self._old.default_direction) == _core(self._new.default_direction)

    @cached_property
    def _words_are_same(self) -> bool:
        old, new = self._old, self._new
        return (old.texts, old.tasks, old.fields, old.contact_fields, old.products) == (
            new.texts, new.tasks, new.fields, new.contact_fields, new.products,
        )  # fmt: skip


def _core(direction: Direction | None) -> Direction | None:
    """Without the lists of what belongs to it: those are asked line by line."""
    return replace(direction, categories={}, services={}) if direction else None
