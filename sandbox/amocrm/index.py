"""Tables that stay fast with a hundred thousand rows: kept orders, indexes, a search that lags."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

WINDOW = 10  # digits: the national part of a Russian phone number


@dataclass(slots=True)
class Row:
    id: int
    name: str
    created_at: int
    updated_at: int
    text: str = ""
    """What a search sees when it has caught up."""
    digits: str = ""
    """Phones without punctuation, one per line."""
    older: tuple[str, str] | None = None
    """What a lagging search still sees; None: the row is not there yet."""
    born: float = 0.0
    changed: float = 0.0
    """Moments of the search clock."""


R = TypeVar("R", bound=Row)


class Order:
    """Ids sorted by a number, kept sorted: time moves forward, so insertion is nearly always at the end."""

    def __init__(self) -> None:
        self.keys: list[tuple[int, int]] = []

    def add(self, number: int, row_id: int) -> None:
        key = (number, row_id)
        if not self.keys or key > self.keys[-1]:
            self.keys.append(key)
        else:
            insort(self.keys, key)

    def remove(self, number: int, row_id: int) -> None:
        place = bisect_left(self.keys, (number, row_id))
        if place < len(self.keys) and self.keys[place] == (number, row_id):
            del self.keys[place]


def windows(digits: str) -> set[str]:
    """Every run of ten digits in a text of phones, so that a part of a number is found by index."""
    found: set[str] = set()
    for phone in digits.split("\n"):
        found.update(phone[start : start + WINDOW] for start in range(len(phone) - WINDOW + 1))
    return found


class Table(Generic[R]):
    def __init__(self) -> None:
        self.rows: dict[int, R] = {}
        self.orders = {"id": Order(), "created_at": Order(), "updated_at": Order()}
        self._phones: dict[str, dict[int, None]] = {}
        self._values: dict[tuple[int, Any], dict[int, None]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, row_id: int) -> R | None:
        return self.rows.get(row_id)

    def add(self, row: R, seen: tuple[str, str], moment: float) -> None:
        self.rows[row.id] = row
        self.orders["id"].add(row.id, row.id)
        self.orders["created_at"].add(row.created_at, row.id)
        self.orders["updated_at"].add(row.updated_at, row.id)
        (row.text, row.digits), row.born, row.changed = seen, moment, moment
        self._index_phones(row)

    def touch(self, row: R, updated_at: int, seen: tuple[str, str], moment: float) -> None:
        """A row has changed; `seen` is its text and the digits of its phones now."""
        if updated_at != row.updated_at:
            self.orders["updated_at"].remove(row.updated_at, row.id)
            row.updated_at = updated_at
            self.orders["updated_at"].add(updated_at, row.id)
        row.changed = moment
        if seen != (row.text, row.digits):
            self._forget_phones(row)
            row.text, row.digits = seen
            self._index_phones(row)

    def remove(self, row: R) -> None:
        del self.rows[row.id]
        self.orders["id"].remove(row.id, row.id)
        self.orders["created_at"].remove(row.created_at, row.id)
        self.orders["updated_at"].remove(row.updated_at, row.id)
        self._forget_phones(row)

    def _index_phones(self, row: R) -> None:
        for window in windows(row.digits) if row.digits else ():
            self._phones.setdefault(window, {})[row.id] = None

    def _forget_phones(self, row: R) -> None:
        for window in windows(row.digits) if row.digits else ():
            _drop(self._phones, window, row.id)

    def index_value(self, row_id: int, field_id: int, old: list[Any], new: list[Any]) -> None:
        """Remember which row holds a value, for filters by custom field."""
        for value in old:
            _drop(self._values, (field_id, value), row_id)
        for value in new:
            self._values.setdefault((field_id, value), {})[row_id] = None

    def with_value(self, field_id: int, value: Any) -> list[R]:
        return [
            self.rows[row_id] for row_id in self._values.get((field_id, value), ()) if row_id in self.rows
        ]

    def sorted(self, order: str, descending: bool) -> Iterator[R]:
        keys = self.orders[order].keys
        for _number, row_id in reversed(keys) if descending else keys:
            yield self.rows[row_id]

    def found(self, query: str, now: float, lag: float) -> list[R]:
        """Rows whose fields contain the text, or whose phones its digits, as the search saw them."""
        wanted = query.strip().lower()
        digits = phone_digits(wanted)
        if len(digits) >= WINDOW:
            near = self._phones.get(digits[:WINDOW], {})
            rows = [self.rows[row_id] for row_id in sorted(near)]
            if lag:  # a changed phone is still found under the old one
                rows += [row for row in self._recent(now, lag) if row.id not in near]
        else:
            rows = list(self.rows.values())
        if lag:
            return [row for row in rows if _matches(row, wanted, digits, now, lag)]
        if digits:
            return [row for row in rows if wanted in row.text or digits in row.digits]
        return [row for row in rows if wanted in row.text]

    def _recent(self, now: float, lag: float) -> list[R]:
        return [row for row in self.rows.values() if now - row.changed < lag]


def _drop(index: dict[Any, dict[int, None]], key: Any, row_id: int) -> None:
    """An index forgets what nobody holds any more."""
    rows = index.get(key)
    if rows is not None:
        rows.pop(row_id, None)
        if not rows:
            del index[key]


def phone_digits(query: str) -> str:
    """The digits of something that looks like a phone; a name or a key with letters is not one."""
    if any(not (char.isdigit() or char in "+-() ") for char in query):
        return ""
    digits = "".join(char for char in query if char.isdigit())
    return digits if len(digits) >= 5 else ""


def _matches(row: Row, wanted: str, digits: str, now: float, lag: float) -> bool:
    seen: tuple[str, str] | None = (row.text, row.digits)
    if now - row.changed < lag:
        seen = row.older
    if seen is None:
        return False
    return wanted in seen[0] or bool(digits and digits in seen[1])
