"""The lead that the other widget keeps for a booking of ours without one: found and adopted as everywhere in
the move (matching, adoption). Adoption writes nothing to the CRM.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.core.rules.configuration import BookingRules
from backend.core.takeover.pairing import Pair, State, Tier, Why
from backend.flows.takeover.pairs import adoption, matching

SURE = (Tier.A, Tier.A_MINUS, Tier.B)


@dataclass
class Found:
    """A booking's lead, 0 when there is none, and others that were made for it too."""

    lead_id: int = 0
    pair: Pair | None = None
    others: list[int] = field(default_factory=list)

    @property
    def doubles(self) -> tuple[int, ...]:
        return tuple(sorted(self.others))


def find(account_id: int, keys: Sequence[str], rules: BookingRules, now: datetime) -> dict[str, Found]:
    """Booking → what is there; the surest pair counts, also one that only a person may adopt. Of two leads
    that are equally sure one is a copy, whichever a person will choose.
    """
    pairs = matching.find(account_id, keys, rules, now) if keys else []
    best = {pair.lead_id for pair in pairs if pair.is_best}
    found: dict[str, Found] = {}
    for pair in pairs:
        one = found.setdefault(pair.key, Found())
        is_copy = Why.TIE in pair.reasons and pair.tier in SURE and pair.lead_id not in best
        if pair.state is State.DUPLICATE or is_copy:
            one.others.append(pair.lead_id)
        elif pair.state is not State.REJECTED and (one.pair is None or pair.is_best):
            one.pair, one.lead_id = pair, pair.lead_id
    return found


def adopt(account_id: int, found: Iterable[Found], now: datetime) -> None:
    """Pairs that need nobody's word become links."""
    sure = [one.pair for one in found if one.pair is not None and one.pair.state is State.ACCEPTED]
    if sure:
        adoption.take(account_id, sure, now)


def renew(account_id: int, keys: Iterable[str]) -> None:
    """What was compared is the ground that the next change is measured from."""
    adoption.renew(account_id, list(keys))
