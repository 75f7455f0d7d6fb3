"""Phones that calls have shown and nobody has named yet, each with a guess whose it is: by its own name, else
by whose clients were talked with on it. A guess is offered, never taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.core import names
from backend.core.crm import CrmUser
from backend.core.telephony import lists
from backend.core.telephony.rules import TelephonyRules
from backend.flows.telephony.desk import callers
from backend.store import mirror
from backend.store.telephony import calls, pbxes
from backend.store.telephony.calls import CallFilters, CallRow

LOOKED_AT = 500  # newest calls
ENOUGH = 3  # talks with somebody's clients before they mean anything
MOSTLY = 0.6
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщыэюя"
LATIN = (
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
    "f", "kh", "ts", "ch", "sh", "shch", "y", "e", "yu", "ya",
)  # fmt: skip
LETTERS = {**dict(zip(CYRILLIC, LATIN, strict=True)), "ъ": "", "ь": ""}


@dataclass
class SeenPhone:
    """`user_id` is the guess, `because` its reason: «name»; or «clients», `own` of `of` talks were with this
    user's clients.
    """

    phone: str
    pbx_id: int
    pbx: str
    times: int = 0
    last_at: datetime | None = None
    user_id: int | None = None
    because: str = ""
    own: int = 0
    of: int = 0
    talked_with: list[str] = field(default_factory=list)


def unnamed(account_id: int, rules: TelephonyRules, users: Sequence[CrmUser]) -> list[SeenPhone]:
    """Those of the newest calls, the busiest first."""
    codes = {pbx.id: pbx.code for pbx in pbxes.of_account(account_id)}
    found: dict[tuple[int, str], SeenPhone] = {}
    for row in calls.portion(account_id, CallFilters(), None, LOOKED_AT):
        if row.pbx_id in codes:
            _note(found, row, codes[row.pbx_id], rules)
    seen = sorted(found.values(), key=lambda one: (-one.times, one.phone))
    free = [user for user in users if user.is_active and rules.person_of(user.id) is None]
    _guess(account_id, seen, free)
    return seen


def _note(found: dict[tuple[int, str], SeenPhone], row: CallRow, code: str, rules: TelephonyRules) -> None:
    call = row.call
    for phone in lists.parties(call):
        if rules.person(phone, code) is not None or phone in rules.trunks(code):
            continue
        one = found.setdefault((row.pbx_id, phone), SeenPhone(phone, row.pbx_id, code))
        one.times += 1
        one.last_at = max(one.last_at or row.began_at, row.began_at)
        if phone in call.talked and row.client_key:
            one.talked_with.append(row.client_key)


def _guess(account_id: int, seen: Iterable[SeenPhone], free: Sequence[CrmUser]) -> None:
    """Nobody is guessed twice: two phones of one person are told by a person."""
    known = list(seen)
    owners = _owners(account_id, {number for one in known for number in one.talked_with})
    offered: set[int] = set()
    for one in known:
        left = [user for user in free if user.id not in offered]
        if not (_by_name(one, left) or _by_clients(one, left, owners)):
            continue
        assert one.user_id is not None
        offered.add(one.user_id)


def _by_name(one: SeenPhone, users: Iterable[CrmUser]) -> bool:
    """«olga», «anna_ivanova»: the phone is called as the person is."""
    fits = [user.id for user in users if names.is_named_in(_latin(user.name), _spaced(one.phone))]
    if len(fits) == 1:
        one.user_id, one.because = fits[0], "name"
    return len(fits) == 1


def _by_clients(one: SeenPhone, users: Iterable[CrmUser], owners: Mapping[str, int]) -> bool:
    """Whose clients were mostly talked with on it."""
    counted = Counter(owners[number] for number in one.talked_with if number in owners)
    ids = {user.id for user in users}
    for user_id, own in counted.most_common(1):
        if own >= ENOUGH and own >= MOSTLY * len(one.talked_with) and user_id in ids:
            one.user_id, one.because, one.own, one.of = user_id, "clients", own, len(one.talked_with)
    return one.user_id is not None


def _owners(account_id: int, numbers: set[str]) -> Mapping[str, int]:
    """Client's number → who serves the client."""
    contacts = {
        number: found[0] for number, found in mirror.contacts_by_keys(account_id, numbers).items() if found
    }
    leads = mirror.leads_of(account_id, (contact.id for contact in contacts.values()))
    served = {
        number: callers.responsible(contact, leads.get(contact.id, ())[::-1])
        for number, contact in contacts.items()
    }
    return {number: user_id for number, user_id in served.items() if user_id}


def _spaced(phone: str) -> str:
    return "".join(character if character.isalpha() else " " for character in phone)


def _latin(name: str) -> str:
    """«Ольга» as an administrator of a PBX writes it: «olga»."""
    return "".join(LETTERS.get(letter, letter) for letter in name.casefold())
