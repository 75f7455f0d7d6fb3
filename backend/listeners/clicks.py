"""Clicks on a number, carried out: a claimed row is sent to its PBX once, and what became of it is reported.

A PBX that stands still reads its orders when it goes on, so it is asked for a sign of life right before; what
slips through all the same is found by strays.py.

Why an operator's phone did not take a call stands in the hangup of its channel, which comes before or after
the PBX's own answer, as its version likes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.errors import InvalidInput
from backend.core.telephony.originating import Order
from backend.flows.context import Context
from backend.flows.telephony.desk import dialling
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.protocol import Frame
from backend.listeners.link import Link, Said

log = logging.getLogger(__name__)

EVENTS = frozenset({b"OriginateResponse", b"Hangup"})
CAUSE_COMES = timedelta(seconds=1)
SLACK = timedelta(seconds=30)  # beyond the time that the phone may ring
AT_ONCE = 20


@dataclass(slots=True)
class Sent:
    """An order under way. `reason` and `failed_at`: it has failed, and the cause is waited for."""

    dial_id: int
    order: Order
    at: datetime
    deadline: datetime
    cause: int = 0
    reason: str = ""
    failed_at: datetime | None = None


class Clicks:
    def __init__(self, ctx: Context, pbx_id: int) -> None:
        self._ctx, self._pbx_id = ctx, pbx_id
        self._sent: dict[str, Sent] = {}

    def dial(self, link: Link) -> None:
        """Claims what waits; it is sent when the PBX gives a sign of life. What was claimed and could not be
        sent is over, never tried again.
        """
        for _ in range(AT_ONCE):
            dial = dialling.claim(self._ctx, self._pbx_id)
            if dial is None:
                return
            order = dialling.order_of(dial)
            sent = Sent(dial.id, order, self._ctx.now(), dial.deadline)
            self._sent[order.token] = sent
            try:
                link.ask_awake(actions.originate(order), sent, dial.deadline)
            except InvalidInput as error:
                self._end(sent, text=str(error))

    def said(self, link: Link, sent: Sent, said: Said) -> None:
        """The PBX took the order, or refused it at once, or was silent: then nobody knows."""
        if said.answer is None:
            self._silent(link, sent, is_late=not said.was_sent and sent.deadline <= said.at)
        elif said.answer.is_good:
            dialling.sent(self._ctx, sent.dial_id)
        else:
            self._end(sent, text=said.answer.message)

    def take(self, frames: Iterable[Frame], at: datetime) -> None:
        if not self._sent:
            return
        for frame in frames:
            if frame.name == "OriginateResponse":
                self._decided(frame, at)
            elif frame.name == "Hangup":
                self._hung_up(frame)

    def look(self, at: datetime) -> None:
        """What has failed and whose cause did not come; what the PBX never spoke of again."""
        for sent in list(self._sent.values()):
            if sent.failed_at is not None and sent.failed_at + CAUSE_COMES <= at:
                self._end(sent)
            elif sent.at + timedelta(seconds=sent.order.timeout) + SLACK <= at:
                del self._sent[sent.order.token]
                dialling.lost(self._ctx, sent.dial_id)

    def _silent(self, link: Link, sent: Sent, *, is_late: bool) -> None:
        """What was sent may yet be carried out: whoever stops it must be there as soon as the PBX is."""
        self._sent.pop(sent.order.token, None)
        link.hurry()
        tell = dialling.late if is_late else dialling.silent
        tell(self._ctx, sent.dial_id)

    def _decided(self, frame: Frame, at: datetime) -> None:
        sent = self._sent.get(frame.get("ActionID"))
        if sent is None:
            return
        if frame.get("Response") == "Success":
            del self._sent[sent.order.token]
            dialling.answered(self._ctx, sent.dial_id, is_good=True)
            return
        sent.reason, sent.failed_at = frame.get("Reason"), at
        if sent.cause:
            self._end(sent)

    def _hung_up(self, frame: Frame) -> None:
        uid, cause = frame.get("Uniqueid"), frame.get("Cause")
        for sent in list(self._sent.values()):
            if sent.order.channel_id == uid:
                sent.cause = int(cause) if cause.isdecimal() and len(cause) < 6 else 0
                if sent.failed_at is not None:
                    self._end(sent)

    def _end(self, sent: Sent, text: str = "") -> None:
        self._sent.pop(sent.order.token, None)
        dialling.answered(
            self._ctx, sent.dial_id, is_good=False, reason=sent.reason, cause=sent.cause, text=text
        )
