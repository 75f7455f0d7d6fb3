"""What we ask of an Asterisk, and what its answers say about our rights there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from backend.integrations.asterisk.protocol import Frame, Pair
from backend.integrations.asterisk.session import Answer

NORMAL = "16"  # the cause of a call that somebody has ended

Action = list[Pair]
Finding = dict[str, object]

NEEDED = {
    "Originate": "originate", "CoreShowChannels": "reporting", "CoreSettings": "reporting", "Hangup": "call",
}  # fmt: skip
"""Action → the right that brings it."""
DANGEROUS = {"Command": "command", "GetConfig": "config", "UpdateConfig": "config", "ModuleLoad": "system"}
"""With these somebody who got hold of the account owns the PBX."""


class Order(Protocol):
    """What a click asks for, as core/telephony/originating.py has it; every part was checked there."""

    @property
    def token(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def channel_id(self) -> str: ...
    @property
    def context(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def caller_id(self) -> str: ...
    @property
    def timeout(self) -> int: ...
    @property
    def variables(self) -> Mapping[str, str]: ...


def originate(order: Order) -> Action:
    """The operator's phone rings, then the client is dialled. One header a variable: a comma in a value would
    begin another. Answered at once; what became of it comes as an event, `OriginateResponse`.
    """
    return [
        ("Action", "Originate"),
        ("ActionID", order.token),
        ("Channel", order.channel),
        ("ChannelId", order.channel_id),
        ("Context", order.context),
        ("Exten", order.extension),
        ("Priority", "1"),
        ("Timeout", str(order.timeout * 1000)),
        ("CallerID", order.caller_id),
        *(("Variable", f"{name}={value}") for name, value in order.variables.items()),
        ("Async", "true"),
    ]


def ping() -> Action:
    """Whatever is answered, somebody is awake there."""
    return [("Action", "Ping")]


def hang_up(channel: str) -> Action:
    return [("Action", "Hangup"), ("Channel", channel), ("Cause", NORMAL)]


def is_gone(answer: Answer) -> bool:
    """Of a hangup: whether the channel is not there any more, by us or by itself."""
    return answer.is_good or answer.message.startswith("No such channel")


def show_channels() -> Action:
    return [("Action", "CoreShowChannels")]


def core_settings() -> Action:
    return [("Action", "CoreSettings")]


def list_commands() -> Action:
    """An Asterisk lists what this account may do, so this tells our rights without trying them."""
    return [("Action", "ListCommands")]


def version(settings: Answer) -> str:
    """Of Asterisk; the number in its greeting is the protocol's."""
    return settings.frame.get("AsteriskVersion")


def rights(commands: Answer) -> list[Finding]:
    """Rights that are missing, and those that nobody should have who only listens and dials."""
    if not commands.is_good:
        return []
    allowed = {name.lower() for name, _ in commands.frame.pairs}
    missing = {
        right: "pbx.right_missing" for action, right in NEEDED.items() if action.lower() not in allowed
    }
    generous = {right: "pbx.right_dangerous" for do, right in DANGEROUS.items() if do.lower() in allowed}
    return [{"code": code, "setting": f"write = {right}"} for right, code in (missing | generous).items()]


class Watcher:
    """Learns from the stream which settings the PBX lacks. Feed it frames as they are heard."""

    VARIABLES = ("CRM_CALL_ID", "FROM_DID", "CALLFILENAME")
    ENDED_WITHOUT_CDR = 3  # calls after which a missing Cdr event is no chance

    def __init__(self) -> None:
        self._has_times: bool | None = None
        self._variables: set[str] | None = None
        self._ended = self._records = 0

    def take(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if frame.name == "Newchannel":
                self._has_times = bool(frame.get("Timestamp"))
                self._variables = {line.partition("=")[0] for line in frame.all("ChanVariable")}
            elif frame.name == "Hangup":
                self._ended += frame.get("Uniqueid") == frame.get("Linkedid")
            elif frame.name == "Cdr":
                self._records += 1

    def findings(self, unwanted: Collection[bytes] = ()) -> list[Finding]:
        """Nothing is said of what was not seen yet. `unwanted`: names of events that were dropped."""
        found: list[Finding] = []
        if self._has_times is False:
            found.append({"code": "pbx.setting_missing", "setting": "timestampevents = yes"})
        if self._variables is not None and (lacking := set(self.VARIABLES) - self._variables):
            names = ",".join(name for name in self.VARIABLES if name in lacking)
            found.append({"code": "pbx.setting_missing", "setting": f"channelvars = {names}"})
        if self._ended >= self.ENDED_WITHOUT_CDR and not self._records:
            found.append({"code": "pbx.setting_useful", "setting": "cdr_manager.conf: enabled = yes"})
        if GREEDY & set(unwanted):
            found.append({"code": "pbx.right_superfluous", "setting": "read = dialplan"})
        return found


WATCHED = frozenset({b"Newchannel", b"Hangup", b"Cdr"})
"""Events that `Watcher` wants to see."""
GREEDY = frozenset({b"VarSet", b"Newexten"})
"""More than half of all traffic, and nothing in it for us."""
