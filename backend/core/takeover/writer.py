"""Who the other integration is: in whose name it writes, and where it listens. A user whose leads keep
appearing within minutes of a booking is a program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.core.takeover.addresses import host

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
    """An address that is told of changes: of the CRM (`author_id` has put it there), or of one salon
    (`company_id`).
    """

    host: str
    url: str
    company_id: int | None = None
    author_id: int = 0
    is_ours: bool = False


def listeners(
    crm: Iterable[tuple[str, int]], salons: Mapping[int, Iterable[str]], ours: str
) -> tuple[Listener, ...]:
    """Addresses of both systems, those of the CRM with their authors; `ours` is where we are reached."""
    own = host(ours)
    found: list[tuple[str, int | None, int]] = [(url, None, author) for url, author in crm]
    found += [(url, company, 0) for company, urls in sorted(salons.items()) for url in urls]
    return tuple(
        Listener(host(url), url, company, author, host(url) == own) for url, company, author in found
    )


def likely(known: Iterable[Listener], writer_ids: Collection[int]) -> tuple[str, ...]:
    """Hosts that are probably the other integration's: put there by whoever writes, or told by both systems;
    else the only stranger there is.
    """
    strangers = [one for one in known if not one.is_ours]
    in_crm = {one.host for one in strangers if one.company_id is None}
    in_salons = {one.host for one in strangers if one.company_id is not None}
    sure = {one.host for one in strangers if one.author_id in writer_ids} | (in_crm & in_salons)
    everybody = in_crm | in_salons
    return tuple(sorted(sure or (everybody if len(everybody) == 1 else ())))


# As plain data


def written(traces: Traces) -> dict[str, Any]:
    names = ("quick", "other", "changed", "notes")
    return {name: list(getattr(traces, name).items()) for name in names}


def restored(data: Mapping[str, Any]) -> Traces:
    return Traces(**{name: Counter(dict(rows)) for name, rows in data.items()})
