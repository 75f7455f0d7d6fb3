"""A call on its way through one drain: what was heard, what is known, what was decided."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.telephony.after.facts import CallDecision, CallFacts
from backend.store.events import InboundEvent
from backend.store.telephony.calls import CallRow


def uniq_of(subject: str) -> str:
    """The call that an event or a command is about."""
    return subject.removeprefix("call:")


@dataclass(frozen=True, slots=True)
class Heard:
    """A call that has ended; `older` are earlier events about it."""

    event: InboundEvent
    older: tuple[InboundEvent, ...]
    row: CallRow

    @property
    def events(self) -> list[int]:
        return [self.event.id, *(event.id for event in self.older)]


@dataclass(frozen=True, slots=True)
class CallCase:
    heard: Heard
    facts: CallFacts
    decision: CallDecision

    @property
    def uniq(self) -> str:
        return self.heard.row.uniq
