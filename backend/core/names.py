"""Are these two spellings one person, and is this a person at all? Hints for the eye; nothing is decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

ALIKE = 0.8  # one letter of six may differ: «Оксана» is «Аксана», «Ольга» is not «Оля»
Words = tuple[str, ...]

WORD = re.compile(r"[^\W\d_]+")
# Columns of a journal that are no masters: places to put bookings that have no time yet.
NOBODY = re.compile(r"ожидан|резерв|перенос|отмен|waiting|reserve|\bтест(овый|овая)?\b")


def is_nobody(name: str) -> bool:
    """Whether a column of the journal looks like a waiting list."""
    return NOBODY.search(name.casefold()) is not None


def nearest(name: str, candidates: Mapping[int, str]) -> int | None:
    """The one candidate whose name is most alike; None when nobody is, or two are equally so."""
    words = _words(name)
    likeness = {key: _likeness(words, _words(other)) for key, other in candidates.items()}
    scored = sorted(((score, key) for key, score in likeness.items() if score >= ALIKE), reverse=True)
    if not scored:
        return None
    is_tie = len(scored) > 1 and scored[1][0] == scored[0][0]
    return None if is_tie else scored[0][1]


def is_named_in(name: str, text: str) -> bool:
    """Whether any word of a person's name stands in a text, spelled alike."""
    words = _words(text)
    return any(_best(word, words) >= ALIKE for word in _words(name)) if words else False


def _likeness(left: Words, right: Words) -> float:
    """Every word of the shorter name must have its like in the longer one: middle names do not count."""
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    least = 1.0 if shorter else 0.0
    for word in shorter:
        least = min(least, _best(word, longer))
        if least < ALIKE:
            return 0.0
    return least - 0.1 * (len(shorter) == 1 and len(longer) > 1)


def _best(word: str, others: Iterable[str]) -> float:
    return max(_ratio(word, other) for other in others)


@lru_cache(maxsize=20_000)
def _ratio(word: str, other: str) -> float:
    """Words of a network's people meet again and again, in every salon. 0 is anything that is not alike."""
    if word == other:
        return 1.0
    matcher = SequenceMatcher(None, word, other)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE <= matcher.quick_ratio() else 0.0


@lru_cache(maxsize=2_000)
def _words(name: str) -> Words:
    return tuple(WORD.findall(name.casefold().replace("ё", "е")))
