"""The channels that exist now, as the events that were sent tell: what CoreShowChannels answers from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.asterisk import packets

SHOWN = (
    "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
    "ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid",
)  # fmt: skip


@dataclass
class Channel:
    began: float
    facts: dict[str, str] = field(default_factory=dict)
    application: tuple[str, str] = ("", "")
    bridge: str = ""


class Live:
    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._channels)

    def forget(self) -> None:
        with self._lock:
            self._channels.clear()

    def names(self) -> dict[str, str]:
        """Channel → Uniqueid."""
        with self._lock:
            return {channel.facts.get("Channel", ""): uid for uid, channel in self._channels.items()}

    def of_call(self, linked: str) -> dict[str, str]:
        """Channel → Uniqueid, of one call."""
        with self._lock:
            found = [(uid, one.facts) for uid, one in self._channels.items()]
        return {facts.get("Channel", ""): uid for uid, facts in found if facts.get("Linkedid") == linked}

    def take(self, pairs: packets.Pairs) -> None:
        facts = dict(pairs)
        event, now = facts.get("Event", ""), float(facts.get("Timestamp") or 0)
        with self._lock:
            self._saw(event, facts, "", now)
            self._saw(event, facts, "Dest", now)
            channel = self._channels.get(facts.get("Uniqueid", ""))
            if channel is None:
                return
            if event == "Newexten":
                channel.application = (facts.get("Application", ""), facts.get("AppData", ""))
            elif event == "BridgeEnter":
                channel.bridge = facts.get("BridgeUniqueid", "")
            elif event == "BridgeLeave":
                channel.bridge = ""
            elif event == "Hangup":
                del self._channels[facts["Uniqueid"]]

    def _saw(self, event: str, facts: dict[str, str], prefix: str, now: float) -> None:
        uid = facts.get(f"{prefix}Uniqueid", "")
        if event == "Newchannel" and not prefix:
            self._channels[uid] = Channel(now)
        if (channel := self._channels.get(uid)) is not None:
            news = {name: facts[prefix + name] for name in SHOWN if prefix + name in facts}
            channel.facts.update(news)

    def shown(self, now: float) -> Iterator[packets.Pairs]:
        """An item of the list for each channel."""
        with self._lock:
            channels = list(self._channels.values())
        for channel in channels:
            seconds = max(0, int(now - channel.began))
            application, data = channel.application
            yield [
                *((name, channel.facts.get(name, "")) for name in SHOWN),
                ("Application", application),
                ("ApplicationData", data),
                ("Duration", f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"),
                ("BridgeId", channel.bridge),
            ]
