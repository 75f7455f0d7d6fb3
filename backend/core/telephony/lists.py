"""White and black lists of internal numbers: «101», ranges «100-199», masks «1XX»."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend.core.telephony import numbers
from backend.core.telephony.call import Call
from backend.core.telephony.rules import TelephonyRules

RANGE = re.compile(r"([0-9]{1,12})-([0-9]{1,12})", re.ASCII)
MASK = re.compile(r"[0-9X]*X[0-9X]*\.?|[0-9]+\.", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


def is_entry(entry: str) -> bool:
    """Whether a list can hold this: a number, a range from the lower to the higher, a mask, or a name."""
    if found := RANGE.fullmatch(entry):
        low, high = found.groups()
        return len(low) == len(high) and low <= high
    return bool(MASK.fullmatch(entry) or NAME.fullmatch(entry))


def covers(entry: str, phone: str) -> bool:
    if found := RANGE.fullmatch(entry):
        low, high = found.groups()
        return phone.isascii() and phone.isdigit() and len(phone) == len(low) and low <= phone <= high
    if MASK.fullmatch(entry):
        return phone.isascii() and phone.isdigit() and numbers.fits(entry, phone)
    return entry == phone


def has(entries: Iterable[str], phone: str) -> bool:
    return any(covers(entry, phone) for entry in entries)


def parties(call: Call) -> tuple[str, ...]:
    """Phones of ours that were part of a call, in no particular order."""
    return tuple(dict.fromkeys(phone for phone in (*call.talked, *call.rung, call.operator) if phone))


def is_left_out(phone: str, rules: TelephonyRules, pbx: str = "") -> bool:
    """Whether the lists keep a phone's calls out. It is known by its endpoint and by its short number."""
    person = rules.person(phone, pbx)
    names = (phone, person.extension) if person else (phone,)
    if any(has(rules.black, name) for name in names):
        return True
    return bool(rules.white) and not any(has(rules.white, name) for name in names)


def leaves_out(call: Call, rules: TelephonyRules, pbx: str = "") -> bool:
    """A call is kept out when every phone that took part is; one that rang nobody never is."""
    those = parties(call)
    return bool(those) and all(is_left_out(phone, rules, pbx) for phone in those)
