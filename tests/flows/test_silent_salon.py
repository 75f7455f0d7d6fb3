"""A salon that does not answer is not asked once more for every booking of a batch."""

from backend.flows.road import inbox
from backend.store import connections, events, lanes
from tests.support.stand import TVERSKAYA

BOOKINGS = 20


def test_salon_that_does_not_answer_is_asked_once_for_a_whole_batch(stand):
    branch = connections.get(stand.account.id, TVERSKAYA)
    for number in range(1, BOOKINGS + 1):
        events.record(
            stand.now(), account_id=stand.account.id, branch_id=branch.id, lane="bookings",
            subject=f"yclients:{TVERSKAYA}:{number}", source="test", kind="yclients.record",
            dedup_key=str(number), body="{}", settle_seconds=0,
        )  # fmt: skip
    stand.world.yclients.faults("500")
    before = stand.world.yclients.counts()["requests"]

    inbox.drain(stand.ctx, lanes.lane_id(stand.account.id, "bookings"))

    assert stand.world.yclients.counts()["requests"] - before <= 2
    waiting = events.of_subject(stand.account.id, f"yclients:{TVERSKAYA}:{BOOKINGS}")
    assert [event.status for event in waiting] == ["waiting"]
