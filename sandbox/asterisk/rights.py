"""Accounts of the manager port: what each may hear and ask for, as manager.conf would have it."""

from __future__ import annotations

from dataclasses import dataclass

EVERYTHING = frozenset({
    "system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting", "cdr",
    "dialplan", "originate", "message",
})  # fmt: skip
NOBODYS: frozenset[str] = frozenset()

ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "Challenge": ("Generate Challenge for MD5 Auth.", NOBODYS),
    "Command": ("Execute Asterisk CLI Command.", frozenset({"command"})),
    "CoreSettings": ("Show PBX core settings (version etc).", frozenset({"system", "reporting"})),
    "CoreShowChannels": ("List currently active channels.", frozenset({"system", "reporting"})),
    "CoreStatus": ("Show PBX core status variables.", frozenset({"system", "reporting"})),
    "Events": ("Control Event Flow.", NOBODYS),
    "GetConfig": ("Retrieve configuration.", frozenset({"system", "config"})),
    "Getvar": ("Gets a channel variable or function value.", frozenset({"system", "call", "reporting"})),
    "Hangup": ("Hangup channel.", frozenset({"system", "call"})),
    "ListCommands": ("List available manager commands.", NOBODYS),
    "Login": ("Login Manager.", NOBODYS),
    "Logoff": ("Logoff Manager.", NOBODYS),
    "ModuleLoad": ("Module management.", frozenset({"system"})),
    "Originate": ("Originate a call.", frozenset({"originate"})),
    "Ping": ("Keepalive command.", NOBODYS),
    "Redirect": ("Redirect (transfer) a call.", frozenset({"call"})),
    "ShowDialPlan": ("Show dialplan contexts and extensions", frozenset({"config", "reporting"})),
    "UpdateConfig": ("Update basic configuration.", frozenset({"config"})),
}
"""Name → what it is for, and the rights of which one is enough; none for everybody."""


@dataclass(frozen=True, slots=True)
class Account:
    """`writetimeout` in seconds: who does not read for so long is cut off, with nothing said."""

    name: str = "crm"
    secret: str = "least-rights"  # noqa: S105  of an emulator
    read: frozenset[str] = frozenset({"call", "cdr", "agent", "user"})
    write: frozenset[str] = frozenset({"call", "originate", "reporting"})
    writetimeout: float = 5.0

    def may(self, action: str) -> bool:
        _, rights = ACTIONS[action]
        return not rights or bool(rights & self.write)

    def hears(self, privilege: str) -> bool:
        """`privilege` as an event names it: «call,all»."""
        return bool(self.read & set(privilege.split(",")))
