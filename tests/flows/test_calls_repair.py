"""What a break hid comes from the PBX's own tables, in each kind of database, and no call comes twice."""

from datetime import timedelta

import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.flows.telephony.hearing import repair, table_rounds
from backend.store import lanes
from backend.store.telephony import pbxes, readings
from tests.support.call_fixtures import stand
from tests.support.played import NIGHT, PLAYED, connected, hear, rows, told

__all__ = ["stand"]


def test_calls_that_nobody_heard_are_added_once(stand, played):
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    played.play("inbound-answered")
    played.play("transfer-attended")

    first = repair.run(stand.ctx, pbx)
    second = repair.run(stand.ctx, pbx)

    assert (len(first.added), first.completed, second.added, second.completed) == (2, [], [], [])
    assert [row.call.talked for row in rows(stand)] == [("101",), ("101", "102")]
    assert all(row.state == "ended" and row.source == "cel" and row.call.recordings for row in rows(stand))
    assert len(told(stand)) == 2


def test_what_was_there_before_the_first_look_stays_there(stand, played):
    played.play("inbound-answered")
    pbx = connected(stand, played.address)

    assert repair.run(stand.ctx, pbx).added == []
    assert repair.run(stand.ctx, pbx).added == []


def test_a_call_that_was_heard_is_left_as_it_is(stand, played):
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    hear(stand, pbx, "pickup")
    played.play("pickup")

    repaired = repair.run(stand.ctx, pbx)

    assert (repaired.found, repaired.added, repaired.completed) == (1, [], [])
    (row,) = rows(stand)
    assert (row.source, row.is_incomplete) == ("ami", False)
    assert len(told(stand)) == 1


def test_a_call_cut_off_by_a_break_is_completed(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    assert (rows(stand)[0].state, told(stand)) == ("open", [])

    file_tables.play("transfer-blind")
    repaired = repair.run(stand.ctx, pbx)

    (row,) = rows(stand)
    assert repaired.completed == [row.uniq]
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", False)
    assert row.call.talked == ("101", "102")
    assert len(told(stand)) == 1


def test_a_wrong_clock_is_put_right_in_what_is_heard_and_in_the_tables_alike(stand, played):
    """Two hours: more than a call takes, so one that was put right alone would be another one."""
    wrong = timedelta(hours=2)
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    pbxes.note_state(pbx.id, clock_ahead_ms=wrong // timedelta(milliseconds=1))
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer", ahead=wrong)
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    began = rows(stand)[0].began_at
    played.play("transfer-blind")
    played.play("inbound-answered")

    repaired = repair.run(stand.ctx, pbx)

    by_uniq = {row.uniq: row for row in rows(stand)}
    (completed,), (added,) = repaired.completed, repaired.added
    row = by_uniq[completed]
    assert len(by_uniq) == 2
    assert abs(row.began_at - began) < timedelta(seconds=0.5)
    assert (row.call.talked, row.is_incomplete) == (("101", "102"), False)
    assert row.call.ended_at - row.call.began_at < timedelta(minutes=1)
    assert abs(by_uniq[added].began_at + wrong - PLAYED) < timedelta(hours=1)
    again = repair.run(stand.ctx, pbx, began - timedelta(minutes=1), began + timedelta(minutes=1))
    assert again.found
    assert not again.added


def test_a_call_that_no_table_tells_of_does_not_wait_for_ever(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    live, heard = hear(stand, pbx, "inbound-answered", until="Hangup")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))

    assert repair.run(stand.ctx, pbx).closed == []
    stand.pass_time(repair.PATIENCE.total_seconds() + 1)
    assert len(repair.run(stand.ctx, pbx).closed) == 1
    (row,) = rows(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)
    assert len(told(stand)) == 1


def test_tables_that_come_back_late_still_complete_such_a_call(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    stand.pass_time(repair.PATIENCE.total_seconds() + 1)
    repair.run(stand.ctx, pbx)
    file_tables.play("transfer-blind")
    repair.run(stand.ctx, pbx)

    (row,) = rows(stand)
    assert (row.call.talked, row.is_incomplete) == (("101", "102"), False)
    assert len(told(stand)) == 2


def test_tables_that_are_away_are_a_trouble_and_no_call_is_lost(stand, tmp_path):
    pbx = connected(stand, f"sqlite:///{tmp_path / 'nothing.db'}")
    live, heard = hear(stand, pbx, "inbound-answered", until="Hangup")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))

    with pytest.raises(TryLater):
        repair.run(stand.ctx, pbx)
    assert readings.of(pbx.id).trouble == "tables.unreachable"
    stand.pass_time(repair.GIVES_UP.total_seconds() + 1)
    with pytest.raises(TryLater):
        repair.run(stand.ctx, pbx)
    assert [row.state for row in rows(stand)] == ["ended"]


def test_calls_of_a_pbx_that_was_switched_off_do_not_go_on_for_ever(stand):
    hear(stand, stand.pbx, "inbound-answered", until="BridgeLeave")
    stand.pass_time(7200)
    assert table_rounds.close_abandoned(stand.ctx) == 0

    pbxes.remove(stand.pbx.id)
    assert table_rounds.close_abandoned(stand.ctx) == 1
    (row,) = rows(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)


def test_a_period_is_read_again_and_decided_again(stand, file_tables):
    file_tables.play("inbound-answered")
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    hear(stand, pbx, "queue-answered")
    assert len(told(stand)) == 1

    table_rounds.order(stand.ctx, pbx, PLAYED, PLAYED + timedelta(hours=1))
    stand.work()

    assert [row.source for row in rows(stand)] == ["cel", "ami"]
    uniqs = [key.partition(":ended")[0] for key in told(stand)]
    assert sorted(uniqs.count(row.uniq) for row in rows(stand)) == [1, 2]


def test_a_senseless_period_is_refused(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    for until in (PLAYED, PLAYED + timedelta(days=400)):
        with pytest.raises(InvalidInput, match=r"tables\.period"):
            table_rounds.order(stand.ctx, pbx, PLAYED, until)


def test_each_night_the_day_before_is_compared_once(stand, file_tables, monkeypatch):
    pbx = connected(stand, file_tables.address)
    lane = lanes.lane_id(stand.account.id, table_rounds.LANE)
    now = (PLAYED + timedelta(days=1)).replace(hour=3)
    object.__setattr__(stand.ctx, "now", lambda: now)
    file_tables.play("inbound-missed-timeout")

    assert table_rounds.run(stand.ctx, lane) == 0
    assert table_rounds.run(stand.ctx, lane) == 0
    (found,) = readings.comparisons(pbx.id)
    assert (found.report["calls"], found.report["n_added"]) == (1, 1)
    assert rows(stand)[0].outcome == "missed"
