"""Who the other integration is: in whose name it writes, and where it listens. A user whose leads keep
appearing within minutes of a booking is a program.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

HOST = re.compile(r"\w+://(?:[^/@]*@)?([^/:?#]+)")
LEAST = 20  # leads made right after a booking
SHARE = 0.1  # of all such leads that one of the writers has made
PURE = 0.5  # of a user's leads that were made right after a booking


@dataclass
class Traces:
    """By user: leads made right after a booking (`quick`), other leads (`other`), who changed the quick ones
    last, who wrote notes with a booking's number.
    """

    quick: Counter[int] = field(default_factory=Counter)
    other: Counter[int] = field(default_factory=Counter)
    changed: Counter[int] = field(default_factory=Counter)
    notes: Counter[int] = field(default_factory=Counter)

    def lead(self, created_by: int, updated_by: int | None, *, is_quick: bool) -> None:
        (self.quick if is_quick else self.other)[created_by] += 1
        if is_quick and updated_by is not None:
            self.changed[updated_by] += 1


@dataclass(frozen=True, slots=True)
class Writer:
    """A user of the CRM: `share` of the leads made right after a booking are his, and `purity` of his leads
    are such.
    """

    user_id: int
    leads: int
    share: float
    purity: float
    changes: int = 0
    notes: int = 0
    is_writer: bool = False


def writers(traces: Traces) -> tuple[Writer, ...]:
    """Everybody who made such leads, the most of them first."""
    total = traces.quick.total()
    found = []
    for user, count in traces.quick.most_common():
        share, purity = count / total, count / (count + traces.other[user])
        is_writer = count >= LEAST and share >= SHARE and purity >= PURE
        found.append(Writer(user, count, share, purity, traces.changed[user], traces.notes[user], is_writer))
    return tuple(found)


def identified(traces: Traces) -> frozenset[int]:
    return frozenset(one.user_id for one in writers(traces) if one.is_writer)


# Where it listens


@dataclass(frozen=True, slots=True)
class Listener:
    """An address that is told of changes: of the CRM, or of one salon (`company_id`)."""

    host: str
    url: str
    company_id: int | None = None
    is_ours: bool = False


def listeners(crm: Iterable[str], salons: Mapping[int, Iterable[str]], ours: str) -> tuple[Listener, ...]:
    """Addresses of both systems; `ours` is where we are reached ourselves."""
    found = [_listener(url, None, ours) for url in crm]
    found += [_listener(url, company, ours) for company, urls in sorted(salons.items()) for url in urls]
    return tuple(found)


def _listener(url: str, company_id: int | None, ours: str) -> Listener:
    return Listener(_host(url), url, company_id, is_ours=_host(url) == _host(ours))


def _host(url: str) -> str:
    found = HOST.match(url)
    return found[1].lower() if found else url


# As plain data


def written(traces: Traces) -> dict[str, Any]:
    names = ("quick", "other", "changed", "notes")
    return {name: list(getattr(traces, name).items()) for name in names}


def restored(data: Mapping[str, Any]) -> Traces:
    return Traces(**{name: Counter(dict(rows)) for name, rows in data.items()})
