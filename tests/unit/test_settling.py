"""How long a change rests, and how long a failed try pauses."""

from datetime import timedelta

import pytest

from backend.core import backoff
from backend.core.rules.options import Settle
from backend.core.salon import Phase
from backend.core.sync import settling

SETTLE = Settle(create=30, edit=10, arrived=120, no_show=300, delete=60)


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        pytest.param(None, Phase.WAITING, 30, id="a new booking"),
        pytest.param(None, Phase.CONFIRMED, 30, id="a new booking that is confirmed"),
        pytest.param(None, Phase.ARRIVED, 120, id="first seen when the client came"),
        pytest.param(None, Phase.CANCELLED, 60, id="first seen when deleted"),
        pytest.param(Phase.WAITING, Phase.WAITING, 10, id="an edit"),
        pytest.param(Phase.WAITING, Phase.CONFIRMED, 10, id="confirmed"),
        pytest.param(Phase.CONFIRMED, Phase.WAITING, 10, id="not confirmed after all"),
        pytest.param(Phase.CONFIRMED, Phase.ARRIVED, 120, id="came"),
        pytest.param(Phase.WAITING, Phase.NO_SHOW, 300, id="missed"),
        pytest.param(Phase.WAITING, Phase.CANCELLED, 60, id="deleted"),
        pytest.param(Phase.CANCELLED, Phase.WAITING, 10, id="restored"),
        pytest.param(Phase.ARRIVED, Phase.ARRIVED, 10, id="an edit after the visit"),
    ],
)
def test_how_long_a_change_rests(before, after, seconds):
    assert settling.seconds(before, after, SETTLE) == seconds


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (9, 512), (10, 600), (11, 600), (1000, 600)]
)
def test_pauses_double_up_to_ten_minutes(tries, seconds):
    assert backoff.pause(tries) == timedelta(seconds=seconds)
