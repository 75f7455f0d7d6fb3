"""One call told of twice: by a process that was killed and by its successor, by live events and by tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from backend.core.telephony.call import Call, Ring, Source, Stage, Talk, Way
from backend.core.telephony.hearing import results
from backend.core.telephony.hearing.results import Far
from backend.core.telephony.recordings import distinct

CERTAIN = (Way.IN, Way.OUT)


def continued(known: Call, told: Call, since: datetime) -> Call:
    """A call that was known before a break and is told of again from `since` on, by somebody who does not
    know its beginning.
    """
    way = known.way if known.way in CERTAIN else told.way
    call = replace(
        told,
        uniq=known.uniq,
        way=way,
        began_at=min(known.began_at, told.began_at),
        trunk=known.trunk or told.trunk,
        client=known.client or told.client,
        did=known.did or told.did,
        operator=known.operator or told.operator,
        rings=_rings(known.rings, told, since),
        talks=_talks(known.talks, told.talks, since),
        recordings=distinct((*known.recordings, *told.recordings)),
        request_id=known.request_id or told.request_id,
        linked=known.linked | told.linked,
        variables={**told.variables, **known.variables},
        is_incomplete=True,
    )
    return _ended_again(call)


def completed(known: Call, told: Call) -> Call:
    """What the tables tell of a call that was not heard whole; its id and what only live events say stay."""
    is_guess = told.source is Source.CDR is not known.source and bool(known.talks)
    way = told.way if told.way in CERTAIN else known.way
    call = replace(
        told,
        uniq=known.uniq,
        way=way,
        client=told.client or (known.client if known.way is way else ""),
        did=told.did or (known.did if known.way is way else ""),
        rings=known.rings if is_guess else told.rings,
        talks=_talks(known.talks, (), told.ended_at or told.began_at) if is_guess else told.talks,
        recordings=distinct((*known.recordings, *told.recordings)),
        request_id=known.request_id or told.request_id,
        linked=known.linked | told.linked,
        variables={**told.variables, **known.variables},
        tech_cause=told.tech_cause or known.tech_cause,
    )
    return _ended_again(call)


def closed(known: Call, at: datetime) -> Call:
    """A call whose end nobody told: it was over by `at`."""
    call = replace(
        known,
        stage=Stage.ENDED,
        ended_at=known.ended_at or at,
        rings=tuple(ring if ring.ended_at else replace(ring, ended_at=at) for ring in known.rings),
        talks=_talks(known.talks, (), at),
        is_incomplete=True,
    )
    return _ended_again(call)


def _ended_again(call: Call) -> Call:
    """What became of it, by all that is known now."""
    if call.stage is not Stage.ENDED or call.ended_at is None:
        return call
    return results.ended(call, call.ended_at, Far(call.dial_status, call.cause, call.tech_cause))


def _talks(known: Sequence[Talk], told: Sequence[Talk], since: datetime) -> tuple[Talk, ...]:
    """One that went on over the break is one; one that is not told of any more was over by then."""
    went_on = {talk.phone: talk for talk in known if talk.ended_at is None}
    found = [talk for talk in known if talk.ended_at is not None]
    for talk in told:
        before = went_on.pop(talk.phone, None) if talk.began_at <= since else None
        found.append(replace(talk, began_at=before.began_at) if before else talk)
    found += [replace(talk, ended_at=since) for talk in went_on.values()]
    return tuple(sorted(set(found), key=lambda talk: (talk.began_at, talk.phone)))


def _rings(known: Sequence[Ring], told: Call, since: datetime) -> tuple[Ring, ...]:
    ringing = {ring.phone: ring for ring in told.rings}
    found = [ring for ring in known if ring.ended_at or ring.phone in ringing]
    for ring in (one for one in known if not one.ended_at and one.phone not in ringing):
        status = "ANSWER" if ring.phone in told.talked else ring.status
        found.append(replace(ring, ended_at=since, status=status))
    still = {ring.phone: ring.began_at for ring in found if not ring.ended_at}
    new = [replace(ring, began_at=still.get(ring.phone, ring.began_at)) for ring in told.rings]
    return _in_order((*(ring for ring in found if ring.ended_at), *new))


def _in_order(rings: Iterable[Ring]) -> tuple[Ring, ...]:
    return tuple(sorted(set(rings), key=lambda ring: (ring.began_at, ring.phone)))
