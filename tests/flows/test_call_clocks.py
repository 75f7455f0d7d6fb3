"""A PBX whose clock is wrong: times are put right, and what it has named by its clock is found by it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.flows.telephony.recordings import recordings
from backend.store.telephony import pbxes
from backend.store.telephony import recordings as store

MIDNIGHT = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)  # in Moscow


@pytest.fixture
def stand(calls):
    return calls


@pytest.mark.parametrize(("ahead", "day"), [(0, "2026/03/02"), (600, "2026/03/03")])
def test_a_recording_lies_in_the_folder_of_the_day_that_the_exchange_had(stand, ahead, day):
    pbxes.note_state(stand.pbx.id, clock_ahead_ms=ahead * 1000)
    call = stand.call("in", at=MIDNIGHT - timedelta(minutes=5), talks=[("101", 5, 60)], recordings=("a.wav",))

    recordings.links(stand.ctx, stand.account.id, call)

    (row,) = store.of_call(stand.account.id, call.uniq)
    assert {name.rpartition("/")[0] for name in row.names} == {day}
