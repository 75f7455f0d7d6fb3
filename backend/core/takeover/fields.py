"""What each field of leads and contacts holds: its values are held against everything the booking system
knows, and against the bookings of the very person. Sure is what agrees in 95 of 100, at least 50 times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.core.salon import Booking
from backend.core.takeover import marks
from backend.core.takeover.marks import Guess, Shapes
from backend.core.takeover.recognition import DATES, IDS, LEADS, Kind, Place, What
from backend.core.takeover.values import Own, moments, pieces, spellings

LEAST = 50  # values
SHARE = 0.95  # of them that must agree
OWN = 0.5  # of them that must agree with the person's own bookings, where those are known
TOLD = 0.2  # less is chance and not worth a line
FEW = 12  # different values of a field that stands for states
EXAMPLES = 3
LONGEST = 60  # characters of an example

# What is alike for many bookings comes last: a chance hit there says less than one among ids.
ORDER = (
    *IDS, What.SERVICE_TITLES, What.STAFF, What.CATEGORY, What.SALON, What.PHONE, What.CLIENT_NAME,
    What.COMMENT, What.PRICE, What.SERVICE_ID, What.STAFF_ID, *DATES, What.STATUS, What.MARK,
)  # fmt: skip


@dataclass
class Tally:
    """Of one field. `known` values stand on somebody whose bookings are known, `mated` on a lead that one
    booking seems to have made; `dates` are counted as «what|form|shift»; `words` is None once they are many.
    """

    count: int = 0
    known: int = 0
    mated: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    words: dict[str, Counter[str]] | None = field(default_factory=dict)
    shapes: Shapes = field(default_factory=Shapes)
    examples: list[str] = field(default_factory=list)

    def add(
        self, value: str, whats: Mapping[str, frozenset[str]], own: Own | None, mate: Booking | None
    ) -> None:
        self.count += 1
        self.known += own is not None
        self.mated += mate is not None
        self.hits.update(_among(value, whats))
        if own is not None:
            self.own.update(_of_person(value, own))
            written = moments(value)
            shifts = own.shifts(written) if written else ()
            self.dates.update(f"{what}|{form}|{shift}" for what, form, shift in shifts)
        self.shapes.add(value, whats, own)
        self._note(value, mate)

    def _note(self, value: str, mate: Booking | None) -> None:
        if value not in self.examples and len(self.examples) < EXAMPLES:
            self.examples.append(value[:LONGEST])
        if self.words is None:
            return
        phases = self.words.setdefault(value[:LONGEST], Counter())
        phases.update([str(mate.phase)] if mate else ())
        if len(self.words) > FEW:
            self.words = None


def asked(value: str) -> set[str]:
    """What has to be looked up before the value can be counted."""
    numbers = {number for _, found in marks.shapes(value) for number in found}
    return {*spellings(value), *pieces(value), *numbers}


def _among(value: str, whats: Mapping[str, frozenset[str]]) -> set[str]:
    found = set().union(*(whats.get(one, ()) for one in spellings(value)))
    parts = pieces(value)
    if len(parts) > 1:
        found |= frozenset.intersection(*(whats.get(one, frozenset()) for one in parts))
    return found


def _of_person(value: str, own: Own) -> set[str]:
    found = set().union(*(own.values.get(one, ()) for one in spellings(value)))
    parts = pieces(value)
    if len(parts) > 1:
        found |= frozenset.intersection(*(own.values.get(one, frozenset()) for one in parts))
    if own.has_titles(" ".join(value.casefold().replace("ё", "е").split())):
        found.add(What.SERVICE_TITLES)
    return {str(what) for what in found}


# What follows


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one field; `guess` is None when nothing is like it."""

    entity: str
    field_id: int
    count: int
    examples: tuple[str, ...]
    guess: Guess | None = None
    kind: Kind = Kind.FIELD

    @property
    def is_sure(self) -> bool:
        return self.guess is not None and is_sure(self.guess)

    @property
    def place(self) -> Place | None:
        if self.guess is None:
            return None
        return place_of(self.guess, self.kind, self.field_id, self.entity)


def is_sure(guess: Guess) -> bool:
    return guess.count >= LEAST and guess.share >= SHARE and (guess.own is None or guess.own >= OWN)


def place_of(guess: Guess, kind: Kind, field_id: int, entity: str = LEADS) -> Place:
    return Place(
        kind, field_id, guess.what, guess.pattern, round(guess.share, 4), guess.count, entity,
        shift=guess.shift,
    )  # fmt: skip


def findings(tallies: Mapping[tuple[str, int], Tally]) -> list[Finding]:
    """One for each field that holds anything: the sure ones first."""
    found = [_finding(entity, field_id, tally) for (entity, field_id), tally in tallies.items()]
    return sorted(found, key=lambda one: (not one.is_sure, one.guess is None, -one.count, one.field_id))


def _finding(entity: str, field_id: int, tally: Tally) -> Finding:
    guess = _best([*_plain(tally), *_dates(tally), *_states(tally)])
    inside = _best([one for one in marks.guesses(tally.shapes) if one.pattern != f"{{{one.what}}}"])
    kind = Kind.FIELD
    if inside and (guess is None or not is_sure(guess)) and inside.count >= tally.count / 2:
        guess, kind = inside, Kind.URL
    if guess is not None and guess.share < TOLD:
        guess = None
    return Finding(entity, field_id, tally.count, tuple(tally.examples), guess, kind)


def _best(found: Iterable[Guess]) -> Guess | None:
    """The sure one first; then what the person's own bookings say, then all bookings."""

    def worth(one: Guess) -> tuple[bool, float, float, int]:
        return is_sure(one), one.share if one.own is None else one.own, one.share, -ORDER.index(one.what)

    return max(found, key=worth, default=None)


def _plain(tally: Tally) -> list[Guess]:
    """Texts that a person's own bookings name count as hits too: a list of services is in no set."""
    names = {*tally.hits, *tally.own}
    return [
        Guess(
            What(name),
            max(tally.hits[name], tally.own[name]) / tally.count,
            tally.count,
            tally.own[name] / tally.known if tally.known >= LEAST and name != What.DOCUMENT_ID else None,
        )
        for name in names
    ]


def _dates(tally: Tally) -> list[Guess]:
    """Of all shifts the most frequent one; of equally frequent ones the least, on the salon's own clock."""

    def worth(item: tuple[str, int]) -> tuple[int, int, int]:
        what, _, shift = item[0].split("|")
        return item[1], -abs(int(shift)), -ORDER.index(What(what))

    if not tally.dates:
        return []
    name, hits = max(tally.dates.items(), key=worth)
    what, form, shift = name.split("|")
    share = hits / tally.known
    return [Guess(What(what), share, tally.known, share, form, int(shift))]


def _states(tally: Tally) -> list[Guess]:
    """A few words, each of which goes with one state of the booking; or one word on every lead that a booking
    made.
    """
    if not tally.words or not tally.mated:
        return []
    if len(tally.words) == 1:
        return [Guess(What.MARK, tally.mated / tally.count, tally.count, None, next(iter(tally.words)))]
    usual = {word: phases.most_common(1)[0] for word, phases in tally.words.items() if phases}
    if len({phase for phase, _ in usual.values()}) < 2:
        return []
    share = sum(count for _, count in usual.values()) / tally.mated
    return [Guess(What.STATUS, share, tally.mated, None)]


# As plain data


def written(tally: Tally) -> dict[str, Any]:
    return {
        "count": tally.count, "known": tally.known, "mated": tally.mated, "hits": tally.hits,
        "own": tally.own, "dates": dict(tally.dates.most_common(FEW)), "words": tally.words,
        "shapes": marks.written(tally.shapes), "examples": tally.examples,
    }  # fmt: skip


def restored(data: Mapping[str, Any]) -> Tally:
    words = data["words"]
    return Tally(
        data["count"], data["known"], data["mated"], Counter(data["hits"]), Counter(data["own"]),
        Counter(data["dates"]), None if words is None else {w: Counter(p) for w, p in words.items()},
        marks.restored(data["shapes"]), list(data["examples"]),
    )  # fmt: skip


def written_all(tallies: Mapping[tuple[str, int], Tally]) -> list[Any]:
    return [[entity, field_id, written(tally)] for (entity, field_id), tally in tallies.items()]


def restored_all(data: Sequence[Any]) -> dict[tuple[str, int], Tally]:
    return {(entity, field_id): restored(one) for entity, field_id, one in data}
