"""Calls as the screens show them: whose, with whom, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from admin import guard
from admin.names import Names
from backend.core import phones
from backend.core.telephony.call import Outcome, Way
from backend.core.telephony.rules import TelephonyRules
from backend.store import bulk, mirror
from backend.store.accounts import Account
from backend.store.telephony import calls, dials, pbxes
from backend.store.telephony.calls import CallRow

TONES = {
    "open": "warn", "answered": "good", "missed": "bad", "lost": "warn", "busy": "warn", "no_answer": "warn",
    "wrong_number": "warn", "trunk_down": "bad", "internal": "", "unreached": "",
    "untaken": "warn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One call of a list."""

    row: CallRow
    number: str
    client: str
    user: str

    @property
    def result(self) -> str:
        """The code of its words, and of its tone."""
        return "open" if self.row.state == calls.OPEN else result(self.row)

    @property
    def way(self) -> str:
        """The code of its words; a click that went nowhere is no call between employees."""
        return way(self.row)

    @property
    def tone(self) -> str:
        return TONES[self.result]

    @property
    def is_answered(self) -> bool:
        return self.row.outcome == Outcome.ANSWERED

    @property
    def wait(self) -> timedelta:
        return timedelta(milliseconds=self.row.wait_ms)

    @property
    def talk(self) -> timedelta:
        return timedelta(milliseconds=self.row.talk_ms)

    @property
    def line(self) -> str:
        return self.row.line or self.row.trunk

    @property
    def is_external(self) -> bool:
        return self.row.way in (Way.IN, Way.OUT)


def of(account: Account, rows: Iterable[CallRow], names: Names | None = None) -> list[Shown]:
    """With the names of clients and employees, asked for all at once."""
    found, called = list(rows), names or Names(account.id)
    clients = mirror.contacts_by_keys(account.id, (row.client_key for row in found if row.client_key))
    named = {key: [one.name for one in some if _is_name(one.name)] for key, some in clients.items()}
    meant = asked(account.id, found)
    return [
        Shown(
            row, number(row, meant.get(row.request_id, "")), next(iter(named.get(row.client_key, ())), ""),
            called.user(row.user_id) if row.user_id else "",
        )
        for row in found
    ]  # fmt: skip


def result(row: CallRow) -> str:
    """How an ended call ended."""
    if row.is_untaken:
        return "untaken"
    return "lost" if row.is_lost else row.outcome or "open"


def way(row: CallRow) -> str:
    return "click" if row.is_untaken else row.way


def _is_name(text: str) -> bool:
    """A contact that nobody has named yet is called by its number; that stands there anyway."""
    return any(character.isalpha() for character in text)


def asked(account_id: int, rows: Iterable[CallRow]) -> dict[str, str]:
    """Clicks of which the PBX never told the client → whom they meant to call, while we know it."""
    found: dict[str, str] = {}
    for tokens in bulk.chunks({row.request_id for row in rows if row.request_id and not row.client}):
        dialled = dials.by_tokens(account_id, tokens)
        found |= {token: dial.number for token, dial in dialled.items()}
    return found


def number(row: CallRow, meant: str = "") -> str:
    """Whom they called, or whom they meant to call."""
    return phones.shown(row.client_key or row.client or meant)


def seconds(length: timedelta) -> str:
    """«0:07», «12:30»: how people read the length of a call."""
    whole = int(length.total_seconds())
    hours, rest = divmod(max(0, whole), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def address(account: Account, kind: str, number: int) -> str:
    """The card of a contact or a lead in amoCRM; `kind` as the address has it: «contacts», «leads»."""
    return f"{guard.context().settings.amocrm_api_url.format(domain=account.domain)}/{kind}/detail/{number}"


def titles(account_id: int) -> Mapping[int, str]:
    """PBX id → what it is called; a removed one is known by its calls only."""
    return {pbx.id: pbx.title or pbx.code for pbx in pbxes.of_account(account_id)}


def lines(rules: TelephonyRules) -> list[str]:
    """What the lines are called, as the calls keep it."""
    return list(dict.fromkeys(line.title or line.trunk for line in rules.lines))


def whose(rules: TelephonyRules, names: Names, phone: str, pbx: str = "") -> str:
    """«101 · Ольга»; an endpoint that is nobody's is its own name."""
    person = rules.person(phone, pbx)
    return f"{phone} · {names.user(person.user_id)}" if person else phone
