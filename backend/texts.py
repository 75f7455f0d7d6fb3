"""Sentences for people, in Russian first: every reason, error code and label by its dotted key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("ru", "en")
DIRECTORY = Path(__file__).with_suffix("")

Entry = str | list[str]


class _Gaps(dict[str, object]):
    """A value nobody passed shows as a dash: a text with a hole still beats an error page."""

    def __missing__(self, key: str) -> str:
        return "—"


def plural(n: int, *forms: str) -> str:
    """The form that goes with `n`: three in Russian (1 запись, 2 записи, 5 записей), two in English."""
    if len(forms) == 2:
        return forms[0] if abs(n) == 1 else forms[1]
    one, few, many = forms
    tens, units = abs(n) % 100, abs(n) % 10
    if units == 1 and tens != 11:
        return one
    return few if 2 <= units <= 4 and not 12 <= tens <= 14 else many


@cache
def catalogue(lang: str) -> Mapping[str, Entry]:
    """All texts of a language, flat: dotted key → sentence, or plural forms chosen by `n`.

    They lie in files by area; which file a key stands in means nothing.
    """
    found: dict[str, Entry] = {}
    for path in sorted((DIRECTORY / lang).glob("*.json")):
        entries = dict(_flat(json.loads(path.read_text(encoding="utf-8")), ""))
        if doubled := found.keys() & entries.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(doubled))}")
        found |= entries
    return found


def has(code: str, lang: str = "ru") -> bool:
    return code in catalogue(lang)


def t(code: str, lang: str = "ru", /, **values: object) -> str:
    """The text of a code; an unknown code shows itself, so that a person has something to send us."""
    entry = catalogue(lang if lang in LANGUAGES else LANGUAGES[0]).get(code)
    if entry is None:
        return code
    if isinstance(entry, list):
        number = values.get("n")
        entry = plural(number if isinstance(number, int) else 0, *entry)
    return entry.format_map(_Gaps(values))


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, Entry]]:
    found: list[tuple[str, Entry]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str | list):
            found.append((f"{prefix}{name}", value))
    return found
