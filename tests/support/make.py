"""Things that tests are about, made in one line each."""

from datetime import UTC, datetime, timedelta
from itertools import count

from backend.core.telephony.call import Call, Miss, Outcome, Ring, Stage, Talk, Way

MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)  # noon in Moscow, in working hours of anybody
CLIENT, TRUNK, DID = "79990001122", "msk", "74951000005"
_numbers = count(1)


def call(way="in", *, rings=None, talks=(), at=MONDAY, lasts=None, pbx_id=1, **more):
    """An ended call, facts as the fold would give them.

    `rings` and `talks` are («101», from, to) in seconds after the beginning, a phone alone rings for ten
    seconds; `lasts` seconds, by default until the last of them. Anything of Call may be given by name.
    """
    way = Way(way)
    talked = tuple(_interval(one) for one in talks)
    rung = tuple(_interval(one) for one in (rings if rings is not None else _before(talked, way)))
    end = lasts if lasts is not None else max([one[2] for one in (*rung, *talked)], default=5)
    answered = {phone for phone, _, _ in talked}
    number = next(_numbers)
    facts = {
        "uniq": f"{pbx_id}:1768208400.{number}", "pbx_id": pbx_id, "way": way, "began_at": at, "trunk": TRUNK,
        "stage": Stage.ENDED, "client": "102" if way is Way.INTERNAL else CLIENT,
        "did": DID if way is Way.IN else "",
        "operator": "101" if way in (Way.OUT, Way.INTERNAL) else "",
        "rings": tuple(
            Ring(p, _at(at, a), _at(at, b), "ANSWER" if p in answered else "NOANSWER") for p, a, b in rung
        ),
        "talks": tuple(Talk(phone, _at(at, a), _at(at, b)) for phone, a, b in talked),
        "ended_at": _at(at, end),
    }  # fmt: skip
    facts["outcome"] = _outcome(way, bool(talked))
    if facts["outcome"] is Outcome.MISSED:
        facts["miss"] = Miss.NOT_ANSWERED if rung else Miss.NOBODY_RUNG
    return Call(**{**facts, **more})


def _interval(given):
    return (given, 0, 10) if isinstance(given, str) else given


def _before(talked, way):
    """Whoever talked was rung before; an outbound call rings nobody of us."""
    return [] if way is Way.OUT else [(phone, max(0, begin - 5), begin) for phone, begin, _ in talked]


def _at(at, seconds):
    return at + timedelta(seconds=seconds)


def _outcome(way, is_answered):
    if way is Way.INTERNAL:
        return Outcome.INTERNAL if is_answered else Outcome.UNREACHED
    if is_answered:
        return Outcome.ANSWERED
    return Outcome.MISSED if way is Way.IN else Outcome.NO_ANSWER
