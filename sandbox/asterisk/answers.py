"""What the manager port answers to the actions of somebody who has logged in."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Protocol

from sandbox.asterisk import packets, replay
from sandbox.asterisk.connection import Connection
from sandbox.asterisk.live import Live
from sandbox.asterisk.packets import Pairs
from sandbox.asterisk.recorded import Name
from sandbox.asterisk.replay import Cast, Counters, Event
from sandbox.asterisk.rights import ACTIONS

COURSES = {
    "answered": "click-to-call-own-id",
    "busy": "click-to-call-client-busy",
    "no-answer": "click-to-call-client-no-answer",
    "silent": "click-to-call-operator-silent",
}
"""What may become of a click → the recorded call that goes so."""
CONTEXTS = ("from-crm", "from-internal")
TAKEN = (
    ("_+7XXXXXXXXXX", r"\+7\d{10}"),
    ("_1XX", r"1\d\d"),
    ("_7XXXXXXXXXX", r"7\d{10}"),
    ("_8XXXXXXXXXX", r"8\d{10}"),
)
"""What the dialplan shows: patterns of these contexts; any other number of their rules is dialled as well."""
PHONES = re.compile(r"PJSIP/1\d\d")
STATE = re.compile(r"DEVICE_STATE\((.*)\)")
DIALLED = re.compile(r"\+?[0-9]{2,20}")
CHANNEL = re.compile(r"(\w+)/([^@/]+)(@.+)?")


class Pbx(Protocol):
    version: str
    course: str
    live: Live
    counters: Counters
    now: Callable[[], float]

    def emit(self, block: bytes) -> None: ...


class Answers:
    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self.click_speed = 1.0
        """How fast the course of a click is played; 0 at once."""
        self.courses_over = 0
        """Clicks that have been played to their end."""
        self._hung_up: set[str] = set()  # channels, by request
        self._known: dict[str, Callable[[Connection, Pairs], None]] = {
            "Ping": self._ping, "CoreSettings": self._settings, "CoreStatus": self._status,
            "CoreShowChannels": self._channels, "ListCommands": self._commands, "Events": self._events,
            "Originate": self._originate, "Hangup": self._hang_up, "ShowDialPlan": self._dialplan,
            "Getvar": self._variable,
        }  # fmt: skip

    def give(self, connection: Connection, action: str, asked: Pairs) -> None:
        answer = self._known.get(action)
        if answer is None:
            connection.answer("Error", asked, ("Message", "This stand-in cannot do that"))
        else:
            answer(connection, asked)

    def _ping(self, connection: Connection, asked: Pairs) -> None:
        stamp = f"{self._pbx.now():.6f}"
        connection.answer("Success", asked, ("Ping", "Pong"), ("Timestamp", stamp))

    def _settings(self, connection: Connection, asked: Pairs) -> None:
        connection.answer(
            "Success", asked, ("AMIversion", "5.0.4"), ("AsteriskVersion", self._pbx.version),
            ("SystemName", ""), ("CoreMaxCalls", "0"), ("CoreRealTimeEnabled", "Yes"),
            ("CoreCDRenabled", "Yes"), ("CoreHTTPenabled", "No"),
        )  # fmt: skip

    def _status(self, connection: Connection, asked: Pairs) -> None:
        connection.answer("Success", asked, ("CoreCurrentCalls", str(len(self._pbx.live))))

    def _channels(self, connection: Connection, asked: Pairs) -> None:
        own = [("ActionID", packets.value(asked, "ActionID"))]
        connection.answer("Success", asked, ("EventList", "start"), ("Message", "Channels will follow"))
        items = list(self._pbx.live.shown(self._pbx.now()))
        for item in items:
            connection.send(packets.write([("Event", "CoreShowChannel"), *own, *item]))
        end = [("EventList", "Complete"), ("ListItems", str(len(items)))]
        connection.send(packets.write([("Event", "CoreShowChannelsComplete"), *own, *end]))

    def _commands(self, connection: Connection, asked: Pairs) -> None:
        assert connection.account is not None
        may = [(name, ACTIONS[name]) for name in ACTIONS if connection.account.may(name)]
        lines = [(name, f"{text} (Priv: {_named(need)})") for name, (text, need) in may]
        connection.answer("Success", asked, *lines)

    def _events(self, connection: Connection, asked: Pairs) -> None:
        connection.hears_events = packets.value(asked, "EventMask").lower() not in ("off", "")
        connection.answer("Success", asked, ("Events", "On" if connection.hears_events else "Off"))

    def _dialplan(self, connection: Connection, asked: Pairs) -> None:
        """Of a context everything, or what takes one number; an error when there is no such thing."""
        context, number = packets.value(asked, "Context"), packets.value(asked, "Extension")
        if context not in CONTEXTS:
            return connection.answer("Error", asked, ("Message", f"Did not find context {context}"))
        shown = [name for name, rule in TAKEN if not number or re.fullmatch(rule, number)]
        if not shown:
            return connection.answer(
                "Error", asked, ("Message", f"Did not find extension {number}@{context}")
            )
        own = [("ActionID", packets.value(asked, "ActionID"))]
        connection.answer("Success", asked, ("EventList", "start"), ("Message", "DialPlan list will follow"))
        for name in shown:
            line = [
                ("Event", "ListDialplan"), *own, ("Context", context), ("Extension", name), ("Priority", "1"),
                ("Application", "Goto"), ("AppData", "out,${EXTEN},1"), ("Registrar", "pbx_config"),
            ]  # fmt: skip
            connection.send(packets.write(line))
        count = str(len(shown))
        end = [
            ("Event", "ShowDialPlanComplete"), *own, ("EventList", "Complete"), ("ListItems", count),
            ("ListExtensions", count), ("ListPriorities", count), ("ListContexts", "1"),
        ]  # fmt: skip
        return connection.send(packets.write(end))

    def _variable(self, connection: Connection, asked: Pairs) -> None:
        """The state of a phone; any other function belongs to a module that is not loaded here."""
        name = packets.value(asked, "Variable")
        phone = STATE.fullmatch(name)
        known = ("NOT_INUSE" if PHONES.fullmatch(phone[1]) else "INVALID") if phone else ""
        connection.answer("Success", asked, ("Variable", name), ("Value", known))

    def _hang_up(self, connection: Connection, asked: Pairs) -> None:
        """The channel goes, and says so; the channel that a click began with takes its call along."""
        channel = packets.value(asked, "Channel")
        uid = self._pbx.live.names().get(channel)
        if uid is None:
            return connection.answer("Error", asked, ("Message", "No such channel"))
        connection.answer("Success", asked, ("Message", "Channel Hungup"))
        self._hung_up.add(uid)
        for name, one in {**self._pbx.live.of_call(uid), channel: uid}.items():
            gone = [
                ("Event", "Hangup"), ("Privilege", "call,all"), ("Timestamp", f"{self._pbx.now():.6f}"),
                ("Channel", name), ("Uniqueid", one),
                ("Cause", "16"), ("Cause-txt", "Normal Clearing"),
            ]  # fmt: skip
            self._pbx.emit(packets.write(gone))
        return None

    # A click

    def _originate(self, connection: Connection, asked: Pairs) -> None:
        if trouble := self._trouble(asked):
            return connection.answer("Error", asked, ("Message", trouble))
        if packets.value(asked, "Async").lower() not in ("true", "yes", "1"):
            self._play(asked)
            return connection.answer("Success", asked, ("Message", "Originate successfully queued"))
        connection.answer("Success", asked, ("Message", "Originate successfully queued"))
        return threading.Thread(target=self._play, args=(asked,), daemon=True).start()

    def _trouble(self, asked: Pairs) -> str:
        if not packets.value(asked, "Channel"):
            return "Channel not specified"
        if packets.value(asked, "Application"):
            return "Originate Access Forbidden: Application"
        if not CHANNEL.fullmatch(packets.value(asked, "Channel")):
            return "Invalid channel"
        known = packets.value(asked, "Context") in CONTEXTS
        if not known or not DIALLED.fullmatch(packets.value(asked, "Exten")):
            return "Extension does not exist."
        return ""

    def _play(self, asked: Pairs) -> None:
        """Until its end, or until somebody hangs its channel up."""
        for event, wait in self._course(asked):
            time.sleep(wait)
            if packets.value(asked, "ChannelId") in self._hung_up:
                break
            self._pbx.emit(event.block)
        self.courses_over += 1

    def _course(self, asked: Pairs) -> list[tuple[Event, float]]:
        """The recorded call with the caller's own phone, number, id and variable, and how long each event
        comes after the one before.
        """
        name = Name("16", "all", COURSES[self._pbx.course])
        speed = self.click_speed
        played = replay.again(name, self._pbx.now(), self._pbx.counters, _cast(asked), at_once=not speed)
        moments = [event.after / speed if speed else 0.0 for event in played.events]
        waits = [after - before for before, after in zip([0.0, *moments], moments, strict=False)]
        return list(zip(played.events, waits, strict=True))


def _named(rights: frozenset[str]) -> str:
    return ",".join([*sorted(rights), "all"]) if rights else "<none>"


def _cast(asked: Pairs) -> Cast:
    _, phone, _ = CHANNEL.fullmatch(packets.value(asked, "Channel")).groups()  # type: ignore[union-attr]
    variables = dict(line.partition("=")[::2] for line in packets.values(asked, "Variable"))
    own = packets.value(asked, "ChannelId")
    words = {
        replay.OPERATOR: phone,
        replay.CLIENT: packets.value(asked, "Exten"),
        replay.ACTION: packets.value(asked, "ActionID"),
        replay.REQUEST: next((text for name, text in variables.items() if "CRM_CALL_ID" in name), ""),
    }
    return Cast(words, [own] if own else [])
