"""Which bookings a change of the rules cannot touch, and rules with nothing to word: so that ten thousand
bookings take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from backend.core.rules.configuration import BookingRules, Branch, Configuration, Direction, FieldName
from backend.core.rules.options import STANDARD
from backend.core.rules.sections import TextName
from backend.core.salon import Booking
from backend.core.sync import sharing

SILENT: Mapping[TextName, str] = {name: "…" for name in TextName}
DECIDING = (FieldName.SALON, FieldName.DIRECTION)  # fields of a lead that tell whose it is


def silent(rules: BookingRules) -> BookingRules:
    """The same rules without words and fields: where a booking ends does not hang on what is written."""
    ids = {name: field_id for name, field_id in rules.field_ids.items() if name in DECIDING}
    words = replace(rules.configuration, texts=SILENT, tasks=(), contact_fields={}, products=None)
    return replace(rules, configuration=words, field_ids=ids)


class Narrowing:
    """What of two configurations is the same. Equal parts decide equally: a booking that hangs on those alone
    needs no facts, for nothing can come out of it but the same.
    """

    def __init__(self, old: Configuration, new: Configuration) -> None:
        self._old, self._new = old, new
        self._salons: dict[int, bool] = {}

    def is_untouched(self, booking: Booking) -> bool:
        """Where it ends and what is written of it are the same in both."""
        return self._words_are_same and self._titles_are_same and self.ends_the_same(booking)

    def ends_the_same(self, booking: Booking) -> bool:
        """Every part of the rules that the booking's place hangs on is equal in both."""
        salon = booking.branch_id
        if salon not in self._salons:
            self._salons[salon] = self._is_same_salon(salon)
        if not (self._salons[salon] and self._options_are_same and self._default_is_same):
            return False
        pairs = [
            (
                _core(sharing.direction_of(line, salon, self._old)),
                _core(sharing.direction_of(line, salon, self._new)),
            )
            for line in booking.lines
        ]
        if not pairs:
            return self._modes_are_same(booking) and self._old.directions == self._new.directions
        if any(old != new for old, new in pairs):
            return False
        is_of_one = len({old.key if old else "" for old, _ in pairs}) == 1
        return is_of_one or self._modes_are_same(booking)

    def _modes_are_same(self, booking: Booking) -> bool:
        """How several directions are dealt with matters to a booking that has several."""
        salon = booking.branch_id
        return self._old.multi_category(salon) is self._new.multi_category(salon)

    def _is_same_salon(self, salon: int) -> bool:
        old, new = self._old, self._new
        first, second = ([one for one in rules.routes if one.branch_id == salon] for rules in (old, new))
        return first == second and _salon(old.branch(salon)) == _salon(new.branch(salon))

    @cached_property
    def _options_are_same(self) -> bool:
        """But for how long we wait and when we stop: that moves no booking elsewhere."""
        old, new = (
            replace(
                rules.options, settle=STANDARD.settle, brake=STANDARD.brake,
                multi_category=STANDARD.multi_category,
            )
            for rules in (self._old, self._new)
        )  # fmt: skip
        return old == new and self._old.timezone == self._new.timezone

    @cached_property
    def _default_is_same(self) -> bool:
        return _core(self._old.default_direction) == _core(self._new.default_direction)

    @cached_property
    def _titles_are_same(self) -> bool:
        """Of directions and salons: they stand in names, fields and notes of any lead."""
        first, second = (
            (
                {one.key: _core(one) for one in rules.directions},
                {one.company_id: one.title for one in rules.branches},
            )
            for rules in (self._old, self._new)
        )
        return first == second

    @cached_property
    def _words_are_same(self) -> bool:
        old, new = self._old, self._new
        return (old.texts, old.tasks, old.fields, old.contact_fields, old.products) == (
            new.texts, new.tasks, new.fields, new.contact_fields, new.products,
        )  # fmt: skip


def _salon(branch: Branch | None) -> Branch | None:
    """The way with several directions is looked at by itself."""
    return replace(branch, multi_category=None) if branch else None


def _core(direction: Direction | None) -> Direction | None:
    """Without the lists of what belongs to it: those are asked line by line."""
    return replace(direction, categories={}, services={}) if direction else None
