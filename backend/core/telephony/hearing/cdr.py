"""Rows of the CDR table become calls, as well as they can: they tell parts that ended, in whole seconds, and
nothing of who was in a bridge with whom (telephony.md §9). Used where there is no CEL; such a call is never
whole, for another part of it may still go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from backend.core.telephony.call import Call, Ring, Source, Talk, Way
from backend.core.telephony.hearing import results
from backend.core.telephony.hearing.channels import FoldRules, Kind, kind_of, number_in, pair_of, parts
from backend.core.telephony.hearing.reading import number_of_dial
from backend.core.telephony.hearing.results import OWN_ID, STARTED, Far
from backend.core.telephony.hearing.told import ANSWERED, CdrRow

STATUS = {ANSWERED: "ANSWER", "NO ANSWER": "NOANSWER", "BUSY": "BUSY", "FAILED": "CHANUNAVAIL",
          "CONGESTION": "CONGESTION"}  # fmt: skip
CAUSE = {"BUSY": 17}


def calls_of(rows: Iterable[CdrRow], pbx_id: int, rules: FoldRules) -> list[Call]:
    """One call of the rows of each linked id."""
    together: dict[str, list[CdrRow]] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.sequence)):
        together.setdefault(row.linked, []).append(row)
    return [_call(linked, group, pbx_id, rules) for linked, group in together.items()]


def recordings(rows: Iterable[CdrRow]) -> dict[str, tuple[str, ...]]:
    """Linked id → names of its recordings, in order; CEL does not tell them."""
    found: dict[str, dict[str, None]] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.sequence)):
        if row.recording:
            found.setdefault(row.linked, {})[row.recording] = None
    return {linked: tuple(names) for linked, names in found.items()}


def _call(linked: str, rows: Sequence[CdrRow], pbx_id: int, rules: FoldRules) -> Call:
    way = _way(rows, rules)
    far = _far(rows, rules)
    first = rows[0]
    trunk, talks = _trunk(way, rows, rules), _talks(rows, rules)
    call = Call(
        uniq=f"{pbx_id}:{linked}",
        pbx_id=pbx_id,
        way=way,
        began_at=first.at,
        trunk=trunk,
        client=_client(way, rows, far),
        did=_did(first) if way is Way.IN else "",
        operator=_operator(rows, rules) if way in (Way.OUT, Way.INTERNAL) else "",
        rings=_rings(rows, rules),
        talks=talks,
        recordings=recordings(rows).get(linked, ()),
        request_id=linked.removeprefix(OWN_ID) if linked.startswith(OWN_ID) else "",
        linked=frozenset({linked}),
        source=Source.CDR,
        is_incomplete=True,
    )
    status = STATUS.get(far.disposition, "") if far else ""
    cause = CAUSE.get(far.disposition, 0) if far else 0
    return results.ended(call, max(row.until for row in rows), Far(status, cause, ""))


def _kinds(row: CdrRow, rules: FoldRules) -> tuple[Kind, Kind | None]:
    return kind_of(row.channel, rules), kind_of(row.dst_channel, rules) if row.dst_channel else None


def _way(rows: Sequence[CdrRow], rules: FoldRules) -> Way:
    first = next((row for row in rows if _kinds(row, rules)[0] is not Kind.LOCAL), rows[0])
    near = _kinds(first, rules)[0]
    if near is Kind.TRUNK:
        return Way.IN
    kinds = {kind for row in rows for kind in _kinds(row, rules)}
    if Kind.TRUNK in kinds:
        return Way.OUT
    return Way.UNKNOWN if near is not Kind.PHONE or Kind.OTHER in kinds else Way.INTERNAL


def _far(rows: Sequence[CdrRow], rules: FoldRules) -> CdrRow | None:
    """The part that led to the world, the last when several did."""
    led = [row for row in rows if _kinds(row, rules)[1] is Kind.TRUNK]
    return led[-1] if led else None


def _trunk(way: Way, rows: Sequence[CdrRow], rules: FoldRules) -> str:
    if way is Way.IN:
        own = [row.channel for row in rows if _kinds(row, rules)[0] is Kind.TRUNK]
        return parts(own[0])[1]
    led = [row for row in rows if _kinds(row, rules)[1] is Kind.TRUNK]
    reached = [row for row in led if row.disposition == ANSWERED] or led
    return parts(reached[-1].dst_channel)[1] if reached and way is Way.OUT else ""


def _client(way: Way, rows: Sequence[CdrRow], far: CdrRow | None) -> str:
    if way is Way.IN:
        return rows[0].src
    if far is None:
        return rows[0].dst if way is Way.INTERNAL else ""
    return number_of_dial(far.data) or number_in(far.dst_channel) or far.dst


def _did(first: CdrRow) -> str:
    return first.did or (first.dst if first.dst != STARTED else "")


def _operator(rows: Sequence[CdrRow], rules: FoldRules) -> str:
    names = [name for row in rows for name in (row.channel, row.dst_channel) if name]
    return next((parts(name)[1] for name in names if kind_of(name, rules) is Kind.PHONE), "")


def _rings(rows: Sequence[CdrRow], rules: FoldRules) -> tuple[Ring, ...]:
    """Phones that a part led to; the caller's own phone is none of them."""
    return tuple(
        Ring(parts(row.dst_channel)[1], row.at, _ring_ended(row), STATUS.get(row.disposition, ""))
        for row in rows
        if _kinds(row, rules)[1] is Kind.PHONE
    )


def _ring_ended(row: CdrRow) -> datetime:
    return row.until - row.talked


def _talks(rows: Sequence[CdrRow], rules: FoldRules) -> tuple[Talk, ...]:
    """Parts in which a phone and a trunk were put through; a Local channel may stand for its phone."""
    behind = _behind(rows, rules)
    found = []
    for row in rows:
        names = [name for name in (row.channel, row.dst_channel) if name]
        phones = [phone for name in names if (phone := _phone(name, behind, rules))]
        is_outside = any(kind_of(name, rules) is Kind.TRUNK for name in names)
        if row.disposition == ANSWERED and row.talked and phones and is_outside:
            found.append(Talk(phones[0], row.until - row.talked, row.until))
    return tuple(found)


def _phone(name: str, behind: Mapping[str, str], rules: FoldRules) -> str:
    if kind_of(name, rules) is Kind.LOCAL:
        return behind.get(pair_of(name), "")
    return parts(name)[1] if kind_of(name, rules) is Kind.PHONE else ""


def _behind(rows: Sequence[CdrRow], rules: FoldRules) -> dict[str, str]:
    """Local pair → the phone that one half of it was put through to."""
    return {
        pair_of(row.channel): parts(row.dst_channel)[1]
        for row in rows
        if _kinds(row, rules) == (Kind.LOCAL, Kind.PHONE)
    }
