"""Work: the due events of one lane in one worker's hands, until each is closed, waiting or blocked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from backend.core import backoff
from backend.core.errors import AppError, NeedsHuman, TryLater
from backend.flows import stops
from backend.flows.context import Context
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.yclients.client import YclientsClient
from backend.store import alarms, events, lanes, writers
from backend.store.events import Closing, InboundEvent
from backend.store.lanes import Lease


@dataclass
class Work:
    """`open` are the events nobody has disposed of yet; whatever is left when a flow returns is a bug of the
    flow. `fences`: under which numbers the salons are ours that something is being sent for.
    """

    ctx: Context
    lease: Lease
    open: dict[int, InboundEvent] = field(default_factory=dict)
    fences: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, ctx: Context, lease: Lease, batch: Iterable[InboundEvent]) -> Work:
        return cls(ctx, lease, {event.id: event for event in batch})

    @property
    def account_id(self) -> int:
        return self.lease.account_id

    def keep_alive(self) -> None:
        """Before each request: is the lane still ours, and the salons that we write for?"""
        lanes.renew(self.lease, self.ctx.settings.lease_seconds)
        writers.assert_current(self.account_id, self.fences)

    @contextmanager
    def writing(self, fences: Mapping[int, int]) -> Iterator[None]:
        """What is sent meanwhile is for these salons: it stops when one of them changes hands."""
        self.fences = dict(fences)
        try:
            yield
        finally:
            self.fences = {}

    def amo(self) -> AmoClient:
        return self.ctx.amo(self.account_id, self.keep_alive)

    def yclients(self, company_id: int) -> YclientsClient:
        return self.ctx.yclients(self.account_id, company_id, self.keep_alive)

    def close(self, closings: Sequence[Closing]) -> None:
        """Ends events for good; older ones of the same subject go with the newest as `superseded`."""
        events.close_many(self.lease, closings, self.ctx.now())
        self.forget(closing.event_id for closing in closings)

    def dispose(self, error: AppError, event_ids: Iterable[int] | None = None) -> None:
        """What an error means for these events (default: all that are open)."""
        chosen = [
            self.open[i] for i in (event_ids if event_ids is not None else list(self.open)) if i in self.open
        ]
        if isinstance(error, TryLater):
            self._wait(chosen, error)
        elif isinstance(error, NeedsHuman):
            stops.stop(self.ctx, self.account_id, error)
            self._block(chosen, error)
        else:
            self.close([Closing(event.id, "rejected", error.code, error=str(error)) for event in chosen])

    def _wait(self, chosen: Sequence[InboundEvent], error: TryLater) -> None:
        pauses = {e.id: backoff.pause(e.tries + 1) if error.after is None else error.after for e in chosen}
        for pause in set(pauses.values()):
            same = [event_id for event_id, own in pauses.items() if own == pause]
            events.wait(self.lease, same, self.ctx.now() + pause, str(error), counts_as_attempt=False)
        self.forget(pauses)

    def _block(self, chosen: Sequence[InboundEvent], error: NeedsHuman) -> None:
        events.block(self.lease, [event.id for event in chosen], error.scope, error.code, self.ctx.now())
        self.forget(event.id for event in chosen)

    def count_attempt(self, error: Exception, event_ids: Iterable[int] | None = None) -> None:
        """Something that pauses alone do not cure: after eight attempts the event is failed, and a person
        is told.
        """
        chosen = [
            self.open[i] for i in (list(self.open) if event_ids is None else event_ids) if i in self.open
        ]
        for event in chosen:
            due = self.ctx.now() + backoff.pause(event.attempts + 1)
            if events.wait(self.lease, [event.id], due, repr(error), counts_as_attempt=True):
                self._give_up(event, error)
        self.forget(event.id for event in chosen)

    def _give_up(self, event: InboundEvent, error: Exception) -> None:
        details = {"event_id": event.id, "error": type(error).__name__}
        alarms.raise_alarm(self.account_id, "inbox.gave_up", "event", str(event.id), details, self.ctx.now())

    def forget(self, event_ids: Iterable[int]) -> None:
        for event_id in event_ids:
            self.open.pop(event_id, None)
