"""The calls of the demo as a table: what was played, when the card came, what stands in amoCRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.calls.looking import Looking
from sandbox.calls.plays import Expected, Play

Plain = dict[str, Any]
HEAD = ("звонок", "клиент", "звонил", "карточка", "разговор", "итог в amoCRM")
STATUSES = {4: "поговорили", 5: "неверный номер", 6: "не дозвонились", 7: "занято"}


@dataclass(frozen=True, slots=True)
class Told:
    """What amoCRM has, when phones rang (number and phone → when) and what people saw."""

    crm: Plain
    users: Sequence[Plain]
    rings: Mapping[tuple[str, str], float]
    looking: Looking

    def card(self, expected: Expected) -> str:
        """How long after the first ring a card popped up."""
        rung = [at for (number, _), at in self.rings.items() if f"+{number}" == expected.number]
        came = (s.at for s in self.looking.cards("ringing") if s.card.get("number") == expected.number)
        first = next(came, None)
        if not rung or first is None or expected.direction != "in":
            return ""
        return f"{1000 * (first - min(rung)):.0f} мс"

    def outcome(self, expected: Expected) -> tuple[str, str]:
        """How long they talked, and what stands in the card."""
        notes = (n for n in self.crm["notes"] if n["params"].get("phone") == expected.number)
        note = next(notes, None)
        if note is None:
            return "", "не пишется"
        params = note["params"]
        what = STATUSES.get(params.get("call_status"), str(params.get("call_status")))
        who = next((u["name"] for u in self.users if u["id"] == note["responsible_user_id"]), "")
        return f"{params.get('duration')} с", f"{what}: {who}"


def render(played: Sequence[Play], told: Told) -> str:
    table: list[Sequence[str]] = [HEAD]
    for play in played:
        for one in play.expected:
            table.append((play.title, one.number, ", ".join(one.rung), told.card(one), *told.outcome(one)))
    widths = [max(len(row[place]) for row in table) for place in range(len(HEAD))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join(line.rstrip() for line in lines)
