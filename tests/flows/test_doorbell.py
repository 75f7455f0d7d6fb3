"""The doorbell: one job waits per lane, and a mark never stands without its job."""

import dataclasses

import pytest
from rq import Queue

from backend import wiring
from backend.store import events, lanes

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def bell(stand):
    ctx = wiring.build_context(stand.ctx.settings)
    lane_id = lanes.lane_id(stand.account.id, lanes.BOOKINGS)
    return ctx, lane_id, Queue(wiring.SYNC_QUEUE, connection=ctx.redis)


def test_a_lane_that_was_rung_is_not_rung_again_until_somebody_comes(bell):
    ctx, lane_id, queue = bell

    for _ in range(3):
        ctx.ring(lane_id)
    assert len(queue) == 1
    ctx.redis.delete(wiring.bell(lane_id))
    ctx.ring(lane_id)

    assert len(queue) == 2


def test_whoever_fails_while_ringing_leaves_no_mark_behind(bell, monkeypatch):
    ctx, lane_id, queue = bell
    with monkeypatch.context() as broken:
        broken.setattr(Queue, "push_job_id", _break)
        with pytest.raises(ConnectionError):
            ctx.ring(lane_id)

    ctx.ring(lane_id)

    assert len(queue) == 1


def test_hook_is_kept_and_answered_while_redis_is_away(stand):
    alone = wiring.build_context(dataclasses.replace(stand.ctx.settings, redis_url=NOBODY))
    stand.app.extensions["mostik"] = dataclasses.replace(stand.ctx, ring=alone.ring)
    body = b"leads[delete][0][id]=1&account[id]=30000001"

    answer = stand.app.test_client().post(f"/hooks/amocrm/{stand.account.hook_secret}", data=body)

    assert answer.status_code == 200
    assert len(events.page(stand.account.id, events.Filters(kind="amocrm.changes"))) == 1


def _break(*_args, **_more):
    raise ConnectionError("cut in the middle")
