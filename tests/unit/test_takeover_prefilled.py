"""What was measured of a probe before anybody answered it."""

from collections import Counter

import pytest

from backend import texts
from backend.core.takeover import prefilled
from backend.core.takeover.behaviour import Behaviour
from backend.core.takeover.recognition import Kind, Place, Recognition, What

NOBODY = Recognition()


def habits(lags=(), leads=()):
    return Behaviour(lags={(): Counter(dict(lags))}, leads_of_booking={(1,): Counter(dict(leads))})


@pytest.mark.parametrize("kind", [Kind.FIELD, Kind.URL, Kind.NOTE, Kind.TAG])
def test_where_the_number_stands_is_suggested(kind):
    known = Recognition(places=(Place(kind, 7, What.RECORD_ID, share=0.98, count=400),))

    (line,) = prefilled.of(known, habits(), {})["P1"]

    assert line.answers == {"mark": str(kind)}
    assert line.values == {"percent": 98, "n": 400}
    assert texts.has(f"takeover_probes.seen.{line.code}")
    assert texts.has(f"takeover_probes.P1.mark.{kind}")


def test_nothing_is_known_before_there_is_enough():
    assert prefilled.of(NOBODY, habits({"minute": 49}, {"1": 49}), {}) == {}


@pytest.mark.parametrize(
    ("lags", "answer"),
    [
        ({"minute": 95, "day": 5, "before": 500}, "minute"),
        ({"minute": 50, "five": 45, "hour": 5}, "five"),
        ({"five": 50, "hour": 50}, "longer"),
    ],
)
def test_the_lag_of_nine_in_ten_leads_is_suggested(lags, answer):
    lines = prefilled.of(NOBODY, habits(lags), {})["P1"]

    assert [line.answers for line in lines] == [{"mark": "nothing"}, {"lag": answer}]


def test_leads_that_were_there_before_say_nothing_of_the_lag():
    lines = prefilled.of(NOBODY, habits({"before": 500, "minute": 3}), {})["P1"]

    assert [line.code for line in lines] == ["mark_nothing"]


def test_doubles_and_traces_are_told():
    found = prefilled.of(
        Recognition(frozenset({7})), habits(leads={"0": 5, "1": 90, "2": 5}), {"widgets": 3, "users": 4}
    )

    assert found["P23"][0].values == {"n": 5, "none": 5, "of": 100}
    assert found["P25"][0].values == {"widgets": 3, "users": 4, "writers": 1}
