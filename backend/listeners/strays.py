"""Channels of clicks that were given up: a PBX that stood still carries out what was sent before, long after
people were told that it came to nothing. Such a channel is hung up as soon as it is heard of.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from backend.core.telephony.originating import token_of
from backend.flows.context import Context
from backend.flows.telephony.desk import dialling
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.protocol import Frame
from backend.integrations.asterisk.session import Answer
from backend.listeners.link import Link

log = logging.getLogger(__name__)

EVENTS = frozenset({b"Newchannel", b"OriginateResponse"})


@dataclass(frozen=True, slots=True)
class Stray:
    """A channel that has no business to be there."""

    dial_id: int
    channel: str
    uniq: str


class Strays:
    def __init__(self, ctx: Context, pbx_id: int, link: Link) -> None:
        self._ctx, self._pbx_id, self._link = ctx, pbx_id, link
        self._seen: dict[str, str] = {}  # channels of clicks that were not looked up yet, and their ids

    def take(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            is_answered = frame.name == "OriginateResponse" and frame.get("Response") == "Success"
            if frame.name == "Newchannel" or is_answered:
                self._see(frame)
        self.look()

    def listed(self, items: Iterable[Frame]) -> None:
        """What is there now. Whoever talks is left in peace: that a click was taken for lost may have been
        our mistake.
        """
        for item in items:
            if not item.get("BridgeId"):
                self._see(item)
        self.look()

    def look(self) -> None:
        """What could not be looked up is looked up the next time."""
        for channel, uid in list(self._seen.items()):
            dial = dialling.given_up(token_of(uid), self._pbx_id)
            del self._seen[channel]
            if dial is not None:
                stray = Stray(dial.id, channel, f"{self._pbx_id}:{uid}")
                self._link.ask(actions.hang_up(channel), stray)

    def said(self, stray: Stray, answer: Answer | None) -> None:
        """None: the connection is gone, and the next login shows what is there."""
        if answer is None:
            return
        is_stopped = actions.is_gone(answer)
        if not is_stopped:
            log.warning("stray not hung up pbx=%d message=%s", self._pbx_id, answer.message)
        dialling.begun_late(self._ctx, stray.dial_id, stray.uniq, is_stopped=is_stopped)

    def _see(self, frame: Frame) -> None:
        uid, channel = frame.get("Uniqueid"), frame.get("Channel")
        if channel and token_of(uid):
            self._seen[channel] = uid
