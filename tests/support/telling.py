"""Calls made of a few words, for tests that need facts and no PBX."""

from datetime import UTC, datetime, timedelta

from backend.core.telephony.call import Call, Outcome, Ring, Stage, Talk, Way

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds, began=BEGAN):
    return began + timedelta(seconds=seconds)


def ended(uniq="1:100.1", way=Way.IN, talks=(), rings=("101",), length=10, **more):
    """An ended call; `talks`: (phone, from second, to second)."""
    began = more.pop("began_at", BEGAN)
    outcome = Outcome.ANSWERED if talks else Outcome.MISSED if way is Way.IN else Outcome.NO_ANSWER
    values = {
        "uniq": uniq, "pbx_id": int(uniq.partition(":")[0]), "way": way, "began_at": began,
        "stage": Stage.ENDED, "trunk": "msk", "client": "79990001122", "ended_at": at(length, began),
        "rings": tuple(Ring(phone, at(0, began), at(1, began), "ANSWER") for phone in rings),
        "talks": tuple(Talk(phone, at(a, began), at(b, began)) for phone, a, b in talks),
        "outcome": outcome, "linked": frozenset({uniq.partition(":")[2]}), **more,
    }  # fmt: skip
    return Call(**values)


def running(uniq="1:100.1", stage=Stage.RINGING, **more):
    more = {"outcome": None, "ended_at": None, **more}
    return ended(uniq, stage=stage, **more)
