"""Rows of the CEL table become the same calls as live events: the source that no outage of ours takes away
(telephony.md §9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from backend.core.telephony.call import Call, Source
from backend.core.telephony.hearing import fold
from backend.core.telephony.hearing.channels import FoldRules, Kind, kind_of, parts
from backend.core.telephony.hearing.moments import Leg, Moment, What
from backend.core.telephony.hearing.reading import HOLDING, dialled
from backend.core.telephony.hearing.results import STARTED
from backend.core.telephony.hearing.told import CelRow

NEEDED = frozenset(
    {"CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "BRIDGE_ENTER", "BRIDGE_EXIT", "APP_START", "LINKEDID_END"}
)
"""Events without which calls cannot be told whole: a table of calls that lacks one is badly configured."""


@dataclass(slots=True)
class Reader:
    """What rows of a call tell of each other: numbers that were dialled through a trunk, channels that were
    called. `asked`: the last that hung up by itself; the others were hung up.
    """

    rules: FoldRules
    asked: CelRow | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)


def calls_of(rows: Iterable[CelRow], pbx_id: int, rules: FoldRules) -> list[Call]:
    """The calls that are over by these rows, each with all of its rows among them."""
    return [call for group in groups(rows) for call in _folded(group, pbx_id, rules)]


def groups(rows: Iterable[CelRow]) -> list[list[CelRow]]:
    """Rows of one call together, in their order: what shares a channel, a linked id or a bridge."""
    ordered = sorted(rows, key=lambda row: (row.at, row.id))
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for row in ordered:
        for other in (row.linked, _bridge(row)):
            if other:
                parent[root(other)] = root(row.uid)
    found: dict[str, list[CelRow]] = {}
    for row in ordered:
        found.setdefault(root(row.uid), []).append(row)
    return list(found.values())


def missing_events(kinds: Iterable[str]) -> list[str]:
    """Which events a table never has; `kinds` are those of some whole calls."""
    return sorted(NEEDED - set(kinds))


def _folded(rows: Sequence[CelRow], pbx_id: int, rules: FoldRules) -> Iterator[Call]:
    own = [row for row in rows if row.kind == "HANGUP" and row.extra.get("hangupsource") == row.channel]
    state, reader = fold.Fold(pbx_id, rules), Reader(rules, own[-1] if own else None)
    for row in rows:
        for moment in _moments(row, reader):
            state, _ = fold.advance(state, moment)
    _, changes = fold.settled(state, rows[-1].at + timedelta(hours=1))
    for change in changes:
        yield replace(change.call, source=Source.CEL)


def _moments(row: CelRow, reader: Reader) -> Iterator[Moment]:
    if row.kind == "APP_START" and row.app == "Dial":
        reader.numbers |= _numbers(row.data)
    read = READ.get(row.kind)
    if read:
        yield from read(row, reader)


def _started(row: CelRow, reader: Reader) -> Iterator[Moment]:
    """Whoever is not the first of the call was called; so was the phone that an Originate begins with."""
    yield _moment(What.NEW, row)
    own = kind_of(row.channel, reader.rules) is Kind.PHONE and row.exten == STARTED
    if row.uid != row.linked or own:
        reader.called.add(row.uid)
        number = reader.numbers.get(parts(row.channel)[1], "")
        yield replace(_moment(What.DIAL, row), leg=None, other=_leg(row), dialled=number)


def _answered(row: CelRow, reader: Reader) -> Iterator[Moment]:
    if row.uid in reader.called:
        yield replace(_moment(What.DIAL_END, row), leg=None, other=_leg(row), status="ANSWER")
    yield _moment(What.UP, row)


def _bridged(row: CelRow, _: Reader) -> Iterator[Moment]:
    what = What.ENTER if row.kind == "BRIDGE_ENTER" else What.LEAVE
    if _bridge(row):
        yield replace(_moment(what, row), bridge=_bridge(row))


def _hung_up(row: CelRow, reader: Reader) -> Iterator[Moment]:
    if row is reader.asked:
        yield _moment(What.ASKED, row)
    cause = row.extra.get("hangupcause")
    yield replace(_moment(What.GONE, row), cause=cause if isinstance(cause, int) else 0)


READ: Mapping[str, Callable[[CelRow, Reader], Iterator[Moment]]] = {
    "CHAN_START": _started, "ANSWER": _answered, "BRIDGE_ENTER": _bridged, "BRIDGE_EXIT": _bridged,
    "HANGUP": _hung_up, "CHAN_END": _hung_up,
}  # fmt: skip


def _moment(what: What, row: CelRow) -> Moment:
    return Moment(what, row.at, row.at, _leg(row))


def _leg(row: CelRow) -> Leg:
    return Leg(row.uid, row.channel, row.linked, row.number, row.exten)


def _bridge(row: CelRow) -> str:
    is_holding = row.extra.get("bridge_technology") == HOLDING
    return "" if is_holding else str(row.extra.get("bridge_id") or "")


def _numbers(data: str) -> dict[str, str]:
    """Trunk → number, from what Dial was given: «PJSIP/79990001122@msk&SIP/spb/79990003344,60»."""
    found = {}
    for target in data.partition(",")[0].split("&"):
        rest = target.partition("/")[2]
        before, at, after = rest.partition("@")
        trunk = after if at and "/" not in before else rest.partition("/")[0]
        if number := dialled(rest):
            found[trunk] = number
    return found
