"""Rules that nobody has saved yet, tried on calls of the past. Nothing is asked and nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.telephony.after import trying
from backend.core.telephony.after.deciding import decide
from backend.core.telephony.after.trying import Effect
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.after import facts
from backend.store.telephony import calls
from backend.store.telephony.calls import CallFilters, CallRow

MOST = 50  # of the newest calls


@dataclass(frozen=True, slots=True)
class Tried:
    """One call: what the rules in force would do with it now, and what the others would."""

    row: CallRow
    before: tuple[Effect, ...]
    after: tuple[Effect, ...]

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def newest(account_id: int, limit: int = MOST) -> list[CallRow]:
    return calls.portion(account_id, CallFilters(is_over=True), None, limit)


def try_on(ctx: Context, account_id: int, rules: TelephonyRules, rows: Sequence[CallRow]) -> list[Tried]:
    """In the order of `rows`. Functions that were added to the installation are not asked."""
    in_force = configuration.load(account_id)
    found = facts.gather(account_id, rows, ctx.now(), in_force)
    current = in_force.configuration.telephony
    return [
        Tried(row, trying.effects(decide(known, current)), trying.effects(decide(known, rules)))
        for row, known in zip(rows, map(trying.untouched, found), strict=True)
    ]
