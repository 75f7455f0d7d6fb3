"""One phone, many spellings: normalisation to E.164 and the key a person is found by."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

HOME_REGION = "RU"
SEPARATORS = re.compile(r"[,;/]")
EXTENSION = re.compile(r"доб|вн|ext|#", re.IGNORECASE)
SHORTEST, LONGEST = 9, 15  # digits of a number that a salon's journal takes (yclients.md §3.6)
AT_HOME = ("3", "4", "8", "9")  # how ten digits without a country begin in Russia: city codes and mobiles
MIN_DIGITS = 7  # shorter than any subscriber number that could identify a person


@lru_cache(maxsize=10_000)
def normalized(raw: str) -> str | None:
    """The number as +79990000001, or None when there is no number in the text.

    Salons write 8 900…, +7 900…, 7900…, 900… for the same Russian mobile (yclients.md §3.6). A number
    that no plan knows keeps its digits, so that two equal spellings still meet.
    """
    digits = "".join(character for character in raw if character.isdigit())
    if len(digits) < MIN_DIGITS:
        return None
    return _parsed(_international(raw, digits)) or f"+{digits}"


def split(text: str) -> tuple[str, ...]:
    """The numbers of one field as people fill it: several with commas, an extension behind «доб.»."""
    return tuple(EXTENSION.split(part)[0] for part in SEPARATORS.split(text) if part.strip())


def key(raw: str) -> str | None:
    """What a person is looked up by: the whole international number (foreign numbers may share their last ten
    digits).
    """
    return normalized(raw)


def dialled(raw: str) -> str | None:
    """A number that can be called, as +79990000001: of a length that its country has. A salon's journal takes
    9 to 15 digits and sends its messages there, so half a number is refused here already.
    """
    found = normalized(raw)
    if found is None or not SHORTEST <= len(found) - 1 <= LONGEST:
        return None
    try:
        return found if phonenumbers.is_possible_number(phonenumbers.parse(found, HOME_REGION)) else None
    except phonenumbers.NumberParseException:
        return None


def shown(number: str) -> str:
    """As people read it: «+7 999 000-11-22»; what is no number of any plan stays as it is written."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _international(raw: str, digits: str) -> str:
    if len(digits) == 11 and digits.startswith(("7", "8")) and not raw.strip().startswith("+8"):
        return f"+7{digits[1:]}"
    if len(digits) == 10 and digits.startswith(AT_HOME if not raw.strip().startswith("+") else "9"):
        return f"+7{digits}"
    return f"+{digits}"


def _parsed(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
