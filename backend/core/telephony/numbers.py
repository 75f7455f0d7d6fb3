"""Numbers of clients: as a PBX gave them, as the CRM gets them, as they may be dialled (telephony.md §12)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from backend.core import phones
from backend.core.errors import InvalidInput
from backend.core.telephony.rules import NumberFormat, TelephonyRules

LONGEST_TEXT = 32
SHORTEST, LONGEST = 7, 15  # digits of a number that the world knows
RUSSIA = "7"
HIDDEN = frozenset({"anonymous", "unknown", "restricted", "unavailable", "private", "s", "<unknown>"})
EXTENSION = re.compile(r"(?:доб|вн|ext|x|#|,).*", re.IGNORECASE | re.DOTALL)
SEPARATORS = re.compile(r"[\s().‐-―-]+")  # any space, brackets, dots, every kind of hyphen
PLAIN = re.compile(r"\+?[0-9]+", re.ASCII)
DIALLED = re.compile(r"\+?[0-9]{2,20}", re.ASCII)
PATTERN = re.compile(r"(?=.)([0-9]*)(X*[0-9X]*)(\.?)", re.ASCII)
RESULT = re.compile(r"[0-9+]{0,20}\{(?:rest|number)\}[0-9]{0,20}", re.ASCII)
EMERGENCY = frozenset({"01", "02", "03", "04", "101", "102", "103", "104", "112", "911"})
PREMIUM = ("7803", "7809", "979", "882", "883")
KAZAKHSTAN = ("76", "77")  # shares Russia's code and has prices of its own


@lru_cache(maxsize=10_000)
def client(raw: str) -> str:
    """The client's number as +79990001122; "" when it is hidden, or no number that a person is known by."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.casefold() in HIDDEN:
        return ""
    return _international(SEPARATORS.sub("", EXTENSION.sub("", text)))


def to_dial(text: str, rules: TelephonyRules) -> str:
    """What the PBX is told to dial. InvalidInput says why a number is not called from the CRM."""
    plain = _typed(text)
    if plain in internal(rules):
        return plain
    if plain.removeprefix("+") in EMERGENCY:
        raise InvalidInput("dial.emergency", number=plain)
    number = _international(plain)
    if not number:
        raise InvalidInput("dial.short" if len(plain) < SHORTEST else "dial.not_number", number=plain)
    _refuse_dear(number, rules.dialling.countries)
    dialled = formatted(number, rules.dialling.formats)
    if not DIALLED.fullmatch(dialled):
        raise InvalidInput("dial.format", number=dialled[:LONGEST_TEXT])
    return dialled


def internal(rules: TelephonyRules) -> frozenset[str]:
    """Short numbers that may be called: those of people, and others that somebody has named."""
    return frozenset({*(person.extension for person in rules.people), *rules.dialling.short_numbers})


def formatted(number: str, formats: Iterable[NumberFormat]) -> str:
    """By the first format that fits, else as it is."""
    digits = number.removeprefix("+")
    for one in formats:
        if digits and (rest := _rest(one.pattern, digits)) is not None:
            return one.result.replace("{rest}", rest).replace("{number}", digits)
    return number


def fits(mask: str, number: str) -> bool:
    """Whether the digits of a number are as a mask has them: X is any digit, a dot any rest."""
    return _rest(mask, number.removeprefix("+")) is not None


def is_pattern(pattern: str) -> bool:
    return bool(PATTERN.fullmatch(pattern))


def is_result(result: str) -> bool:
    return bool(RESULT.fullmatch(result))


def _typed(text: str) -> str:
    """Digits of what a person or a card gave, maybe after a plus; everything strange is refused."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("dial.too_long", most=LONGEST_TEXT)
    cut = EXTENSION.sub("", unicodedata.normalize("NFKC", text).strip())
    if any(unicodedata.category(sign).startswith("C") for sign in text):
        raise InvalidInput("dial.letters")
    plain = SEPARATORS.sub("", cut)
    if not plain:
        raise InvalidInput("dial.empty")
    if not PLAIN.fullmatch(plain):
        raise InvalidInput("dial.letters")
    return plain


def _international(plain: str) -> str:
    if not PLAIN.fullmatch(plain):
        return ""
    has_plus, digits = plain.startswith("+"), plain.removeprefix("+")
    if not has_plus and digits.startswith("00"):
        has_plus, digits = True, digits[2:]
    if not has_plus and len(digits) == 11 and digits[0] in "78":
        digits = RUSSIA + digits[1:]
    elif not has_plus and len(digits) == 10 and digits[0] in "3489":
        digits = RUSSIA + digits
    if not SHORTEST <= len(digits) <= LONGEST:
        return ""
    return phones.normalized(f"+{digits}") or ""


def _refuse_dear(number: str, countries: tuple[str, ...]) -> None:
    digits = number[1:]
    if digits.startswith(PREMIUM):
        raise InvalidInput("dial.premium", number=number)
    if countries and not any(_is_in(digits, code) for code in countries):
        raise InvalidInput("dial.foreign", number=number)


def _is_in(digits: str, code: str) -> bool:
    return digits.startswith(code) and not (code == RUSSIA and digits.startswith(KAZAKHSTAN))


def _rest(pattern: str, digits: str) -> str | None:
    """The digits that stand where the pattern is open; None when it does not fit."""
    compiled = _compiled(pattern)
    found = compiled.fullmatch(digits) if compiled else None
    return found.group(1) if found else None


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    found = PATTERN.fullmatch(pattern)
    if found is None:
        return None
    fixed, opened, tail = found.groups()
    return re.compile(f"{fixed}({opened.replace('X', '[0-9]')}{'[0-9]+' if tail else ''})", re.ASCII)
